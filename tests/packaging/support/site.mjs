// Serves a folder at http://127.0.0.1.
import { createServer } from 'node:http'
import sirv from 'sirv'
import { HOST, close, listen } from './units.mjs'

/**
 * `headers` are set on every response; `requests` are the requested paths. The server is a proxy, too: for every host name
 * it serves this folder, `units` (startEchoUnits()) under /units/, and at /echo the headers of the
 * request.
 */
export async function startSite(folder, { headers = {}, units } = {}) {
  const files = sirv(folder, {
    dev: true,
    setHeaders: (response) => response.setHeaders(new Map(Object.entries(headers)))
  })
  const requests = []
  const server = createServer((request, response) => {
    request.url = request.url.replace(/^http:\/\/[^/]+/, '')
    if (units && request.url.startsWith('/units/')) {
      request.url = request.url.slice('/units'.length)
      return units.answer(request, response)
    }
    if (request.url === '/echo') return response.end(JSON.stringify(request.headers))
    requests.push(request.url.split('?')[0])
    files(request, response, () => response.writeHead(404).end(`there is no ${request.url}\n`))
  })
  const address = `${HOST}:${await listen(server)}`
  return { url: `http://${address}/`, proxy: address, requests, stop: () => close(server) }
}
