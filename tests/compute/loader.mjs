// A process in the network's own loader.

/**
 * A function that evaluates messages in order and returns their answers. As in a compute unit, a message that fails does not
 * change the memory. `AoLoader` is the loader, which replaces the clock of this process when it is imported; `memory` is where
 * the process begins. The function's `memory()` is a copy of the memory now.
 */
export async function processIn(AoLoader, bytes, format, environment, memory = null) {
  // The loader would copy the memory for each result.
  const handle = await AoLoader(bytes, { format, computeLimit: 9e15, UNSAFE_MEMORY: true })
  // It goes on with the memory that it has, so it gets the one before only after a failure.
  let failed = memory !== null
  let kept = memory
  const evaluate = async (message) => {
    // If the whole process fails, the loader throws the error without the rest of the result.
    const whole = (Error) => ({ Error, Patches: [], GasUsed: 0 })
    const { Memory, ...answer } = await handle(failed ? kept : null, message, environment).catch(whole)
    failed = Boolean(answer.Error)
    if (!failed) kept = copied(Memory, kept)
    return JSON.parse(JSON.stringify(answer))
  }
  return Object.assign(evaluate, { memory: () => kept.slice() })
}

/** A copy, in the place of an older one: the system needs longer for fresh memory than the loader for a message. */
function copied(memory, older) {
  const copy = older?.length === memory.byteLength ? older : new Uint8Array(memory.byteLength)
  copy.set(new Uint8Array(memory))
  return copy
}
