// ao-loader, the loader of compute units, as a candidate. Importing it replaces `Date`, `Math.random` and parts of
// `WebAssembly` for the whole program.
import AoLoader from '@permaweb/ao-loader'
import { environment, spawned } from '../../tests/js/support/aos.mjs'

/**
 * Runs a process as a compute unit does: each call takes the memory and returns a copy of it. With `copies: false`, the
 * loader's unsafe option, the memory stays in the instance.
 */
export function loader({ copies }) {
  patchMemory()
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

/** The loader grows 64-bit memories by fractions of pages. Node.js 20 rounds them down; later versions require a BigInt. */
export function patchMemory() {
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
