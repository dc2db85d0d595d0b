// ao-loader, the loader of compute units. It changes the clock, chance and WebAssembly of whatever imports this.
import AoLoader from '@permaweb/ao-loader'
import { environment, spawned } from '../../tests/js/support/aos.mjs'

/**
 * As a compute unit uses it: memory goes in and comes out with every call. With `copies` being false, which is its unsafe
 * option, memory stays inside.
 */
export function loader({ copies }) {
  mendMemory()
  let run
  let memory

  const call = (message) => run(copies ? memory : null, message, environment)

  async function handle(message) {
    const { Memory, ...result } = await call(message)
    if (copies && !result.Error) memory = Memory
    return result
  }

  return {
    async boot(bytes, { format }) {
      run = await AoLoader(bytes, { format, computeLimit: 9e15, UNSAFE_MEMORY: !copies })
      memory = null
      await handle(spawned)
    },
    handle,
    dryrun: call
  }
}

/** The loader asks memories of 64 bits for fractions of pages. Node 20 rounds them down; all others want a BigInt. */
function mendMemory() {
  const { grow } = WebAssembly.Memory.prototype
  WebAssembly.Memory.prototype.grow = function (pages) {
    try {
      return grow.call(this, pages)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return Number(grow.call(this, BigInt(Math.trunc(pages))))
    }
  }
}
