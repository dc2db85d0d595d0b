// The package in workerd, the runtime of Cloudflare Workers, bundled as wrangler bundles.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startEchoUnits } from '../packaging/support/units.mjs'
import { install } from './support/install.mjs'
import { assertReport } from './support/process.mjs'
import { CAPABILITIES } from './support/program.mjs'
import { bundle, SETTINGS, withWorker } from './support/workerd.mjs'

let app
before(async () => {
  app = await install()
  for (const name of ['program', 'client'])
    app.write(`${name}.js`, readFileSync(new URL(`workers/${name}.js`, import.meta.url)))
})
after(() => app?.remove())

/** There are no workers within a worker, and process modules run on the interpreter only. */
const IMPOSSIBLE = CAPABILITIES.filter((name) => /in a worker|(compute|module) native/.test(name))

describe('the package in workerd', () => {
  let program
  let units
  before(async () => {
    program = await bundle(app.home, 'program.js')
    units = await startEchoUnits()
  })
  after(() => units?.stop())

  for (const [title, settings] of Object.entries(SETTINGS))
    test(`${title}, every capability works that the runtime allows`, () =>
      withWorker(program, { ...settings, bindings: { UNIT: units.url } }, async (call) => {
        const query = IMPOSSIBLE.map((name) => `except=${encodeURIComponent(name)}`).join('&')
        const possible = CAPABILITIES.filter((name) => !IMPOSSIBLE.includes(name))
        await assertReport(JSON.stringify(await call(`?${query}`)), possible)
      }))
})

describe('the bundle of a worker', () => {
  /** Gzipped bytes that Cloudflare accepts on its free plan. */
  const LIMIT = 3_000_000

  for (const [entry, artefacts] of Object.entries({
    aoxide: ['client', 'rsa', 'signatures'],
    'aoxide/ans104': ['bundle', 'client', 'rsa', 'signatures'],
    'aoxide/httpsig': ['httpsig', 'rsa'],
    'aoxide/compute': ['compute-wasmi'],
    'aoxide/local': ['httpsig', 'local-wasmi', 'rsa', 'signatures'],
    'aoxide/verify': ['verify-wasmi'],
    // The bytes of the Lua module are in a script.
    'aoxide/lua': []
  }))
    test(`with ${entry} has ${artefacts.join(' and ') || 'no module'}`, async () => {
      const name = `only-${entry.replace('/', '-')}.js`
      app.write(
        name,
        `import * as entry from '${entry}'\nexport default { fetch: () => Response.json(Object.keys(entry)) }\n`
      )
      const { modules, gzip } = await bundle(app.home, name)
      assert.deepEqual(modules.toSorted(), [...artefacts.map((artefact) => `${artefact}.wasm`), 'worker.js'])
      const size = Object.values(gzip).reduce((sum, bytes) => sum + bytes)
      assert.ok(size < LIMIT, `${size} bytes`)
    })

  test('with the client only says which import is missing', async () => {
    const client = await bundle(app.home, 'client.js')
    assert.deepEqual(client.modules.toSorted(), ['client.wasm', 'rsa.wasm', 'signatures.wasm', 'worker.js'])
    await withWorker(client, SETTINGS['with nodejs_compat'], async (call) => {
      for (const [path, missing] of [
        ['request', 'aoxide/httpsig'],
        ['local', 'aoxide/local']
      ]) {
        const { code, message } = await call(path)
        assert.equal(code, 'UNSUPPORTED')
        assert.match(message, new RegExp(`import '${missing}'`))
      }
    })
  })

  test('without the condition workerd rejects with UNSUPPORTED', async () => {
    app.write(
      'default.js',
      `import { deepHash } from 'aoxide/ans104'
import { loadModule } from 'aoxide/compute'
import { createLocalNetwork } from 'aoxide/local'
import { fixtures } from './fixtures.mjs'
const calls = [() => deepHash('text'), () => loadModule(fixtures.module), () => createLocalNetwork()]
const codeOf = (call) => call().then(() => 'none', ({ name, code }) => name + ' ' + code)
export default { fetch: async () => Response.json(await Promise.all(calls.map(codeOf))) }
`
    )
    const { modules, ...bundled } = await bundle(app.home, 'default.js', ['worker', 'browser'])
    assert.deepEqual(modules, ['worker.js'])
    await withWorker({ ...bundled, modules }, SETTINGS['with nodejs_compat'], async (call) =>
      assert.deepEqual(await call(''), Array(3).fill('AoError UNSUPPORTED'))
    )
  })
})
