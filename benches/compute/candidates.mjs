// Contestants: `{ boot(bytes, module), handle(message), dryrun(message) }`. Pages import this file too.
import { environment, evaluation, spawned } from '../../tests/js/support/aos.mjs'

/** aoxide/compute, on an engine. */
export function aoxide(loadModule, { engine, worker }) {
  let module
  let process
  const load = async (bytes) => (module = await loadModule(bytes, { engine, worker }))
  return {
    /**
     * Returns the name of the engine that runs the module. It differs from the chosen one if the package does not have that
     * one.
     */
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
    /** Creates `count` processes of one module. Each evaluates a message. */
    async processes(bytes, count) {
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

/** A candidate whose `boot` and `evaluate` return milliseconds. `now` is the clock, taken before ao-loader replaced it. */
export function timed(candidate, now) {
  /** Evaluates a message. Throws if the evaluation fails, or if its output is not `answer`, where that is given. */
  async function evaluate(verb, lua, answer) {
    const began = now()
    const { Error: failure, Output } = await candidate[verb](evaluation(lua))
    const time = now() - began
    const said = String(Output?.data?.output ?? Output?.data)
    if (failure || said !== String(answer ?? said))
      throw new Error(`${lua} returned ${said}; ${JSON.stringify(failure)}`)
    return time
  }

  return {
    ...candidate,
    evaluate,
    /** Returns the time from the bytes to the result of the first Eval. */
    async boot(bytes, module) {
      const began = now()
      await candidate.boot(bytes, module)
      await evaluate('handle', 'Counter = 0 return Counter', 0)
      return now() - began
    }
  }
}
