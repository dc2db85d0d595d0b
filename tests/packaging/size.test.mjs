// Limits of download sizes, and checks that a bundle contains only what is imported.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { build } from 'esbuild'
import { install } from './support/app.mjs'
import { contains } from './support/check.mjs'
import { ARTEFACT_BUDGETS, BUDGET, bundledPage, gzipOf, plainPage } from './support/sizes.mjs'
import { surround } from './support/surroundings.mjs'

describe('a page that connects, sends and reads', () => {
  const surroundings = surround()

  for (const [what, measure] of Object.entries({ 'without a bundler': plainPage, 'minified by esbuild': bundledPage }))
    test(`${what} downloads at most ${BUDGET.gzip} bytes as gzip and ${BUDGET.brotli} as Brotli`, async (t) => {
      const { files, sum } = await measure(surroundings)
      const lines = Object.entries(files).map(([name, { raw, gzip }]) => `${name}: ${raw}, ${gzip} as gzip`)
      t.diagnostic(`${sum.gzip} bytes as gzip, ${sum.brotli} as brotli, ${sum.raw} raw`)
      // Fewer bytes would mean that the modules were not counted.
      assert.ok(sum.gzip > 50_000, lines.join('\n'))
      for (const [form, most] of Object.entries(BUDGET))
        assert.ok(sum[form] <= most, `${sum[form]} bytes as ${form}:\n${lines.join('\n')}`)
    })
})

describe('tree shaking', () => {
  let app
  before(async () => {
    app = await install('examples/esbuild', 'shaken')
  })

  async function bundle(source) {
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: app.home },
      write: false,
      format: 'esm',
      bundle: true,
      minify: true
    })
    return outputFiles[0].text
  }

  for (const source of [
    "export { AoError } from 'aoxide'",
    "export { serializeCron } from 'aoxide'",
    "import { connect, message } from 'aoxide'\nimport { DataItem } from 'aoxide/ans104'\nimport { loadModule } from 'aoxide/compute'\nimport { decodeReply } from 'aoxide/httpsig'\nimport { createLocalNetwork } from 'aoxide/local'\nimport { luaModule } from 'aoxide/lua'"
  ])
    test(`${source.replaceAll('\n', '; ')}: the bundle has no WebAssembly`, async () => {
      const text = await bundle(source)
      for (const module of [
        'client',
        'rsa',
        'signatures',
        'bundle',
        'compute',
        'compute-wasmi',
        'httpsig',
        'local',
        'local-wasmi',
        'lua',
        'verify',
        'verify-wasmi'
      ])
        assert.ok(!contains(app, text, module), module)
      assert.ok(text.length < 2_000, `${text.length} bytes: ${text.slice(0, 2000)}`)
    })

  test('importing the client does not bundle the compute engine', async () => {
    const text = await bundle("export { message, createSigner } from 'aoxide'")
    assert.ok(!contains(app, text, 'compute') && !text.includes('ComputeModule'))
  })

  test('a module that is used is in the bundle', async () => {
    assert.ok(contains(app, await bundle("export { message } from 'aoxide'"), 'client'))
  })
})

for (const [name, most] of Object.entries(ARTEFACT_BUDGETS))
  test(`${name}.wasm has at most ${most / 1000} KB as gzip`, async (t) => {
    const app = await install('examples/esbuild', 'artefact-sizes')
    const bytes = readFileSync(`${app.home}/node_modules/aoxide/wasm/${name}.wasm`)
    const gzip = gzipOf(bytes)
    t.diagnostic(`${gzip} bytes as gzip, ${bytes.length} raw`)
    assert.ok(gzip <= most, `${gzip} bytes`)
  })
