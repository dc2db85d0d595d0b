// The playground on http://127.0.0.1: www/ at /, the built package at /pkg/, and where the AO units are at /units.json.
//
//   import { startServer } from '…/xtask/scripts/serve.mjs'
//   const { url, units, stop } = await startServer({ port: 0 })       // public: true → no units, /units.json is a 404
//
//   node xtask/scripts/serve.mjs [--port 8080] [--public]
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import sirv from 'sirv'
import { isMain, untilStopped } from './cli.mjs'
import { startUnits } from './units.mjs'

const HOST = '127.0.0.1'

const folder = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Starts the server, and the units unless `public`; `units` takes running ones instead. */
export async function startServer({ port = 8080, public: isPublic = false, units: running } = {}) {
  // Files are read on every request: an edit shows on reload.
  const page = sirv(folder('www'), { dev: true })
  const pkg = sirv(folder('pkg'), { dev: true })
  let unitsJson

  const server = createServer((request, response) => {
    const missing = () => response.writeHead(404).end(`there is no ${request.url}\n`)
    const [pathname] = request.url.split('?')
    if (pathname === '/units.json') {
      if (unitsJson === undefined) return missing()
      return response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(unitsJson)
    }
    if (pathname.startsWith('/pkg/')) {
      request.url = request.url.slice('/pkg'.length)
      return pkg(request, response, missing)
    }
    page(request, response, missing)
  })

  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, resolve)
  }).catch((error) => {
    if (error.code === 'EADDRINUSE') throw new Error(`port ${port} is in use; choose another with --port`)
    throw error
  })

  let units
  try {
    units = isPublic ? undefined : (running ?? (await startUnits()))
  } catch (error) {
    server.close()
    throw error
  }
  if (units) unitsJson = JSON.stringify(units)

  return {
    url: `http://${HOST}:${server.address().port}/`,
    units,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (!running) await units?.stop()
    }
  }
}

if (isMain(import.meta.url)) {
  await untilStopped(async (options) => {
    const { url, units, stop } = await startServer(options)
    console.log(`\n  ${url}\n`)
    console.log(units ? `  AO units: ${units.gateway} and the four ports after it` : '  talking to public AO')
    console.log('  Ctrl-C stops')
    return stop
  })
}
