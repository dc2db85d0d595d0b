// One verification: follows a process with the light client, and compares each result with the compute unit's.
import { isCaught } from './checks.js'

/** The newest slots whose results are compared. Each is a request. */
const MAX_COMPARED = 200

/**
 * Verifies a process.
 *
 * @param input `{ process, options }` for `follow`
 * @param on called as the work goes on: `view(view)`, `progress({ slot, of, phase })`, `slot(report)`,
 *   `compared(slot, unit, error)`
 * @returns `{ proof, error }`. The error says what was caught. Other errors are thrown.
 */
export async function verify({ process, options }, on, signal) {
  const { follow } = await import('aoxide/verify')
  let view
  try {
    view = await follow(process, { ...options, signal, onProgress: on.progress })
  } catch (error) {
    // The process or its module is not what was signed.
    if (isCaught(error)) return { error }
    throw error
  }
  on.view(view)
  return advance(view, options, on, signal)
}

/** Verifies what is new. */
export async function advance(view, options, on, signal) {
  const slots = []
  let caught
  try {
    for await (const report of view.slots({ signal, onProgress: on.progress })) {
      if (report.slot !== undefined) slots.push(report.slot)
      on.slot(report)
    }
  } catch (error) {
    if (!isCaught(error)) throw error
    // The unit is compared slot by slot below, which says where else it differs.
    if (error.code !== 'MISMATCH') return { proof: await proofOf(view), error }
    caught = error
  }
  let unit = 'not-asked'
  if (options.source.unit)
    for (const slot of slots.slice(-MAX_COMPARED)) {
      const compared = await compare(view, slot, signal)
      on.compared(slot, compared.unit, compared.error)
      caught ??= compared.error
      unit = worse(unit, compared.unit)
    }
  const proof = await proofOf(view)
  return { proof: proof && { ...proof, unit: caught ? 'differs' : unit }, error: caught }
}

const ORDER = ['not-asked', 'agrees', 'other-order', 'stale', 'no-answer', 'differs']
const worse = (one, other) => (ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one)

async function compare(view, slot, signal) {
  try {
    const { proof } = await view.result(slot, { unit: true, signal })
    return { unit: proof.unit }
  } catch (error) {
    if (error.code !== 'MISMATCH') throw error
    return { unit: 'differs', error }
  }
}

/** The proof of what is verified; `undefined` before the first slot. */
const proofOf = async (view) => (view.slot < 0 ? undefined : view.proof())
