// Test servers that are unreachable or not ready.
import { createServer } from 'node:http'

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

/** A closed port. */
export async function closedPort() {
  const server = createServer()
  await listen(server)
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Responds 503 to the first `refusals` requests, then forwards to the unit at `url`. */
export async function startReluctantUnit(url, refusals) {
  let left = refusals
  const server = createServer(async (request, response) => {
    const headers = { 'access-control-allow-origin': '*', 'content-type': 'application/json' }
    if (left-- > 0) return response.writeHead(503, headers).end('{"error":"not evaluated yet"}')
    const answer = await fetch(url + request.url)
    response.writeHead(answer.status, headers).end(await answer.text())
  })
  await listen(server)
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}
