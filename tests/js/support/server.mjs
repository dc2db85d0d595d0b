// A server for one test.
import { once } from 'node:events'
import { createServer } from 'node:http'

/** Runs `use(url)` while a server listens. `listener` gets the requests. */
export async function serving(listener, use) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`http://127.0.0.1:${server.address().port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
