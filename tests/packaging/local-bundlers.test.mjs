// Builds the local network with unconfigured bundlers. On the page, the network starts a worker. In the page's worker, it
// runs in place.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { installCounting } from './support/app.mjs'
import { withEsbuild, withVite, withWebpack } from './support/bundle.mjs'
import { startSite } from './support/site.mjs'
import { surround } from './support/surroundings.mjs'
import { answerAt } from './support/visit.mjs'

describe('the local network through bundlers', { timeout: 300_000 }, () => {
  const surroundings = surround()

  async function check(name, bundle, [source, built]) {
    const app = await installCounting('local', name, source)
    await bundle(app)
    const site = await startSite(app.home + built)
    try {
      assert.equal(await answerAt(surroundings.browser, site.url), 'in a worker, 42')
      assert.equal(
        await answerAt(surroundings.browser, `${site.url}?worker`),
        'DedicatedWorkerGlobalScope: in place, 42'
      )
    } finally {
      await site.stop()
    }
  }

  test('works in a Vite build', () => check('vite', withVite, ['/public', '/dist']))
  test('works in a webpack build', () => check('webpack', withWebpack, ['', '']))
  test('works in an esbuild build', () => check('esbuild', (app) => withEsbuild(app, { splitting: true }), ['', '']))
})
