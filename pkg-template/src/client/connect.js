// `connect`, and the same verbs at top level.

import { bounded, patiently, sharing } from './call-policy.js'
import { AoError } from '../errors.js'
import { part } from '../wasm/lazy-module.js'
import { run } from '../wasm/modules.js'
import { createSigner } from '../signers/create-signer.js'

const WRITES = ['message', 'spawn', 'monitor', 'unmonitor', 'assign', 'signMessage', 'sendSignedMessage']
const READS = ['result', 'results', 'dryrun', 'getMessages', 'getMessageById', 'getLastSlot']
/** In mainnet mode too, these are asked of scheduler units. */
const OF_SCHEDULERS = READS.slice(3)

export function connect(options) {
  options = { ...options }
  const MODE = options.MODE || 'legacy'
  if (MODE === 'legacy') return legacy(options)
  if (MODE === 'mainnet') return mainnet(options)
  if (MODE === 'local') return local(options)
  throw new AoError('BAD_ARGUMENT', `Unrecognized MODE: ${MODE}. Use 'legacy', 'mainnet' or 'local'.`)
}

function legacy(options, MODE = 'legacy', first = (verb, call) => call) {
  const reads = sharing()
  const { read, write } = caller('LegacyClient', options, reads)
  const ao = { MODE }
  for (const verb of WRITES)
    ao[verb] = writing(
      reads,
      bind(
        options,
        first(verb, (input) => write(verb, input))
      )
    )
  for (const verb of READS)
    ao[verb] = bind(
      options,
      first(verb, (input) => read(verb, input).then(valueOf(verb)))
    )
  ao.result = waiting(options, ao.result)
  return { ...ao, ...together(ao, options), createSigner, createDataItemSigner: createSigner }
}

/** The same verbs, and for units a network in this runtime. The first call opens it. */
function local(options) {
  const inside = () => part(import('./modes/local.js'))
  let opening
  const network = () =>
    (opening ??= inside()
      .then(({ open }) => open(options))
      .catch((error) => {
        opening = undefined
        throw error
      }))
  // Only the paths of requests count there.
  const url = 'http://localhost'
  const { timeout, retry, responseLimit, onRequest, onResponse } = options
  const units = {
    MU_URL: `${url}/mu`,
    SU_URL: `${url}/su`,
    CU_URL: `${url}/cu`,
    GATEWAY_URL: url,
    fetch: async (request, init) => (await network()).fetch(request, init)
  }
  const first = (verb, call) => async (input) => {
    const opened = await network()
    return verb === 'spawn' ? (await inside()).spawn(opened, input, options, call) : call(input)
  }
  const ao = legacy({ ...units, timeout, retry, responseLimit, onRequest, onResponse }, 'local', first)
  return Object.defineProperty(ao, 'network', { get: network })
}

function mainnet(options) {
  const reads = sharing()
  const calls = caller('MainnetClient', options, reads)
  const { read } = caller('LegacyClient', options, reads)
  const ao = { MODE: 'mainnet' }
  const verb = (name) =>
    bind(options, (input) =>
      part(import('./modes/mainnet/verbs.js')).then(({ call }) => call(name, input, calls, options))
    )
  for (const name of ['spawn', 'message', 'request']) ao[name] = writing(reads, verb(name))
  for (const name of ['result', 'results', 'dryrun']) ao[name] = verb(name)
  ao.result = waiting(options, ao.result)
  for (const name of OF_SCHEDULERS) ao[name] = bind(options, (input) => read(name, input).then(valueOf(name)))
  const state = verb('state')
  ao.state = (process, input) => state({ ...input, process })
  const schedule = writing(reads, verb('schedule'))
  ao.schedule = (process, message) => schedule({ ...message, process })
  const { signer } = options
  const maker = signer ? () => signer : createSigner
  return { ...ao, ...together(ao, options), createSigner: maker, createDataItemSigner: maker }
}

