// An HTTP server for one test.
import { once } from 'node:events'
import { createServer } from 'node:http'

/** Starts a server on a free port, runs `use(url)`, and stops the server. `listener` gets the requests. */
export async function withServer(listener, use) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`http://127.0.0.1:${server.address().port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
