/**
 * aoxide: the AO computer from JavaScript. Same verbs, options and return values as `@permaweb/aoconnect`, so that
 * changing the import is the whole migration.
 *
 * Nothing has to be initialised: every function loads what it needs on its first call.
 */
import type { CallOptions, RequestEvent, ResponseEvent } from './client/call-policy.js'
import type { AoError } from './errors.js'
import type { LegacyClient, LegacyOptions } from './client/modes/legacy/types.js'
import type { LocalClient, LocalOptions } from './client/modes/local.js'
import type { MainnetClient, MainnetOptions } from './client/modes/mainnet/types.js'

/** A name and a value, as AO and Arweave know them. */
export interface Tag {
  name: string
  value: string
}

/**
 * What a message or a process carries: text (sent as UTF-8), bytes, or a `Blob`, which is read in pieces. A `Blob` is read
 * twice, to be hashed and to be sent; if its file changes in between, the call rejects with `BAD_ARGUMENT` and nothing is
 * sent.
 */
export type Data = string | Uint8Array | ArrayBuffer | Blob

/** Bytes that this package made: `Uint8Array<ArrayBuffer>` where TypeScript tells kinds of memory apart (from 5.7 on). */
export type Bytes = ReturnType<Uint8ArrayConstructor['of']>

/** One entry of a process's outbox. */
export interface OutboxMessage {
  Target: string
  Anchor?: string
  Data?: string
  Tags: Tag[]
}

/**
 * What a process answered to one message: its outbox, its output, and the error if its handler failed. It comes as the
 * compute unit wrote it; some units answer a failed evaluation with `Error` and nothing else.
 */
export interface Evaluation {
  Output: unknown
  Messages: OutboxMessage[]
  Spawns: { Anchor?: string; Data?: string; Tags: Tag[] }[]
  Assignments?: { Message: string; Processes: string[] }[]
  Error?: unknown
  GasUsed?: number
}

/** A page of results, as the compute unit wrote it. */
export interface ResultsPage {
  edges: { cursor: string; node: Evaluation }[]
  pageInfo?: { hasNextPage?: boolean }
}

/** Of calls that can wait for what is not there yet. */
export interface WaitOption {
  /**
   * Asks again, at growing intervals, until the unit has it: while it answers with 202, 404, 408, 425, 429 or 5xx, or cannot be
   * reached. For a minute, unless `timeout` says otherwise.
   */
  wait?: boolean
}

/** One address of a unit, or several that can stand in for each other: see docs/reliability.md. */
export type Addresses = string | readonly string[]

/** What both modes take. */
export interface CommonOptions extends Pick<CallOptions, 'timeout' | 'retry'> {
  /** `https://arweave.net`, when left out. */
  GATEWAY_URL?: Addresses
  /** `graphql` under the gateway's address, when left out. */
  GRAPHQL_URL?: Addresses
  /** How often a look-up at the gateway is tried again; 0, when left out. */
  GRAPHQL_MAX_RETRIES?: number
  /** Milliseconds before the first retry; doubles each time. 300, when left out. */
  GRAPHQL_RETRY_BACKOFF?: number
  /** The scheduler unit; found through the public router and the gateway, when left out. */
  SU_URL?: Addresses
  /** Used for every request; the runtime's own `fetch`, when left out. */
  fetch?: typeof fetch
  /**
   * Most bytes of a response that are read; 64 MiB (67,108,864), when left out. A larger response is `BAD_RESPONSE`. The
   * `Response` that `request` gives is not read, so it has no limit.
   */
  responseLimit?: number
  /** Hears of every request before it is made, retries included; for logs. What it throws is ignored. */
  onRequest?: (event: RequestEvent) => void
  /** Hears of every answer. */
  onResponse?: (event: ResponseEvent) => void
}

/** Options of the mode that is named; of the usual one, if none is. */
export type ConnectOptions<Mode extends 'legacy' | 'mainnet' | 'local' = 'legacy'> = {
  legacy: LegacyOptions
  mainnet: MainnetOptions
  local: LocalOptions
}[Mode]

/**
 * The verbs, bound to the addresses given. `MODE` says which network they are of: `'legacy'` (messenger, scheduler and
 * compute units), which is the usual one; `'mainnet'` (HyperBEAM nodes); or `'local'` (one in this runtime).
 *
 * @example
 * const ao = connect({ MODE: 'legacy' })
 * const id = await ao.message({ process, signer: createSigner(jwk), data: 'ping' })
 * const { Messages, Output, Error } = await ao.result({ process, message: id })
 * @example
 * const ao = connect({ MODE: 'mainnet', URL: 'https://push.forward.computer', signer: createSigner(jwk) })
 * const slot = await ao.message({ process, data: 'ping' })
 * const { Messages, Output, Error } = await ao.result({ process, slot })
 * @example
 * const ao = connect({ MODE: 'local' })
 * const process = await ao.spawn({ module, signer: createSigner(jwk) })
 *
 * @throws {AoError} `BAD_ARGUMENT` when the mode is unknown. An option of the wrong type is reported by the first call.
 */