/** A verb with its call's bounds. */
const bind = (options, call) => (input) => bounded(input, options.timeout, call)

/** A verb that may change what is read: reads that come after it join none from before it. */
const writing = (reads, verb) => async (input) => {
  try {
    return await verb(input)
  } finally {
    reads.clear()
  }
}

/** A verb that waits until there is something, if that is wanted. */
const waiting = (options, verb) => (input) => verb(input?.wait ? patiently(input, options.timeout) : input)

/** What takes more than one call. */
const together = (ao, options) => ({
  send: bind(options, (input) => part(import('./send.js')).then(({ send }) => send(ao, input))),
  async *stream(input) {
    const { stream } = await part(import('./send.js'))
    yield* stream(ao, input)
  }
})

/** Calls of a client of the WebAssembly module, by verb. */
function caller(name, options, { share }) {
  /** The client within each instance of the module. */
  const clients = new WeakMap()
  const write = (verb, input, encode) =>
    run((bindings, progress) => {
      // A wallet asks a person; it must not do so for a call that has ended.
      input?.signal?.throwIfAborted()
      if (!clients.has(bindings)) clients.set(bindings, new bindings.lib[name](options))
      return clients.get(bindings).call(verb, input, progress, encode)
    }).catch(name === 'LegacyClient' ? advised : undefined)
  return { write, read: (verb, input) => share(verb, input, (input) => write(verb, input)) }
}

/** Throws the error of a unit, with what to do about it. */
async function advised(error) {
  if (error?.code === 'HTTP_STATUS') {
    // Without this part, the error is as the unit has it.
    const { advise } = await import('./modes/legacy/unit-error.js').catch(() => ({}))
    advise?.(error)
  }
  throw error
}

/** Answers come as JSON, but for slots. */
const valueOf = (verb) => (verb === 'getLastSlot' ? (slot) => slot : (text) => JSON.parse(text))

/**
 * Options that top-level verbs find where aoconnect looks for them: in the environment of a process, or else among the
 * globals, which a page may set. An element of a page may have such an id; it is not an address.
 */
function fromEnvironment() {
  const given = (name) => {
    const value = globalThis.process?.env?.[name] || globalThis[name]
    return typeof value === 'object' && !Array.isArray(value) ? undefined : value
  }
  const addresses = ['GATEWAY_URL', 'GRAPHQL_URL', 'MU_URL', 'CU_URL'].map((name) => [name, given(name)])
  const numbers = ['GRAPHQL_MAX_RETRIES', 'GRAPHQL_RETRY_BACKOFF'].map((name) => [name, given(name)])
  return Object.fromEntries([
    ...addresses.filter(([, value]) => value),
    ...numbers.filter(([, value]) => value).map(([name, value]) => [name, Number(value)])
  ])
}

let atTopLevel
// Made by the first call, so that what is set until then counts.
const topLevel = (name) => (input) => (atTopLevel ??= connect(fromEnvironment()))[name](input)

export const message = /* @__PURE__ */ topLevel('message')
export const signMessage = /* @__PURE__ */ topLevel('signMessage')
export const sendSignedMessage = /* @__PURE__ */ topLevel('sendSignedMessage')
export const spawn = /* @__PURE__ */ topLevel('spawn')
export const result = /* @__PURE__ */ topLevel('result')
export const results = /* @__PURE__ */ topLevel('results')
export const dryrun = /* @__PURE__ */ topLevel('dryrun')
export const monitor = /* @__PURE__ */ topLevel('monitor')
export const unmonitor = /* @__PURE__ */ topLevel('unmonitor')
export const assign = /* @__PURE__ */ topLevel('assign')
export const getMessages = /* @__PURE__ */ topLevel('getMessages')
export const getMessageById = /* @__PURE__ */ topLevel('getMessageById')
export const getLastSlot = /* @__PURE__ */ topLevel('getLastSlot')
