// A Cloudflare Worker with the client only.
import { AoError, connect, createSigner, load } from 'aoxide'
import module from 'aoxide/aoxide.wasm'
import { fixtures } from './fixtures.mjs'

// Workers were written like this before the package had entries for workerd.
await load({ module })

const signer = createSigner(fixtures.jwk)
const URL = 'http://node.invalid'

const CALLS = {
  request: () =>
    connect({ MODE: 'mainnet', URL, signer, dialect: '2025-11' }).request({ path: '/~meta@1.0/info', note: 'hello' }),
  local: () => connect({ MODE: 'local' }).getLastSlot({ process: 'P'.repeat(42) + 'A' })
}

export default {
  async fetch(request) {
    try {
      return Response.json(await CALLS[request.url.split('/').at(-1)]())
    } catch (error) {
      const { code, message, stack } = error
      return Response.json(error instanceof AoError ? { code, message } : { stack }, { status: 500 })
    }
  }
}
