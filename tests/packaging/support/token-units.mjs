// Units of a local network with a token, behind a port. They can fail as a test says.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { jwk } from '../../js/support/key.mjs'
import { aoxide, root, subpath } from '../../js/support/package.mjs'
import { HOST, bodyOf, close, listen } from './units.mjs'

export const TOKEN_MODULE = `${root}target/token-process/token_process.wasm`

const MODULE = 'module-of-the-token-behind-a-port-00000000A'

/**
 * `state` is how requests end: `'good'`; `'down'`, the connection breaks before the request arrives; `'deaf'`, messages arrive,
 * and the connection breaks before the response. `posted` is the number of messages that arrived.
 */
export async function startTokenUnits() {
  const { createLocalNetwork } = await subpath('local')
  const network = await createLocalNetwork({ modules: { [MODULE]: readFileSync(TOKEN_MODULE) } })
  const ao = aoxide.connect({ MODE: 'local', network })
  const signer = aoxide.createSigner(jwk)
  const tagsOf = (object) => Object.entries(object).map(([name, value]) => ({ name, value }))
  const tags = tagsOf({ Name: 'Unit Coin', Ticker: 'UNIT', Denomination: '2', Supply: '100000' })
  const token = await ao.spawn({ module: MODULE, signer, tags })

  const units = { token, state: 'good', posted: 0 }
  const server = createServer(async (request, response) => {
    const { method, url: path } = request
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const body = new Uint8Array(await bodyOf(request))
    if (units.state === 'down') return request.socket.destroy()
    const isMessage = method === 'POST' && path.startsWith('/mu')
    const answer = await network.answer({ method, path, headers, body })
    if (isMessage) units.posted++
    if (isMessage && units.state === 'deaf') return request.socket.destroy()
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  const url = `http://${HOST}:${await listen(server)}`
  /** Variables for the build of the example. */
  units.env = { VITE_TOKEN: token, VITE_MU_URL: `${url}/mu`, VITE_CU_URL: `${url}/cu` }
  /** Transfers behind the back of the page. */
  units.transfer = (Recipient, Quantity) =>
    ao.send({ process: token, signer, tags: tagsOf({ Action: 'Transfer', Recipient, Quantity }) })
  units.stop = async () => {
    await close(server)
    await network.close()
  }
  return units
}
