// `connect`, and the same verbs at top level.

import { bounded } from './call.js'
import { AoError } from './error.js'
import { run } from './load.js'
import { createSigner } from './signer.js'

const VERBS = [
  'result',
  'results',
  'message',
  'spawn',
  'monitor',
  'unmonitor',
  'dryrun',
  'assign',
  'signMessage',
  'sendSignedMessage',
  'getMessages',
  'getLastSlot',
  'getMessageById'
]

export function connect(options = {}) {
  const MODE = options.MODE || 'legacy'
  if (MODE !== 'legacy') throw new AoError('BAD_ARGUMENT', `Unrecognized MODE: ${MODE}. This version knows 'legacy'.`)
  options = { ...options }
  /** The client within each instance of the module. */
  const clients = new WeakMap()
  const client = (bindings) => {
    if (!clients.has(bindings)) clients.set(bindings, new bindings.lib.LegacyClient(options))
    return clients.get(bindings)
  }
  const call = (name) => (input) => run((bindings) => client(bindings)[name](input))
  const verb = (name) => [name, (input) => bounded(input, options.timeout, call(name))]
  return { MODE, ...Object.fromEntries(VERBS.map(verb)), createSigner, createDataItemSigner: createSigner }
}

/** Addresses from the environment of a Node process, which aoconnect heeds for its top-level verbs. */
function fromEnvironment() {
  const environment = globalThis.process?.env ?? {}
  const given = ['GATEWAY_URL', 'GRAPHQL_URL', 'MU_URL', 'CU_URL'].filter((name) => environment[name])
  const numbers = ['GRAPHQL_MAX_RETRIES', 'GRAPHQL_RETRY_BACKOFF'].filter((name) => environment[name])
  return {
    ...Object.fromEntries(given.map((name) => [name, environment[name]])),
    ...Object.fromEntries(numbers.map((name) => [name, Number(environment[name])]))
  }
}

let atTopLevel
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
