/**
 * aoxide: the AO computer from JavaScript. Same verbs, options and return values as `@permaweb/aoconnect`, so that
 * changing the import is the whole migration.
 *
 * Nothing has to be initialised: every function loads what it needs on its first call.
 */
import type { CallOptions, RequestEvent, ResponseEvent } from './call.js'
import type { AoError } from './error.js'
import type { MainnetClient, MainnetOptions } from './mainnet.js'
import type { Signer, createSigner } from './signer.js'
import type { SendProgress, StreamInput } from './together.js'

/** A name and a value, as AO and Arweave know them. */
export interface Tag {
  name: string
  value: string
}

/** What a message or a process carries: text (sent as UTF-8), bytes, or a `Blob`, which is read in pieces. */
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

/** What a message is made of. */
export interface MessageInput extends CallOptions {
  /** Id of the process the message is for. */
  process: string
  /** One space when left out. */
  data?: Data
  tags?: readonly Tag[]
  /** Exactly 32 bytes of UTF-8, or left out. */
  anchor?: string
  signer: Signer
}

/** What a process is made of. */
export interface SpawnInput extends CallOptions {
  /** Id of the module the process will run. */
  module: string
  /** Address of the scheduler that will order its messages. */
  scheduler: string
  signer: Signer
  tags?: readonly Tag[]
  data?: Data
  /** Value of the `Timestamp` tag in milliseconds; now, when left out. */
  timestamp?: number
}

/** The message of a dryrun. */
export interface DryrunInput extends CallOptions {
  process: string
  /** Text, or bytes that are UTF-8 text: a dryrun travels as JSON. */
  data?: Data
  tags?: readonly Tag[]
  anchor?: string
  /** Id of the message to pretend; `1234` when left out. */
  Id?: string
  /** Address to pretend the message comes from; `1234` when left out. */
  Owner?: string
}

/** A message that is signed and not sent. */
export interface SignedMessage {
  /** Id of the item, base64url. */
  id: string
  /** The signed data item, ready to send. */
  raw: Bytes
}

/** One entry of a scheduler's list. */
export interface ScheduledMessage {
  message: { id: string; owner?: unknown; tags: Tag[]; data?: unknown; [key: string]: unknown } | null
  assignment: { id: string; tags: Tag[]; [key: string]: unknown }
  [key: string]: unknown
}

/** A page of a scheduler's list. */
export interface ScheduledPage {
  edges: { cursor: string; node: ScheduledMessage }[]
  page_info?: { has_next_page: boolean }
  [key: string]: unknown
}

/**
 * The verbs of the network of messenger, scheduler and compute units (MU, SU, CU).
 *
 * All of them reject with an {@link AoError}. What can happen anywhere is not repeated below: `BAD_ARGUMENT` for
 * arguments of the wrong type, before anything is sent; `HTTP_NETWORK`, `HTTP_STATUS` and `BAD_RESPONSE` when a unit
 * cannot be reached, answers with an error status, or answers with something else than expected.
 */
