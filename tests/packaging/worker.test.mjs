// The package inside a page's own module worker: plain, and through bundlers that were told nothing about it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import webpack from 'webpack'
import { launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { assertWithoutRsa, checkSite } from './support/check.mjs'
import { startEchoUnits } from './support/units.mjs'

describe('a module worker', () => {
  let units
  let browser
  before(async () => {
    units = await startEchoUnits()
    browser = await launch('chromium')
  })
  after(async () => {
    await browser?.close()
    await units?.stop()
  })

  async function check(app, folder) {
    const { shown, files } = await checkSite(app, folder, { browser, units })
    assert.match(shown, /^DedicatedWorkerGlobalScope /)
    return files
  }

  test('without a bundler', async () => {
    const app = await install('tests/packaging/worker', 'worker-plain')
    // Import maps do not reach into workers.
    app.write('worker.js', app.read('worker.js').replace("'aoxide'", "'./node_modules/aoxide/index.js'"))
    assertWithoutRsa(app, '', await check(app, ''))
  })

  test('with Vite', async () => {
    const app = await install('tests/packaging/worker', 'worker-vite')
    await vite({ root: app.home, logLevel: 'error' })
    await check(app, '/dist')
  })

  test('with webpack', async () => {
    const app = await install('tests/packaging/worker', 'worker-webpack')
    const stats = await new Promise((resolve, reject) =>
      webpack(
        { mode: 'production', context: app.home, entry: './main.js', output: { path: `${app.home}/dist` } },
        (error, result) => (error ? reject(error) : resolve(result))
      )
    )
    assert.ok(!stats.hasErrors(), stats.toString())
    app.write('index.html', app.read('index.html').replace('./main.js', './dist/main.js'))
    assertWithoutRsa(app, '', await check(app, ''))
  })

  test('with esbuild, to which a worker is an entry of its own', async () => {
    const app = await install('tests/packaging/worker', 'worker-esbuild')
    await esbuild({
      entryPoints: [`${app.home}/main.js`, `${app.home}/worker.js`],
      outdir: `${app.home}/dist`,
      format: 'esm',
      bundle: true,
      splitting: true,
      minify: true
    })
    app.write('dist/index.html', app.read('index.html'))
    assertWithoutRsa(app, 'dist', await check(app, '/dist'))
  })
})
