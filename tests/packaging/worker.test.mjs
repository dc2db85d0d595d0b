// The package in a module worker of the page: without a bundler, and built with unconfigured bundlers.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { install } from './support/app.mjs'
import { withEsbuild, withVite, withWebpack } from './support/bundle.mjs'
import { assertWithoutRsa, checkSite } from './support/check.mjs'
import { surround } from './support/surroundings.mjs'

describe('the package in a module worker', () => {
  const surroundings = surround()

  async function check(app, folder) {
    const { shown, files } = await checkSite(app, folder, surroundings)
    assert.match(shown, /^DedicatedWorkerGlobalScope /)
    return files
  }

  test('works without a bundler', async () => {
    const app = await install('tests/packaging/worker', 'worker-plain')
    // Import maps do not apply to workers.
    app.write('worker.js', app.read('worker.js').replace("'aoxide'", "'./node_modules/aoxide/index.js'"))
    assertWithoutRsa(app, '', await check(app, ''))
  })

  test('works in a Vite build', async () => {
    const app = await install('tests/packaging/worker', 'worker-vite')
    await withVite(app)
    await check(app, '/dist')
  })

  test('works in a webpack build', async () => {
    const app = await install('tests/packaging/worker', 'worker-webpack')
    await withWebpack(app)
    assertWithoutRsa(app, '', await check(app, ''))
  })

  test('works in an esbuild build, where the worker is its own entry', async () => {
    const app = await install('tests/packaging/worker', 'worker-esbuild')
    await withEsbuild(app, { splitting: true })
    assertWithoutRsa(app, '', await check(app, ''))
  })
})
