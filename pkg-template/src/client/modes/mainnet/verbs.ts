// @ts-nocheck: not converted yet.
// The verbs of HyperBEAM nodes. Fetched by those who use them.

import { AoError } from '../../../errors.js'
import { part } from '../../../wasm/lazy-module.js'

async function spawn(given, calls, options) {
  checkAnchor(given, options)
  const isSource = /^(application|text)\/(x-)?lua$/.test(tagOf(given, 'content-type'))
  const input = isSource && !given.module && !tagOf(given, 'module') ? await withModule(given, calls) : given
  return calls.write('spawn', input)
}

const withModule = (input, calls) => part(import('./lua-module.js')).then(({ withModule }) => withModule(input, calls))

const tagOf = (input, name) =>
  Array.isArray(input?.tags) ? input.tags.find((tag) => tag?.name?.toLowerCase?.() === name)?.value : undefined

async function message(input, calls, options) {
  checkAnchor(input, options)
  const { id, slot, answer } = await calls.write('message', input)
  if (input.opts?.fullResponse) {
    if (answer !== undefined) return evaluationOf(JSON.parse(answer), false, { id })
    // The node's answer was lost, and the slot is from the schedule.
    const { process, signer, signedReads, signal, retry } = input
    try {
      return { ...(await result({ process, slot, signer, signedReads, signal, retry }, calls, options)), id }
    } catch (error) {
      if (!(error instanceof AoError)) throw error
      const { code, message, details, cause } = error
      throw new AoError(code, message, { details: { ...details, id, slot }, cause })
    }
  }
  if (input.returnMessageId && !input.returnAssignmentSlot) return id
  return input.returnMessageId ? { slot: known(slot, id, answer), id } : known(slot, id, answer)
}

async function schedule(input, { write }, options) {
  checkAnchor(input, options)
  const { id, slot, answer } = await write('schedule', input)
  return { id, slot: known(slot, id, answer) }
}

function known(slot, id, body) {
  if (slot !== undefined) return slot
  throw new AoError('BAD_RESPONSE', "The node's answer names no slot. The message may be scheduled all the same.", {
    details: { id, body }
  })
}

async function result(input, calls, options) {
  return evaluationOf(await answerTo('result', input, calls, options), true)
}

async function dryrun(input, calls, options) {
  const { data } = input ?? {}
  // Without a signature, data travels in the address.
  if (data instanceof Blob) input = { ...input, data: new Uint8Array(await data.arrayBuffer()) }
  return evaluationOf(await answerTo('dryrun', input, calls, options))
}

/** What a node answers to a read: JSON; or a body of its own, for bytes that JSON cannot carry. */
async function answerTo(verb, input, { read, write }, { signedReads }) {
  try {
    return JSON.parse(await read(verb, input))
  } catch (error) {
    const isBytes = error.details?.body?.includes('invalid_byte')
    if (!isBytes || (input.signedReads ?? signedReads)) throw error
    try {
      const { decodeReply } = await part(import('../../../httpsig/index.js'))
      const { message, signatures } = await decodeReply(await write(verb, { ...input, plain: true }))
      // Nodes put a page of their own where there is no body. It is signed by none.
      const isSigned = signatures.some(({ valid, covered }) => valid && covered.includes('body'))
      if (message.status === 200 && isSigned) return message
    } catch {
      // The first error says more.
    }
    throw error
  }
}

/** The newest result; or as many as are asked for, by their slots. */
async function results(input, calls, options) {
  const { limit: most, ...asked } = input ?? {}
  const from = slotOf('from', asked.from)
  const to = slotOf('to', asked.to)
  if (most !== undefined && typeof most !== 'number') throw bad("'limit': Expected number")
  if (![undefined, 'ASC', 'DESC'].includes(asked.sort)) throw bad("'sort': Expected 'ASC' | 'DESC'")
  const current = await calls.read('slot', asked)
  const limit = most || (from === undefined && to === undefined ? 1 : 25)
  const descending = (asked.sort ?? (from === undefined ? 'DESC' : 'ASC')) === 'DESC'
  const first = descending ? Math.min(current, (from ?? Infinity) - 1) : (from ?? -1) + 1
  const slots = []
  for (let slot = first; slots.length < limit; slot += descending ? -1 : 1) {
    if (descending ? slot <= (to ?? -1) : slot >= (to ?? Infinity) || slot > current) break
    slots.push(slot)
  }
  const edge = async (slot) => ({ cursor: String(slot), node: await result({ ...asked, slot }, calls, options) })
  return { edges: await several(slots, edge) }
}

/** Results that are asked for at the same time: browsers make no more requests to one host. */
const SIDE_BY_SIDE = 6

/** What a call gives for each of `list`. A long one must not be as many requests at once. */
async function several(list, call) {
  const all = []
  let next = 0
  const worker = async () => {
    while (next < list.length) {
      const at = next++
      all[at] = await call(list[at])
    }
  }
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  } finally {
    // After a failure nobody wants the others.
    next = list.length
  }
  return all
}

function slotOf(name, cursor) {
  if (cursor === undefined || cursor === '') return undefined
  const slot = Number(cursor)
  if (Number.isInteger(slot) && slot >= 0) return slot
  throw bad(`'${name}': Expected the cursor of a result, which is its slot`)
}

const bad = (what) => new AoError('BAD_ARGUMENT', `${what}.`)

async function request(input, calls, options) {
  if (input?.['signing-format'] === 'ans104') checkAnchor(input, options)
  const encode = async (signer) => {
    const { prepare } = await part(import('../../../httpsig/node-request.js'))
    return prepare(input, signer, calls.read, options)
  }
  const answer = await calls.write('request', input, encode)
  if (typeof answer !== 'number') return answer
  // The node's answer was lost, and this is the slot from the schedule.
  return new Response(null, { headers: { slot: answer, 'ao-types': 'slot="integer"' } })
}

async function state(input, calls, options) {
  const answer = await answerTo('state', input, calls, options)
  const { stateOf } = await part(import('./reply.js'))
  try {
    return stateOf(answer)
  } catch (cause) {
    if (cause instanceof AoError) throw cause
    throw new AoError('BAD_RESPONSE', `The state cannot be read: ${cause.message}.`, { details: { answer }, cause })
  }
}

/** The result in an answer. `isResult` says that the answer is nothing more. */
async function evaluationOf(answer, isResult, details) {
  const { legacyResult } = await part(import('./reply.js'))
  const found = legacyResult(answer)
  if (found) return found
  const { deviceResult } = await part(import('./device-result.js'))
  return deviceResult(answer, isResult, details)
}

/** Refuses an anchor where the node is said to be of an age that refuses the item that has it. */
function checkAnchor(input, { dialect }) {
  if (input?.anchor === undefined || dialect !== '2025-09') return
  const advice = 'Leave `anchor` out: each item gets a tag that no other item has.'
  throw new AoError('UNSUPPORTED', `Nodes of September 2025 refuse items that have an anchor. ${advice}`)
}

const verbs = { spawn, message, schedule, result, dryrun, results, request, state }

/** Calls a verb. Errors of the node are told in words. */
export async function call(verb, input, calls, options) {
  try {
    return await verbs[verb](input, calls, options)
  } catch (error) {
    if (!(error instanceof AoError) || error.details.body === undefined) throw error
    const { explained } = await part(import('./node-error.js'))
    throw explained(error, verb, input)
  }
}
