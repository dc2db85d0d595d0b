// The verbs of HyperBEAM nodes. Fetched by those who use them.

import { AoError } from './error.js'
import { part } from './lazy.js'

export async function spawn(input, { write }, { SCHEDULER }) {
  const tagged = Array.isArray(input?.tags) && input.tags.some((tag) => /^scheduler$/i.test(tag?.name))
  if (tagged || SCHEDULER || input?.scheduler) return write('spawn', input)
  const scheduler = await write('address', input)
  return write('spawn', { ...input, scheduler })
}

export async function message(input, calls) {
  const { id, slot, answer } = await calls.write('message', input)
  if (input.opts?.fullResponse) {
    if (answer !== undefined) return evaluationOf(answer, { id })
    // The node's answer was lost, and the slot is from the schedule.
    const { process, signer, signedReads, signal, retry } = input
    try {
      return { ...(await result({ process, slot, signer, signedReads, signal, retry }, calls)), id }
    } catch (error) {
      if (!(error instanceof AoError)) throw error
      const { code, message, details, cause } = error
      throw new AoError(code, message, { details: { ...details, id, slot }, cause })
    }
  }
  if (input.returnMessageId && !input.returnAssignmentSlot) return id
  return input.returnMessageId ? { slot: known(slot, id, answer), id } : known(slot, id, answer)
}

export async function schedule(input, { write }) {
  const { id, slot, answer } = await write('schedule', input)
  return { id, slot: known(slot, id, answer) }
}

function known(slot, id, body) {
  if (slot !== undefined) return slot
  throw new AoError('BAD_RESPONSE', "The node's answer names no slot. The message may be scheduled all the same.", {
    details: { id, body }
  })
}

export const result = async (input, { read }) => evaluationOf(await read('result', input))

export async function dryrun(input, { read }) {
  const { data } = input ?? {}
  // Without a signature, data travels in the address.
  if (data instanceof Blob) input = { ...input, data: new Uint8Array(await data.arrayBuffer()) }
  return evaluationOf(await read('dryrun', input))
}

/** The newest result; or as many as are asked for, by their slots. */
export async function results(input, calls) {
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
  const edge = async (slot) => ({ cursor: String(slot), node: await result({ ...asked, slot }, calls) })
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

export async function request(input, { write }, { dialect }) {
  const encode = async (signer) => {
    const { prepare } = await part(import('./httpsig-request.js'))
    return prepare(input, signer, dialect)
  }
  const answer = await write('request', input, encode)
  if (typeof answer !== 'number') return answer
  // The node's answer was lost, and this is the slot from the schedule.
  return new Response(null, { headers: { slot: answer, 'ao-types': 'slot="integer"' } })
}

export async function state(input, { read }) {
  const body = await read('state', input)
  const { stateOf } = await part(import('./state.js'))
  try {
    return stateOf(JSON.parse(body))
  } catch (cause) {
    throw new AoError('BAD_RESPONSE', `The state cannot be read: ${cause.message}.`, { details: { body }, cause })
  }
}

/** What legacy units answer, out of either of the places where nodes put it. */
function evaluationOf(text, details) {
  const answer = JSON.parse(text)
  for (const place of [answer, answer?.results]) {
    const body = objectOf(place?.raw) ?? objectOf(place?.json?.body)
    if (body) {
      const { Output = {}, Messages = [], Assignments = [], Spawns = [], Error } = body
      return { Output, Messages, Assignments, Spawns, Error, ...body }
    }
  }
  const advice = 'Read what devices other than genesis-wasm@1.0 compute with `state`.'
  throw new AoError('BAD_RESPONSE', `The node's answer holds no result. ${advice}`, {
    details: { ...details, body: text }
  })
}

function objectOf(value) {
  try {
    if (typeof value === 'string') value = JSON.parse(value)
  } catch {
    return undefined
  }
  return typeof value === 'object' && !Array.isArray(value) ? (value ?? undefined) : undefined
}
