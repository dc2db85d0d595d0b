/**
 * aoxide: the AO computer from JavaScript. Same verbs, options and return values as `@permaweb/aoconnect`, so that
 * changing the import is the whole migration.
 *
 * Nothing has to be initialised: every function loads what it needs on its first call.
 */

/** A name and a value, as AO and Arweave know them. */
export interface Tag {
  name: string
  value: string
}

/** What a message or a process carries. A `Blob` is read in pieces. */
export type Data = string | Uint8Array | ArrayBuffer | Blob

/** An RSA key of an Arweave wallet, as a wallet's key file holds it. `n`, `e` and `d` are enough. */
export interface Jwk {
  kty: string
  n: string
  e: string
  d?: string
  p?: string
  q?: string
  dp?: string
  dq?: string
  qi?: string
}

/** The part of `window.arweaveWallet` (Wander, ArConnect) that signing needs. */
export interface ArweaveWallet {
  connect(permissions: string[], appInfo?: object, gateway?: object): Promise<unknown>
  signDataItem(item: {
    data: string | Uint8Array
    tags?: Tag[]
    target?: string
    anchor?: string
  }): Promise<ArrayBuffer | Uint8Array>
}

/** What a signer asks `create` for: either the bytes to sign for this public key … */
export interface CreateWithKey {
  publicKey: string | Uint8Array
  /** ANS-104 signature type, 1 (Arweave RSA) when left out. */
  type?: number
  alg?: string
}

/** … or the item's fields, to build and sign the whole item itself, as browser wallets do. */
export interface CreatePassthrough {
  passthrough: true
  alg?: string
}

export interface ItemFields {
  data: string | Uint8Array
  tags: Tag[]
  target?: string
  anchor?: string
}

export interface Create {
  (fields: CreatePassthrough): ItemFields | Promise<ItemFields>
  (fields: CreateWithKey): Uint8Array | Promise<Uint8Array>
}

/**
 * Signs one data item; aoconnect's signer contract, so signers can be exchanged between the two libraries.
 *
 * `create({ publicKey, type })` gives the bytes to sign, and the signer returns `{ signature, address }`; or
 * `create({ passthrough: true })` gives the fields, and the signer returns the whole item as `{ id, raw }`.
 */
export type Signer = (
  create: Create,
  kind?: string
) => Promise<{ signature: string | Uint8Array; address?: string } | { id?: string; raw: ArrayBuffer | Uint8Array }>

/**
 * Makes a signer of an RSA key (in any runtime, browsers included) or of a browser wallet. A function is taken to be
 * a signer already.
 *
 * @example
 * const signer = createSigner(window.arweaveWallet)
 *
 * @throws {AoError} `BAD_ARGUMENT` when it is given none of these. A key that cannot be used is reported by the first
 * call that signs, as `BAD_KEY`.
 */
export function createSigner(wallet: Jwk | ArweaveWallet | Signer): Signer

/** The same function under aoconnect's older name. */
export const createDataItemSigner: typeof createSigner

/** A new RSA-4096 key. Takes seconds. @throws {AoError} `UNSUPPORTED` without SubtleCrypto (plain http pages). */
export function generateJwk(): Promise<Jwk>

/** The Arweave address of a key: base64url of the SHA-256 of its modulus. @throws {AoError} `BAD_KEY` */
export function jwkToAddress(jwk: Jwk): Promise<string>

/** One entry of a process's outbox. */
export interface OutboxMessage {
  Target: string
  Anchor?: string
  Data?: string
  Tags: Tag[]
}

/** What a process answered to one message: its outbox, its output, and the error if its handler failed. */
export interface Evaluation {
  Output: unknown
  Messages: OutboxMessage[]
  Spawns: { Anchor?: string; Data?: string; Tags: Tag[] }[]
  Assignments?: { Message: string; Processes: string[] }[]
  Error?: unknown
  GasUsed?: number
}

export interface ResultsPage {
  edges: { cursor: string; node: Evaluation }[]
  pageInfo?: { hasNextPage?: boolean }
}

export interface MessageInput {
  /** Id of the process the message is for. */
  process: string
  /** One space when left out. */
  data?: Data
  tags?: Tag[]
  /** Exactly 32 bytes of UTF-8, or left out. */
  anchor?: string
  signer: Signer
}

export interface SpawnInput {
  /** Id of the module the process will run. */
  module: string
  /** Address of the scheduler that will order its messages. */
  scheduler: string
  signer: Signer
  tags?: Tag[]
  data?: Data
  /** Value of the `Timestamp` tag in milliseconds; now, when left out. */
  timestamp?: number
}

export interface DryrunInput {
  process: string
  data?: Data
  tags?: Tag[]
  anchor?: string
  Id?: string
  Owner?: string
}

export interface SignedMessage {
  /** Id of the item, base64url. */
  id: string
  /** The signed data item, ready to send. */
  raw: Uint8Array
}

/** One entry of a scheduler's list. */
export interface ScheduledMessage {
  message: { id: string; owner?: unknown; tags: Tag[]; data?: unknown; [key: string]: unknown } | null
  assignment: { id: string; tags: Tag[]; [key: string]: unknown }
  [key: string]: unknown
}