export interface LegacyClient {
  MODE: 'legacy'
  /**
   * Signs a message and hands it to the messenger unit.
   *
   * @returns its id; the slot instead with `returnAssignmentSlot`; both with both.
   * @example
   * const id = await ao.message({ process, signer, tags: [{ name: 'Action', value: 'Balance' }] })
   *
   * @throws {AoError} before anything is sent: `BAD_ID`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_KEY`, `SIGNER`, `UNSUPPORTED`,
   * and of what a signer returned, `BAD_ITEM` and `BAD_SIGNATURE`. When sending failed, `details.id` is the id of the
   * message, which may have arrived all the same. With `returnAssignmentSlot` also `NOT_FOUND`, when the scheduler
   * cannot be found; the message is sent by then.
   */
  message(input: MessageInput & { returnAssignmentSlot?: false; returnMessageId?: boolean }): Promise<string>
  message(input: MessageInput & { returnAssignmentSlot: true; returnMessageId?: false }): Promise<string>
  message(
    input: MessageInput & { returnAssignmentSlot: true; returnMessageId: true }
  ): Promise<{ slot: string; id: string }>
  message(
    input: MessageInput & { returnAssignmentSlot?: boolean; returnMessageId?: boolean }
  ): Promise<string | { slot: string; id: string }>
  /**
   * Signs a message and sends nothing.
   *
   * @throws {AoError} as {@link LegacyClient.message} does before it sends
   */
  signMessage(input: MessageInput): Promise<SignedMessage>
  /**
   * Verifies a signed item, then hands it to the messenger unit.
   *
   * @returns its id
   * @example
   * const signed = await ao.signMessage({ process, signer, data: 'later' })
   * const id = await ao.sendSignedMessage(signed)
   *
   * @throws {AoError} `BAD_ITEM`, `BAD_SIGNATURE`, `UNSUPPORTED`, and `BAD_ARGUMENT` when `id` is not that of `raw`;
   * nothing is sent then
   */
  sendSignedMessage(item: { id: string; raw: ArrayBuffer | Uint8Array }): Promise<string>
  /**
   * Makes a process of a module.
   *
   * @returns the id of the process
   * @example
   * const process = await ao.spawn({ module, scheduler, signer, tags: [{ name: 'Authority', value: authority }] })
   *
   * @throws {AoError} `NOT_FOUND` when the gateway does not know the module, or it lacks a tag of modules; the rest as
   * {@link LegacyClient.message}
   */
  spawn(input: SpawnInput): Promise<string>
  /**
   * What the process answered to a message.
   *
   * @example
   * const { Messages, Output, Error } = await ao.result({ process, message: id })
   * @example
   * const result = await ao.result({ process, message: id, wait: true, timeout: 120_000 })
   *
   * @throws {AoError} `TIMEOUT` when it has waited in vain
   */
  result(input: CallOptions & WaitOption & { process: string; message: string }): Promise<Evaluation>
  /**
   * Results of a process, one page of them; the oldest first, when `sort` is left out.
   *
   * @example
   * const { edges } = await ao.results({ process, sort: 'DESC', limit: 25 })
   * const next = await ao.results({ process, sort: 'DESC', limit: 25, from: edges.at(-1)?.cursor ?? '' })
   */
  results(
    input: CallOptions & {
      process: string
      /** Cursor after which to begin. */
      from?: string
      /** Cursor before which to end. */
      to?: string
      limit?: number
      sort?: 'ASC' | 'DESC'
    }
  ): Promise<ResultsPage>
  /**
   * What the process would answer: nothing is signed, nothing is kept.
   *
   * @example
   * const { Messages } = await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Info' }] })
   */
  dryrun(input: DryrunInput): Promise<Evaluation>
  /**
   * Asks the messenger unit to run the process's cron messages.
   *
   * @returns the id of the request
   * @throws {AoError} as {@link LegacyClient.message}
   */
  monitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /** Asks it to stop. @returns the id of the request. @throws {AoError} as {@link LegacyClient.message} */
  unmonitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /**
   * Lets a process evaluate a message that was sent to another.
   *
   * @param input `baseLayer` for a message on Arweave itself; `exclude` lists members of it to leave out
   * @returns the id of the assignment
   */
  assign(
    input: CallOptions & { process: string; message: string; baseLayer?: boolean; exclude?: readonly string[] }
  ): Promise<string>
  /**
   * Messages the scheduler holds for a process.
   *
   * @throws {AoError} `NOT_FOUND` when the scheduler cannot be found; so do the next two
   */
  getMessages(
    input: CallOptions & { processId: string; from: string; to: string; limit?: string }
  ): Promise<ScheduledPage>
  /** One message and its assignment, as the scheduler holds them. */
  getMessageById(input: CallOptions & { processId: string; messageId: string }): Promise<ScheduledMessage>
  /** The newest slot within the last `since` milliseconds (ten minutes, when left out), or `undefined`. */
  getLastSlot(input: CallOptions & { processId: string; since?: number }): Promise<string | undefined>
  /**
   * Sends a message, and waits for its result.
   *
   * @returns the result, with the `id` of the message in it
   * @example
   * const { id, Output } = await ao.send({ process, signer, data: 'return 1 + 1', onProgress: ({ stage }) => show(stage) })
   *
   * @throws {AoError} as {@link LegacyClient.message} and {@link LegacyClient.result}. Once the message is sent,
   * `details.id` is its id.
   */
  send(input: MessageInput & { onProgress?: (progress: SendProgress) => void }): Promise<Evaluation & { id: string }>
  /**
   * The results of a process, one after the other as they come, for as long as somebody wants them.
   *
   * @example
   * for await (const { cursor, node } of ao.stream({ process, signal })) show(node.Output)
   *
   * @throws the signal's reason when it speaks; {@link AoError} as {@link LegacyClient.results}, after six tries
   */
  stream(input: StreamInput): AsyncGenerator<{ cursor: string; node: Evaluation }, never, void>
  createSigner: typeof createSigner
  createDataItemSigner: typeof createSigner
}

