// The first example of the README, pasted into an empty folder as a new user would do it, in Node.js and on a page. It makes no
// request to a network: in the tests such a request fails. Deno and Bun run it in tests/runtimes.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { blocksOf } from '../js/support/documents.mjs'
import { root } from '../js/support/package.mjs'
import { browserNames } from '../page/driver.mjs'
import { install, runIn } from './support/app.mjs'
import { surroundWithSite } from './support/surroundings.mjs'
import { visit } from './support/visit.mjs'

const { code } = blocksOf('README.md').find(({ name }) => name === 'first-example')

let app
before(async () => {
  mkdirSync(`${root}target/packaging/empty`, { recursive: true })
  app = await install('target/packaging/empty', 'first-example')
  rmSync(`${root}target/packaging/empty`, { recursive: true })
  app.write('first.mjs', code)
  app.write('offline.mjs', "globalThis.fetch = async (url) => { throw new Error('offline: ' + url) }\n")
  const map = { imports: { aoxide: './node_modules/aoxide/index.js' } }
  app.write(
    'index.html',
    `<!doctype html><title>waiting</title><link rel="icon" href="data:," />
<script type="importmap">${JSON.stringify(map)}</script>
<script>console.log = (text) => (document.title = text)</script>
<script type="module">${code}</script>`
  )
})

test('the first example of the README prints 1 in Node.js, without a network', async () => {
  const { stdout } = await runIn(app.home, process.execPath, ['--import', './offline.mjs', 'first.mjs'])
  assert.equal(stdout, '1\n')
})

for (const name of browserNames)
  describe(`the first example of the README on a page in ${name}`, () => {
    const around = surroundWithSite(name, () => app)

    test('shows 1, and requests files of the page only', async () => {
      const { page, faults, close } = await visit(around.browser, around.site.url)
      await page.waitForFunction(() => document.title !== 'waiting')
      assert.equal(await page.title(), '1')
      const requested = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
      assert.ok(
        requested.some((url) => url.endsWith('/wasm/lua.bytes.js')),
        requested.join('\n')
      )
      const elsewhere = requested.filter((url) => !url.startsWith(around.site.url) && !/^(data|blob):/.test(url))
      assert.deepEqual(elsewhere, [])
      assert.deepEqual(faults, [])
      await close()
    })
  })
