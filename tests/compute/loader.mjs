// A process in the network's own loader.

/**
 * Starts a process, from a memory if there is one. `evaluate` resolves with the answer to a message. As in a compute unit, a
 * message that fails does not change the memory. `memory` returns a copy of it.
 *
 * The loader is handed over, because importing it replaces the clock of the program.
 */
export async function processIn(AoLoader, bytes, format, environment, start = null) {
  // The loader would copy the memory for each result.
  const handle = await AoLoader(bytes, { format, computeLimit: 9e15, UNSAFE_MEMORY: true })
  let kept = start
  // The loader goes on with the memory that it has, so it gets the one before only after a failure.
  let failed = start !== null
  async function evaluate(message) {
    // If the whole process fails, the loader throws the error without the rest of the result.
    const whole = (Error) => ({ Error, Patches: [], GasUsed: 0 })
    const { Memory, ...answer } = await handle(failed ? kept : null, message, environment).catch(whole)
    failed = Boolean(answer.Error)
    if (!failed) kept = copied(Memory, kept)
    return JSON.parse(JSON.stringify(answer))
  }
  return { evaluate, memory: () => kept.slice() }
}

/** A copy, in the place of an older one: the system needs longer for fresh memory than the loader for a message. */
function copied(memory, older) {
  const copy = older?.length === memory.byteLength ? older : new Uint8Array(memory.byteLength)
  copy.set(new Uint8Array(memory))
  return copy
}
