// The verbs at top level, for the public network.

import { connect } from './connect.js'
import type { LegacyClient, LegacyOptions } from './modes/legacy/types.js'

/**
 * Options of the verbs at top level. They are read from where aoconnect reads them: the environment of a process, or else the
 * globals, which a page may set. An element of a page can have such an id, so objects are left out.
 */
function fromEnvironment(): LegacyOptions {
  const given = (name: string): unknown => {
    const value = variable(name) || (globalThis as Record<string, unknown>)[name]
    return typeof value === 'object' && !Array.isArray(value) ? undefined : value
  }
  const addresses = ['GATEWAY_URL', 'GRAPHQL_URL', 'MU_URL', 'CU_URL'].map((name) => [name, given(name)] as const)
  const numbers = ['GRAPHQL_MAX_RETRIES', 'GRAPHQL_RETRY_BACKOFF'].map((name) => [name, given(name)] as const)
  return Object.fromEntries([
    ...addresses.filter(([, value]) => value),
    ...numbers.filter(([, value]) => value).map(([name, value]) => [name, Number(value)] as const)
  ])
}

/** A variable of the environment. Without permission for it, Deno would ask the user or throw, so it counts as not set. */
function variable(name: string): string | undefined {
  const state = globalThis.Deno?.permissions.querySync({ name: 'env', variable: name }).state ?? 'granted'
  return state === 'granted' ? globalThis.process?.env?.[name] : undefined
}

let client: LegacyClient | undefined

// The first call makes the client, so that options that were set until then count.
const topLevel = <Verb extends keyof LegacyClient>(name: Verb): LegacyClient[Verb] =>
  ((input: never) =>
    ((client ??= connect(fromEnvironment())) as unknown as Record<Verb, (input: never) => unknown>)[name](
      input
    )) as unknown as LegacyClient[Verb]

/**
 * Sends a message to a process of the public network: see {@link LegacyClient.message}.
 *
 * This and the other verbs at top level use the public network. In Node.js the environment may name other units, and on a page
 * the globals: `MU_URL`, `CU_URL`, `GATEWAY_URL`, `GRAPHQL_URL`, `GRAPHQL_MAX_RETRIES` and `GRAPHQL_RETRY_BACKOFF`. The first
 * call reads them.
 *
 * @example
 * const id = await message({ process, signer, tags: [{ name: 'Action', value: 'Balance' }] })
 *
 * @throws {AoError} as {@link LegacyClient.message}
 */
export const message: LegacyClient['message'] = /* @__PURE__ */ topLevel('message')

/**
 * Signs a message without sending it: see {@link LegacyClient.signMessage}.
 *
 * @example
 * const signed = await signMessage({ process, signer, data: 'for later' })
 *
 * @throws {AoError} as {@link LegacyClient.signMessage}
 */
export const signMessage: LegacyClient['signMessage'] = /* @__PURE__ */ topLevel('signMessage')

/**
 * Sends a signed message: see {@link LegacyClient.sendSignedMessage}.
 *
 * @example
 * const id = await sendSignedMessage(await signMessage({ process, signer, data: 'for later' }))
 *
 * @throws {AoError} as {@link LegacyClient.sendSignedMessage}
 */
export const sendSignedMessage: LegacyClient['sendSignedMessage'] = /* @__PURE__ */ topLevel('sendSignedMessage')

/**
 * Spawns a process on the public network: see {@link LegacyClient.spawn}.
 *
 * @example
 * const process = await spawn({ module, scheduler, signer, tags: [{ name: 'Authority', value: authority }] })
 *
 * @throws {AoError} as {@link LegacyClient.spawn}
 */
export const spawn: LegacyClient['spawn'] = /* @__PURE__ */ topLevel('spawn')

/**
 * Reads the result of a message: see {@link LegacyClient.result}.
 *
 * @example
 * const { Messages, Output, Error } = await result({ process, message: id })
 *
 * @throws {AoError} as {@link LegacyClient.result}
 */
export const result: LegacyClient['result'] = /* @__PURE__ */ topLevel('result')

/**
 * Reads a page of results: see {@link LegacyClient.results}.
 *
 * @example
 * const { edges } = await results({ process, sort: 'DESC', limit: 25 })
 *
 * @throws {AoError} as {@link LegacyClient.results}
 */
export const results: LegacyClient['results'] = /* @__PURE__ */ topLevel('results')

/**
 * Evaluates a message without sending it: see {@link LegacyClient.dryrun}.
 *
 * @example
 * const { Messages } = await dryrun({ process, tags: [{ name: 'Action', value: 'Info' }] })
 *
 * @throws {AoError} as {@link LegacyClient.dryrun}
 */
export const dryrun: LegacyClient['dryrun'] = /* @__PURE__ */ topLevel('dryrun')

/**
 * Starts the cron messages of a process: see {@link LegacyClient.monitor}.
 *
 * @example
 * await monitor({ process, signer })
 *
 * @throws {AoError} as {@link LegacyClient.monitor}
 */
export const monitor: LegacyClient['monitor'] = /* @__PURE__ */ topLevel('monitor')

/**
 * Stops the cron messages of a process: see {@link LegacyClient.unmonitor}.
 *
 * @example
 * await unmonitor({ process, signer })
 *
 * @throws {AoError} as {@link LegacyClient.unmonitor}
 */
export const unmonitor: LegacyClient['unmonitor'] = /* @__PURE__ */ topLevel('unmonitor')

/**
 * Assigns an existing message to another process: see {@link LegacyClient.assign}.
 *
 * @example
 * const assignment = await assign({ process, message: id })
 *
 * @throws {AoError} as {@link LegacyClient.assign}
 */
export const assign: LegacyClient['assign'] = /* @__PURE__ */ topLevel('assign')

/**
 * Reads a page of a process's schedule: see {@link LegacyClient.getMessages}.
 *
 * @example
 * const { edges } = await getMessages({ processId: process, fromNonce: '-1', limit: '50' })
 *
 * @throws {AoError} as {@link LegacyClient.getMessages}
 */
export const getMessages: LegacyClient['getMessages'] = /* @__PURE__ */ topLevel('getMessages')

/**
 * Reads a message and its assignment from the schedule: see {@link LegacyClient.getMessageById}.
 *
 * @example
 * const { message, assignment } = await getMessageById({ processId: process, messageId: id })
 *
 * @throws {AoError} as {@link LegacyClient.getMessageById}
 */
export const getMessageById: LegacyClient['getMessageById'] = /* @__PURE__ */ topLevel('getMessageById')

/**
 * Reads the newest slot of a process: see {@link LegacyClient.getLastSlot}.
 *
 * @example
 * const slot = await getLastSlot({ processId: process, since: 60_000 })
 *
 * @throws {AoError} as {@link LegacyClient.getLastSlot}
 */
export const getLastSlot: LegacyClient['getLastSlot'] = /* @__PURE__ */ topLevel('getLastSlot')
