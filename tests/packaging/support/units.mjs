// A messenger unit and a compute unit that answer every message with its content, and record the items.
import { createServer } from 'node:http'
import { decode, idOf } from '../../js/support/peers.mjs'

export const HOST = '127.0.0.1'

export const listen = (server) =>
  new Promise((resolve, reject) => server.once('error', reject).listen(0, HOST, () => resolve(server.address().port)))

export const close = (server) => {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}

export async function bodyOf(request) {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces)
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'content-type': 'application/json'
}

/** `items` are the bytes of the posted items; `requests` is `METHOD /path` of every request. */
export async function startEchoUnits() {
  const items = []
  const requests = []

  const send = (raw) => {
    items.push(raw)
    return { id: idOf(raw), message: 'Processing DataItem' }
  }
  const result = (id) => {
    const { data } = decode(items.find((raw) => idOf(raw) === id))
    return { Messages: [], Spawns: [], Output: { data: `echo: ${Buffer.from(data, 'hex')}` } }
  }

  /** Also usable behind another server: the path starts at the root of the unit. */
  const answer = async (request, response) => {
    const body = await bodyOf(request)
    if (request.method === 'OPTIONS') return response.writeHead(204, CORS).end()
    requests.push(`${request.method} ${request.url}`)
    try {
      const [, id] = /^\/result\/([\w-]+)/.exec(request.url) ?? []
      response.writeHead(200, CORS).end(JSON.stringify(id ? result(id) : send(body)))
    } catch (error) {
      response.writeHead(400, CORS).end(JSON.stringify({ error: error.message }))
    }
  }

  const server = createServer(answer)
  const url = `http://${HOST}:${await listen(server)}`
  return { url, items, requests, answer, stop: () => close(server) }
}