export function connect<Mode extends 'mainnet'>(options: MainnetOptions & { MODE: Mode }): MainnetClient
export function connect<Mode extends 'local'>(options: LocalOptions & { MODE: Mode }): LocalClient
export function connect<Mode extends 'legacy'>(options?: LegacyOptions & { MODE?: Mode }): LegacyClient
export function connect(options?: LegacyOptions): LegacyClient
export function connect(options: LegacyOptions | MainnetOptions): LegacyClient | MainnetClient
export function connect(
  options: LegacyOptions | MainnetOptions | LocalOptions
): LegacyClient | MainnetClient | LocalClient

/**
 * {@link LegacyClient.message} of the public network, as are the next ones. In Node, the environment may name other units, and
 * so may the globals of a page: `MU_URL`, `CU_URL`, `GATEWAY_URL`, `GRAPHQL_URL`, `GRAPHQL_MAX_RETRIES` and
 * `GRAPHQL_RETRY_BACKOFF`. The first call reads them.
 */
export const message: LegacyClient['message']
/** {@link LegacyClient.signMessage} of the public network. */
export const signMessage: LegacyClient['signMessage']
/** {@link LegacyClient.sendSignedMessage} of the public network. */
export const sendSignedMessage: LegacyClient['sendSignedMessage']
/** {@link LegacyClient.spawn} of the public network. */
export const spawn: LegacyClient['spawn']
/** {@link LegacyClient.result} of the public network. */
export const result: LegacyClient['result']
/** {@link LegacyClient.results} of the public network. */
export const results: LegacyClient['results']
/** {@link LegacyClient.dryrun} of the public network. */
export const dryrun: LegacyClient['dryrun']
/** {@link LegacyClient.monitor} of the public network. */
export const monitor: LegacyClient['monitor']
/** {@link LegacyClient.unmonitor} of the public network. */
export const unmonitor: LegacyClient['unmonitor']
/** {@link LegacyClient.assign} of the public network. */
export const assign: LegacyClient['assign']
/** {@link LegacyClient.getMessages} of the public network. */
export const getMessages: LegacyClient['getMessages']
/** {@link LegacyClient.getMessageById} of the public network. */
export const getMessageById: LegacyClient['getMessageById']
/** {@link LegacyClient.getLastSlot} of the public network. */
export const getLastSlot: LegacyClient['getLastSlot']

/**
 * The tags that make a process's schedule, to be given to `spawn`. Answers at once.
 *
 * @param cron `interval` is a number and a unit (`1-minute`, `5-minutes`, `10-blocks`); `tags` are those of the message
 * that the process gets
 * @example
 * serializeCron({ interval: '5-minutes', tags: [{ name: 'Action', value: 'Tick' }] })
 *
 * @throws {AoError} `BAD_ARGUMENT`
 */
export function serializeCron(cron: { interval: string; tags?: readonly Tag[] }): Tag[]

/**
 * Loads the WebAssembly module now instead of on the first call. Once it is loaded, does nothing.
 *
 * Give `module` (an address, its response, bytes, or a compiled module) to choose where it comes from; the file is
 * `aoxide/aoxide.wasm` in this package.
 *
 * @example
 * await load({ module: '/aoxide.wasm' })
 *
 * @throws {AoError} `UNSUPPORTED` when the module cannot be loaded, for instance under a Content-Security-Policy
 * without `'wasm-unsafe-eval'`; `HTTP_NETWORK` when a part of the package cannot be fetched
 */
export function load(options?: {
  module?: string | URL | Response | Promise<Response> | ArrayBuffer | Uint8Array | WebAssembly.Module
}): Promise<void>

export { AoError, type AoErrorCode } from './errors.js'
export type { CallOptions, RequestEvent, ResponseEvent, RetryOptions, Signature } from './client/call-policy.js'
export { generateJwk, jwkToAddress, type Jwk } from './signers/keys.js'
export type {
  DryrunInput,
  LegacyClient,
  LegacyOptions,
  MessageInput,
  ScheduledMessage,
  ScheduledPage,
  SignedMessage,
  SpawnInput
} from './client/modes/legacy/types.js'
export type { LocalClient, LocalOptions, LocalSpawnInput } from './client/modes/local.js'
export type {
  Delivered,
  MainnetClient,
  MainnetDryrunInput,
  MainnetMessageInput,
  MainnetOptions,
  MainnetResult,
  MainnetResultsInput,
  MainnetSpawnInput,
  NodeRequest,
  StateOptions,
  StateValue
} from './client/modes/mainnet/types.js'
export type { SendProgress, StreamInput } from './client/send.js'
export {
  createSigner,
  /** The same function under aoconnect's older name. */
  createSigner as createDataItemSigner,
  type AnyCreate,
  type ArweaveWallet,
  type Create,
  type CreatePassthrough,
  type CreateWithKey,
  type ItemFields,
  type MadeSigner,
  type Signer,
  type SignerAnswer
} from './signers/create-signer.js'
