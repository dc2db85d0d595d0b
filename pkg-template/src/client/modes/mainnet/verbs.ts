// The verbs of HyperBEAM nodes, above those of the WebAssembly module: shapes of results, pages of results, and fallbacks
// that need a part of the package which few pages load. Fetched on the first call in mainnet mode.

import { AoError } from '../../../errors.js'
import { part } from '../../../wasm/lazy-module.js'
import type { Arguments, Calls, Receipt } from './calls.js'
import type { MainnetOptions, MainnetResult } from './types.js'

type Verb = (input: Arguments, calls: Calls, options: MainnetOptions) => Promise<unknown>

async function spawn(given: Arguments, calls: Calls) {
  const isSource = /^(application|text)\/(x-)?lua$/.test(String(tagOf(given, 'content-type')))
  const input = isSource && !given?.['module'] && !tagOf(given, 'module') ? await withModule(given, calls) : given
  return calls.write('spawn', input)
}

async function withModule(input: Arguments, calls: Calls): Promise<Arguments> {
  const { withModule } = await part(import('./lua-module.js'))
  return withModule(input, calls)
}

function tagOf(input: Arguments | undefined, name: string): unknown {
  const tags = input?.['tags']
  return Array.isArray(tags) ? tags.find((tag) => tag?.name?.toLowerCase?.() === name)?.value : undefined
}

/** A message with `opts: { fullResponse: true }` also reads the result. It is in the response, unless that was lost. */
async function message(input: Arguments, calls: Calls, options: MainnetOptions) {
  const sent = await calls.write('message', input)
  const { opts, process, signer, signedReads, signal, retry } = input as Arguments & {
    opts?: { fullResponse?: unknown }
  }
  if (!opts?.fullResponse) return sent
  const { id, slot, body } = sent as Receipt
  if (body !== undefined) return evaluationOf(JSON.parse(body), false, { id })
  // The slot comes from the schedule.
  try {
    return { ...(await result({ process, slot, signer, signedReads, signal, retry }, calls, options)), id }
  } catch (error) {
    if (!(error instanceof AoError)) throw error
    const { code, message, details, cause } = error
    throw new AoError(code, message, { details: { ...details, id, slot }, cause })
  }
}

const schedule = (input: Arguments, { write }: Calls) => write('schedule', input)

async function result(input: Arguments, calls: Calls, options: MainnetOptions) {
  return evaluationOf(await answerTo('result', input, calls, options), true)
}

async function dryrun(input: Arguments, calls: Calls, options: MainnetOptions) {
  const data = input?.['data']
  // Without a signature, the data is part of the address.
  const read = data instanceof Blob ? { ...input, data: new Uint8Array(await data.arrayBuffer()) } : input
  return evaluationOf(await answerTo('dryrun', read, calls, options))
}

/**
 * The answer to a read: a value of JSON. JSON cannot carry every byte; if the node says so, the answer is requested in the
 * node's own form and decoded by the part for HTTP signatures.
 */
async function answerTo(verb: string, input: Arguments, { read, write }: Calls, options: MainnetOptions) {
  try {
    return JSON.parse((await read(verb, input)) as string)
  } catch (error) {
    const body = error instanceof AoError ? error.details['body'] : undefined
    const hasBytes = typeof body === 'string' && body.includes('invalid_byte')
    if (!hasBytes || (input['signedReads'] ?? options.signedReads)) throw error
    try {
      const { decodeReply } = await part(import('../../../httpsig/index.js'))
      const { message, signatures } = await decodeReply((await write(verb, { ...input, plain: true })) as Response)
      // A node sends a page of its own if there is no body. No signature covers that page.
      const isSigned = signatures.some(({ valid, covered }) => valid && covered.includes('body'))
      if (message['status'] === 200 && isSigned) return message
    } catch {
      // The first error is the one to report.
    }
    throw error
  }
}

/** The newest result, or a page of results. A cursor is a slot. */
async function results(input: Arguments, calls: Calls, options: MainnetOptions) {
  const slots = (await calls.read('results', input)) as number[]
  const edge = async (slot: number) => ({
    cursor: String(slot),
    node: await result({ ...input, slot }, calls, options)
  })
  return { edges: await several(slots, edge) }
}

/** Most results that are requested at the same time. Browsers open six connections to one host (HTTP/1.1). */
const SIDE_BY_SIDE = 6

/** Calls `call` with each entry of `list`, at most six at a time. After a failure, no further call starts. */
async function several<Entry, Value>(list: readonly Entry[], call: (entry: Entry) => Promise<Value>): Promise<Value[]> {
  const all: Value[] = []
  let next = 0
  const worker = async () => {
    while (next < list.length) {
      const at = next++
      all[at] = await call(list[at] as Entry)
    }
  }
  try {
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  } finally {
    next = list.length
  }
  return all
}

async function request(input: Arguments, calls: Calls, options: MainnetOptions) {
  const encode = async (signer: unknown) => {
    const { prepare } = await part(import('../../../httpsig/node-request.js'))
    const read = (verb: string, input: object) => calls.read(verb, input as Arguments)
    return prepare(input as Parameters<typeof prepare>[0], signer, read, options)
  }
  const answer = await calls.write('request', input, encode)
  if (typeof answer !== 'number') return answer
  // The response was lost. The slot comes from the schedule.
  return new Response(null, { headers: { slot: String(answer), 'ao-types': 'slot="integer"' } })
}

async function state(input: Arguments, calls: Calls, options: MainnetOptions) {
  if (input['verify']) {
    const { answer } = await part(import('../../verified.js'))
    return answer('state', input as Parameters<typeof answer>[1], 'mainnet', options)
  }
  const answer = await answerTo('state', input, calls, options)
  const { stateOf } = await part(import('./reply.js'))
  try {
    return stateOf(answer)
  } catch (cause) {
    if (cause instanceof AoError) throw cause
    const reason = cause instanceof Error ? cause.message : cause
    throw new AoError('BAD_RESPONSE', `The state cannot be read: ${reason}.`, { details: { answer }, cause })
  }
}

/** The result in an answer. `isResult`: the answer is the result and contains nothing else. */
async function evaluationOf(answer: unknown, isResult = false, details?: { id: string }): Promise<MainnetResult> {
  const { legacyResult } = await part(import('./reply.js'))
  const found = legacyResult(answer)
  if (found) return found
  const { deviceResult } = await part(import('./device-result.js'))
  return deviceResult(answer, isResult, details)
}

const verbs: Readonly<Record<string, Verb>> = { spawn, message, schedule, result, dryrun, results, request, state }

/** Calls a verb. Explains errors of the node. */
export async function call(name: string, given: unknown, calls: Calls, options: MainnetOptions): Promise<unknown> {
  const input = given as Arguments
  try {
    return await (verbs[name] as Verb)(input, calls, options)
  } catch (error) {
    if (!(error instanceof AoError) || error.details['body'] === undefined) throw error
    const { explained } = await part(import('./node-error.js'))
    throw explained(error, name, input)
  }
}