export interface ScheduledPage {
  edges: { cursor: string; node: ScheduledMessage }[]
  page_info?: { has_next_page: boolean }
  [key: string]: unknown
}

/** The verbs of the network of MU, SU and CU. Every one of them rejects with an {@link AoError}. */
export interface LegacyClient {
  MODE: 'legacy'
  /**
   * Signs a message and hands it to the messenger unit.
   *
   * @returns its id; the slot instead with `returnAssignmentSlot`; both with both.
   * @example
   * const id = await ao.message({ process, signer, tags: [{ name: 'Action', value: 'Balance' }] })
   */
  message(input: MessageInput & { returnAssignmentSlot?: false; returnMessageId?: boolean }): Promise<string>
  message(input: MessageInput & { returnAssignmentSlot: true; returnMessageId?: false }): Promise<string>
  message(
    input: MessageInput & { returnAssignmentSlot: true; returnMessageId: true }
  ): Promise<{ slot: string; id: string }>
  /** Signs a message and sends nothing. */
  signMessage(input: MessageInput): Promise<SignedMessage>
  /** Verifies a signed item, then hands it to the messenger unit. @returns its id. */
  sendSignedMessage(item: { id: string; raw: ArrayBuffer | Uint8Array }): Promise<string>
  /**
   * Makes a process of a module. @returns the id of the process.
   * @example
   * const process = await ao.spawn({ module, scheduler, signer, tags: [{ name: 'Authority', value: authority }] })
   */
  spawn(input: SpawnInput): Promise<string>
  /** What the process answered to a message. */
  result(input: { process: string; message: string }): Promise<Evaluation>
  /** Results of a process, one page of them. */
  results(input: {
    process: string
    from?: string
    to?: string
    limit?: number
    sort?: 'ASC' | 'DESC'
  }): Promise<ResultsPage>
  /** What the process would answer: nothing is signed, nothing is kept. */
  dryrun(input: DryrunInput): Promise<Evaluation>
  /** Asks the messenger unit to run the process's cron messages. @returns the id of the request. */
  monitor(input: { process: string; signer: Signer }): Promise<string>
  unmonitor(input: { process: string; signer: Signer }): Promise<string>
  /** Lets a process evaluate a message that was sent to another. @returns the id of the assignment. */
  assign(input: { process: string; message: string; baseLayer?: boolean; exclude?: string[] }): Promise<string>
  /** Messages the scheduler holds for a process. */
  getMessages(input: { processId: string; from: string; to: string; limit?: string }): Promise<ScheduledPage>
  getMessageById(input: { processId: string; messageId: string }): Promise<ScheduledMessage>
  /** The newest slot within the last `since` milliseconds (ten minutes, when left out), or `undefined`. */
  getLastSlot(input: { processId: string; since?: number }): Promise<string | undefined>
  createSigner: typeof createSigner
  createDataItemSigner: typeof createSigner
}

export interface ConnectOptions {
  MODE?: 'legacy'
  GATEWAY_URL?: string
  /** `graphql` under the gateway's address, when left out. */
  GRAPHQL_URL?: string
  GRAPHQL_MAX_RETRIES?: number
  /** Milliseconds before the first retry; doubles each time. */
  GRAPHQL_RETRY_BACKOFF?: number
  MU_URL?: string
  CU_URL?: string
  /** The scheduler unit; found through the public router and the gateway, when left out. */
  SU_URL?: string
  /** Used for every request; the runtime's own `fetch`, when left out. */
  fetch?: typeof fetch
}

/**
 * The verbs, bound to the addresses given.
 *
 * @example
 * const ao = connect({ MODE: 'legacy' })
 * const id = await ao.message({ process, signer: createSigner(jwk), data: 'ping' })
 * const { Messages, Output, Error } = await ao.result({ process, message: id })
 *
 * @throws {AoError} `BAD_ARGUMENT` when the mode is unknown
 */
export function connect(options?: ConnectOptions): LegacyClient

export const message: LegacyClient['message']
export const signMessage: LegacyClient['signMessage']
export const sendSignedMessage: LegacyClient['sendSignedMessage']
export const spawn: LegacyClient['spawn']
export const result: LegacyClient['result']
export const results: LegacyClient['results']
export const dryrun: LegacyClient['dryrun']
export const monitor: LegacyClient['monitor']
export const unmonitor: LegacyClient['unmonitor']
export const assign: LegacyClient['assign']
export const getMessages: LegacyClient['getMessages']
export const getMessageById: LegacyClient['getMessageById']
export const getLastSlot: LegacyClient['getLastSlot']

/**
 * The tags that make a process's schedule.
 *
 * @example
 * serializeCron({ interval: '5-minutes', tags: [{ name: 'Action', value: 'Tick' }] })
 *
 * @throws {AoError} `BAD_ARGUMENT`
 */
export function serializeCron(cron: { interval: string; tags?: Tag[] }): Tag[]

/**
 * Loads the WebAssembly module now instead of on the first call. Give `module` (a URL's response, bytes, or a compiled
 * module) to choose where it comes from, for instance `load({ module: fetch('/aoxide.wasm') })`.
 */
export function load(options?: {
  module?: Promise<Response> | Response | BufferSource | WebAssembly.Module
}): Promise<void>

export { AoError, type AoErrorCode } from './error.js'