/** Of calls that can wait for what is not there yet. */
export interface WaitOption {
  /**
   * Asks again, at growing intervals, until the unit has it: while it answers with 404, 408, 425, 429 or 5xx, or cannot be
   * reached. For a minute, unless `timeout` says otherwise.
   */
  wait?: boolean
}

/** One address of a unit, or several that can stand in for each other: see the README's "Slow and broken networks". */
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
  /** Hears of every request before it is made, retries included; for logs. What it throws is ignored. */
  onRequest?: (event: RequestEvent) => void
  /** Hears of every answer. */
  onResponse?: (event: ResponseEvent) => void
}

/** Where the units of the legacy network are. */
export interface LegacyOptions extends CommonOptions {
  MODE?: 'legacy'
  /** `https://mu.ao-testnet.xyz`, when left out. */
  MU_URL?: Addresses
  /** `https://cu.ao-testnet.xyz`, when left out. */
  CU_URL?: Addresses
}

/** Options of either mode, or of the one that is named. */
export type ConnectOptions<Mode extends 'legacy' | 'mainnet' = 'legacy' | 'mainnet'> = {
  legacy: LegacyOptions
  mainnet: MainnetOptions
}[Mode]

/**
 * The verbs, bound to the addresses given. `MODE` says which network they are of: `'legacy'` (messenger, scheduler and
 * compute units), which is the usual one, or `'mainnet'` (HyperBEAM nodes).
 *
 * @example
 * const ao = connect({ MODE: 'legacy' })
 * const id = await ao.message({ process, signer: createSigner(jwk), data: 'ping' })
 * const { Messages, Output, Error } = await ao.result({ process, message: id })
 * @example
 * const ao = connect({ MODE: 'mainnet', URL: 'https://push.forward.computer', signer: createSigner(jwk) })
 * const slot = await ao.message({ process, data: 'ping' })
 * const { Messages, Output, Error } = await ao.result({ process, slot })
 *
 * @throws {AoError} `BAD_ARGUMENT` when the mode is unknown. An option of the wrong type is reported by the first call.
 */
export function connect<Mode extends 'mainnet'>(options: MainnetOptions & { MODE: Mode }): MainnetClient
export function connect<Mode extends 'legacy'>(options?: LegacyOptions & { MODE?: Mode }): LegacyClient
export function connect(options?: LegacyOptions): LegacyClient
export function connect(options: ConnectOptions): LegacyClient | MainnetClient

/** {@link LegacyClient.message} of the public network. In Node, the environment may name other units. */
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
 * without `'wasm-unsafe-eval'`
 */
export function load(options?: {
  module?: string | URL | Response | Promise<Response> | ArrayBuffer | Uint8Array | WebAssembly.Module
}): Promise<void>

export { AoError, type AoErrorCode } from './error.js'
export type { CallOptions, RequestEvent, ResponseEvent, RetryOptions } from './call.js'
export { generateJwk, jwkToAddress, type Jwk } from './keys.js'
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
} from './mainnet.js'
export type { SendProgress, StreamInput } from './together.js'
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
} from './signer.js'
