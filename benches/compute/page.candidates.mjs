// Runs on the page. Gives it `ask(name, verb, ...arguments)`.
import { loadModule } from '/node_modules/aoxide/compute/index.js'
import { aoxide, timed } from './candidates.mjs'

const now = () => performance.now()
const own = (engine) => timed(aoxide(loadModule, { engine }), now)

/** ao-loader, in a worker that starts with the page. */
function loader() {
  const worker = new Worker('/loader.js')
  const ask = (...request) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data: { value, error } }) => (error ? reject(new Error(error)) : resolve(value))
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(request)
    })
  return { boot: (...args) => ask('boot', ...args), evaluate: (...args) => ask('evaluate', ...args) }
}

const candidates = { wasmi: own('wasmi'), native: own('native'), loader: loader() }
const read = async ({ name }) => (await fetch(`/${name}.wasm`)).arrayBuffer()

const withBytes = {
  engine: async (candidate, module) => candidate.engine(await read(module)),
  boot: async (candidate, module) => candidate.boot(await read(module), module),

  /** Returns the longest time for which the page did not run timers: while the candidate worked, and while it was idle. */
  async gap(candidate, lua, answer, rounds) {
    const busy = await longestGap(async () => {
      for (let round = 0; round < rounds; round++) await candidate.evaluate('handle', lua, answer)
    })
    const idle = await longestGap(() => new Promise((resolve) => setTimeout(resolve, busy.whole)))
    return { busy: busy.gap, idle: idle.gap }
  }
}

async function longestGap(work) {
  const began = now()
  let last = began
  let gap = 0
  const beat = () => {
    const here = now()
    gap = Math.max(gap, here - last)
    last = here
  }
  const heartbeat = setInterval(beat, 1)
  await work()
  beat()
  clearInterval(heartbeat)
  return { gap, whole: now() - began }
}

window.ask = (name, verb, ...args) =>
  withBytes[verb] ? withBytes[verb](candidates[name], ...args) : candidates[name][verb](...args)
