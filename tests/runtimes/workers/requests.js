// A Cloudflare Worker whose requests share a client and a local network. Each path runs one call.
import { AoError, connect, createSigner, load } from 'aoxide'
import { loadModule } from 'aoxide/compute'
import { createLocalNetwork } from 'aoxide/local'
import { fixtures } from './fixtures.mjs'

const { module: counter, jwk } = fixtures
const signer = createSigner(jwk)
const process = 'P'.repeat(42) + 'A'
const MODULE = 'M'.repeat(42) + 'A'

let client
let network

/** The client of all requests. */
const shared = ({ UNIT }) =>
  (client ??= connect({ MU_URL: UNIT, CU_URL: UNIT, retry: { attempts: 2, backoff: 10, statuses: [503] } }))
const local = () =>
  connect({ MODE: 'local', network: (network ??= createLocalNetwork({ modules: { [MODULE]: counter } })) })

const CALLS = {
  message: ({ data }, env) => shared(env).message({ process, signer, data }),
  result: async ({ message }, env) => (await shared(env).result({ process, message })).Output.data,
  late: ({ message }, env) => shared(env).result({ process, message, timeout: 50 }),
  spawn: () => local().spawn({ module: MODULE, signer }),
  increment: async ({ process }) => {
    const ao = local()
    const message = await ao.message({ process, signer, tags: [{ name: 'Action', value: 'Increment' }] })
    return (await ao.result({ process, message })).Output.data
  },
  engine: async () => (await loadModule(counter)).engine,
  'local native': () => createLocalNetwork({ engine: 'native' }),
  'load bytes': () => load({ module: new Uint8Array(8) })
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    try {
      return Response.json(await CALLS[decodeURIComponent(pathname.slice(1))](Object.fromEntries(searchParams), env))
    } catch (error) {
      const { code, message, stack } = error
      return Response.json(error instanceof AoError ? { code, message } : { stack }, { status: 500 })
    }
  }
}
