// Contestants: `{ boot(bytes, module), handle(message), dryrun(message) }`. This file also runs on pages.
import { environment, evaluation, spawned } from '../../tests/js/support/aos.mjs'

/** aoxide/compute, with an engine of the name. */
export function aoxide(loadModule, { engine, worker }) {
  let module
  let process
  const load = async (bytes) => (module = await loadModule(bytes, { engine, worker }))
  return {
    /** The engine that runs such a module; a package that does not offer the one asked for has another. */
    async engine(bytes) {
      await load(bytes)
      const { engine } = module
      await module.close()
      return engine
    },
    async boot(bytes) {
      await module?.close()
      await load(bytes)
      process = await module.instantiate(environment)
      await process.handle(spawned)
    },
    handle: (message) => process.handle(message),
    dryrun: (message) => process.dryrun(message),
    snapshot: () => process.snapshot(),
    checkpoint: () => process.checkpoint(),
    /** So many processes of one module, each of which has done something. */
    async crowd(bytes, count) {
      await load(bytes)
      const processes = []
      while (processes.length < count) {
        const one = await module.instantiate(environment)
        await one.handle(spawned)
        await one.handle(evaluation('Counter = 1'))
        processes.push(one)
      }
      return processes
    }
  }
}

/** A contestant whose `boot` and `evaluate` give their milliseconds, by a clock that nobody has changed. */
export function timed(player, now) {
  /** One evaluation, which must not fail, and must answer so, where one knows. */
  async function evaluate(verb, lua, answer) {
    const began = now()
    const { Error: failure, Output } = await player[verb](evaluation(lua))
    const time = now() - began
    const said = String(Output?.data?.output ?? Output?.data)
    if (failure || said !== String(answer ?? said))
      throw new Error(`${lua} was answered with ${said}; ${JSON.stringify(failure)}`)
    return time
  }

  return {
    ...player,
    evaluate,
    /** From the bytes to the answer of the first Eval. */
    async boot(bytes, module) {
      const began = now()
      await player.boot(bytes, module)
      await evaluate('handle', 'Counter = 0 return Counter', 0)
      return now() - began
    }
  }
}
