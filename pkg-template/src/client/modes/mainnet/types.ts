// The verbs of HyperBEAM nodes: `connect({ MODE: 'mainnet' })`.

import type { Dialect } from '../../../httpsig/types.js'
import type { createSigner } from '../../../signers/create-signer.js'
import type { MadeSigner, Signer } from '../../../signers/types.js'
import type { Data, Evaluation, Tag } from '../../../types.js'
import type { Proof, Proven } from '../../../verify/types.js'
import type { Addresses, CallOptions, CommonOptions, WaitOption } from '../../options.js'
import type { LegacyClient } from '../legacy/types.js'
import type { SendProgress } from '../../send.js'
import type { StreamInput } from '../../stream.js'
import type { NotVerified, ProvenPage, VerifyOption } from '../../verify-option.js'
import type { Response } from '../../../web-types.js'

/** Options of the mainnet mode. */
export interface MainnetOptions extends CommonOptions {
  MODE: 'mainnet'
  /** Address of the node. Default: `https://tee-6.forward.computer`. */
  URL?: Addresses
  /** Address of the scheduler of new processes. Default: the address of the node. */
  SCHEDULER?: string
  /** Signs messages and spawns. The `signer` of a call replaces it. */
  signer?: Signer
  /**
   * Whether reads are signed too, for nodes that serve signed requests only. A browser wallet shows a dialog for every
   * signature. Default: `false`.
   */
  signedReads?: boolean
  /**
   * The dialect of the node, for requests in HTTP's own form. By default, the first signed request finds it out from a reply
   * of the node, once for each address.
   */
  dialect?: Dialect
}

/** Option of verbs that sign. */
export interface Signing {
  /** Default: the signer of `connect`. */
  signer?: Signer
}

/** Options of reads that can be signed. */
export interface SignedRead extends Signing {
  /** Replaces `signedReads` of {@link MainnetOptions} for this call. */
  signedReads?: boolean
}

/** A message to send. */
export interface MainnetMessageInput extends CallOptions, Signing {
  process: string
  /** Default: `1984`. */
  data?: Data
  /** All tags are sent, also those with the same name. */
  tags?: readonly Tag[]
  /**
   * Exactly 32 bytes. Nodes of September 2025 refuse items that have an anchor, so leave it out unless you need one: each item
   * then gets a tag named `salt` with 24 random bytes, so that no two messages are the same.
   */
  anchor?: string | Uint8Array
}

/** A process to create. */
export interface MainnetSpawnInput extends CallOptions, Signing {
  /** Id of the module. Optional if the tags name an `execution-device`. */
  module?: string
  /** Address of the scheduler. Default: `SCHEDULER` of `connect`, or else the address of the node. */
  scheduler?: string
  /** Address whose messages the process trusts. Default: the scheduler. */
  authority?: string
  /** Tags of the definition. They replace the defaults, devices included. */
  tags?: readonly Tag[]
  /**
   * With the tag `content-type: application/lua` and without a `module`: the source of the module. The source is signed and
   * posted first, as an item whose id becomes the module of the process. A wallet therefore shows two dialogs. The node keeps
   * the source. Other nodes do not have it unless it is uploaded to Arweave.
   */
  data?: Data
  anchor?: string | Uint8Array
}

/**
 * A result, with the other members of the node's answer. For a process with another device, such as `lua@5.3a`: `Output` is
 * `results/output`, or its `body` if it has one; `Messages` are those of `results/outbox`.
 */
export interface MainnetResult extends Evaluation {
  Assignments: NonNullable<Evaluation['Assignments']>
  /** Everything that a device other than `genesis-wasm@1.0` computed. */
  results?: { [name: string]: StateValue }
}

/** A message with its slot. */
export interface Delivered {
  id: string
  slot: number
}

/** Input of `result`: the message, by its slot. */
export type MainnetResultInput = CallOptions &
  SignedRead &
  WaitOption & { process: string; data?: Data; tags?: readonly Tag[] } & (
    { slot: number | string; message?: number | string } | { slot?: undefined; message: number | string }
  )

/** Range of results. */
export interface MainnetResultsInput extends CallOptions, SignedRead {
  process: string
  /** Cursor (slot) after which to begin. */
  from?: string
  /** Cursor before which to end. */
  to?: string
  /** Default: 25; or 1 without `from` and `to`. */
  limit?: number
  /** Default: the newest first without `from`, else the oldest first. */
  sort?: 'ASC' | 'DESC'
}

/** The message of a dryrun. */
export interface MainnetDryrunInput extends CallOptions, SignedRead {
  process: string
  tags?: readonly Tag[]
  /** Sent as part of the address, so it should be short. With `signedReads`, sent as the data of the item. */
  data?: Data
}

/**
 * Any request. Every member that is not listed here is a field of the message: text, bytes, a number, a boolean, a list or a
 * plain object, which can be nested. Members that are `undefined` or `null` are not sent. With `'ans104'`, each is a tag of the
 * item and must be text, bytes, a number or a boolean.
 */
export interface NodeRequest extends CallOptions {
  /** Path on the node, with its query. */
  path: string
  /**
   * Form of the request. `'httpsig'` is HTTP's own form (RFC 9421); its code is fetched on first use. `'ans104'` is a data
   * item, which is always a `POST`. Default: `'httpsig'`.
   */
  'signing-format'?: 'ans104' | 'httpsig' | null
  /** Default: `POST` for a message with a body, else `GET`. `GET` and `HEAD` cannot have a body. */
  method?: string
  /**
   * Signs the request. Default: the signer of `connect`. With `null`, or without any signer, a request in HTTP's own form is
   * sent unsigned, which is enough for reads.
   */
  signer?: Signer | null
  target?: string
  anchor?: string | Uint8Array
  /** Sent as the body, like `body`. */
  data?: Data
  /** Default in an item: `Message`. */
  Type?: string
  /** Default in an item: `ao.N.1`. */
  Variant?: string
  [field: string]: unknown
}

/** A part of a process's state, and its point in time. */
export interface StateOptions extends CallOptions {
  /**
   * The path after `/now/` or `/compute/` on the node: `'cache/balances'` for what the process published with `patch@1.0`. Pass
   * an array of keys if a key can contain any character. Default: the whole state.
   */
  path?: string | readonly string[]
  /** The state after the message in this slot. */
  slot?: number | string
  /**
   * `'now'`: after the newest message, which the node may have to evaluate first. `'compute'`: after the last message that the
   * node has evaluated, which is available at once. Default: `'now'`.
   */
  at?: 'now' | 'compute'
}

/**
 * State as plain values. Whole numbers beyond 2^53 are `bigint`. Bytes that are not UTF-8 are `Uint8Array`; only a path that
 * ends at them can be read, because nodes cannot write them into JSON.
 */
export type StateValue =
  string | number | bigint | boolean | null | Uint8Array | StateValue[] | { [key: string]: StateValue }

/**
 * The verbs of a HyperBEAM node. They reject with an {@link AoError}. As in {@link LegacyClient}, the codes `BAD_ARGUMENT`,
 * `HTTP_NETWORK`, `HTTP_STATUS` and `BAD_RESPONSE` are possible for every verb.
 */
export interface MainnetClient {
  MODE: 'mainnet'
  /**
   * Creates a process. The tags are sent as they are given.
   *
   * @returns the id of the process
   * @example
   * const process = await ao.spawn({ module, tags: [{ name: 'Authority', value: authority }] })
   * @example
   * const process = await ao.spawn({ tags: [{ name: 'execution-device', value: 'lua@5.3a' }, { name: 'module', value: id }] })
   *
   * @throws {AoError} before anything is sent: `BAD_ARGUMENT` without a module or a signer, `BAD_TAGS`, `BAD_ANCHOR`,
   * `BAD_KEY`, `SIGNER`, `UNSUPPORTED`, and `BAD_ITEM` or `BAD_SIGNATURE` for what a signer returned. Then `BAD_RESPONSE` if
   * the response names no process.
   */
  spawn(input: MainnetSpawnInput): Promise<string>
  /**
   * Sends a message. The node schedules and evaluates it, and pushes the messages that result from it. The response comes
   * after that. If this can take long, set a `timeout` or use {@link MainnetClient.schedule}.
   *
   * @returns the slot of the message; with `returnMessageId` its id; with both flags both; with `opts.fullResponse` its result
   * @example
   * const slot = await ao.message({ process, tags: [{ name: 'Action', value: 'Balance' }] })
   *
   * With `retry`, or with several addresses in `URL`, the schedule is checked before a message whose response was lost is sent
   * again: see {@link CallOptions.retry}.
   *
   * @throws {AoError} before anything is sent: those of {@link MainnetClient.spawn}, and `BAD_ID`. After that, `details.id` is
   * the id of the message, which may have arrived all the same. A `TIMEOUT` after the signature has the id, too.
   */
  message(input: MainnetMessageInput & { opts: { fullResponse: true } }): Promise<MainnetResult>
  message(
    input: MainnetMessageInput & {
      returnAssignmentSlot?: boolean
      returnMessageId?: false
      opts?: { fullResponse?: false }
    }
  ): Promise<number>
  message(
    input: MainnetMessageInput & { returnAssignmentSlot: true; returnMessageId: true; opts?: { fullResponse?: false } }
  ): Promise<Delivered>
  message(
    input: MainnetMessageInput & {
      returnAssignmentSlot?: false
      returnMessageId: true
      opts?: { fullResponse?: false }
    }
  ): Promise<string>
  message(
    input: MainnetMessageInput & {
      returnAssignmentSlot?: boolean
      returnMessageId?: boolean
      opts?: { fullResponse?: boolean }
    }
  ): Promise<number | string | Delivered | MainnetResult>
  /**
   * Sends a message that the node only schedules. The response does not wait for an evaluation.
   *
   * @example
   * const { slot } = await ao.schedule(process, { tags: [{ name: 'Action', value: 'Tick' }] })
   * const result = await ao.result({ process, slot, wait: true })
   *
   * @throws {AoError} those of {@link MainnetClient.message}
   */
  schedule(process: string, message?: Omit<MainnetMessageInput, 'process'>): Promise<Delivered>
  /**
   * Sends a message and waits for its result.
   *
   * @returns the result, with the `id` and the `slot` of the message
   * @example
   * const { slot, Output } = await ao.send({ process, data: 'return 1 + 1', onProgress: ({ stage }) => show(stage) })
   *
   * @throws {AoError} those of {@link MainnetClient.message} and {@link MainnetClient.result}. After the message was sent,
   * `details.id` and `details.slot` name it.
   */
  send(
    input: MainnetMessageInput & VerifyOption & { onProgress?: (progress: SendProgress) => void }
  ): Promise<Proven<Evaluation> & Delivered>
  send(
    input: MainnetMessageInput & NotVerified & { onProgress?: (progress: SendProgress) => void }
  ): Promise<MainnetResult & Delivered>
  /**
   * Returns the result of the message in a slot. Unsigned without `signedReads`.
   *
   * @example
   * const { Messages, Output, Error } = await ao.result({ process, slot })
   *
   * @throws {AoError} `HTTP_STATUS` with `details.status` 404 if the slot does not exist yet and `wait` is not set;
   * `BAD_RESPONSE` if the response has no result, or names another slot; with `verify`, those of {@link LegacyClient.follow}
   */
  result(input: MainnetResultInput & VerifyOption): Promise<Proven<Evaluation>>
  result(input: MainnetResultInput & NotVerified): Promise<MainnetResult>
  /**
   * Returns the newest result, or a page of results. Cursors are slots.
   *
   * @example
   * const { edges } = await ao.results({ process, from: '10', limit: 5 })
   *
   * @throws {AoError} those of {@link MainnetClient.result}
   */
  results(input: MainnetResultsInput & VerifyOption): Promise<ProvenPage>
  results(input: MainnetResultsInput & NotVerified): Promise<{ edges: { cursor: string; node: MainnetResult }[] }>
  /**
   * Returns the result that a message would have. The process does not keep the message. Unsigned without `signedReads`.
   *
   * @example
   * const { Messages } = await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Info' }] })
   *
   * @throws {AoError} those of {@link MainnetClient.result}
   */
  dryrun(input: MainnetDryrunInput & VerifyOption): Promise<Proven<Evaluation>>
  dryrun(input: MainnetDryrunInput & NotVerified): Promise<MainnetResult>
  /** {@link LegacyClient.follow}, with the schedule of the node. */
  follow: LegacyClient['follow']
  /**
   * Returns a process's state, or a part of it, as plain values: what it published with `patch@1.0`, or anything else under its
   * `/now` and `/compute`.
   *
   * @example
   * const balances = await ao.state(process, { path: 'cache/balances' })
   * const then = await ao.state(process, { path: ['cache', 'balances', address], slot: 120 })
   *
   * @example
   * const { value, proof } = await ao.state(process, { path: 'cache/balances', verify: 'local' })
   *
   * @throws {AoError} `HTTP_STATUS` with `details.status` 404 if there is nothing under that path; `BAD_RESPONSE` if the
   * response names another slot; with `verify`, `NOT_FOUND` if nothing is published under that path, `BAD_ARGUMENT` for an earlier
   * `slot`, and those of {@link LegacyClient.follow}
   */
  state(process: string, options: StateOptions & VerifyOption): Promise<{ value: unknown; proof: Proof }>
  state(process: string, options?: StateOptions & NotVerified): Promise<StateValue>
  /**
   * Sends any fields to any path of the node, as a signed HTTP message or as a signed item. A retry, also at another address,
   * sends the same message. Requests with other methods than `GET` and `HEAD` count as messages, and are sent again by the rules
   * of {@link CallOptions.retry}. The schedule can show messages that are posted to `push` or `schedule` of a process or have
   * the process as `target`, and new processes.
   *
   * @returns the `Response` of `fetch`, whatever its status is; `decodeReply` of `aoxide/httpsig` decodes it. After 408 and 5xx,
   * the message may have arrived. If the response was lost and the schedule shows the message: a response with the header `slot`
   * and nothing else. If the schedule was read and does not show the message, the call rejects as other verbs do
   * @example
   * const response = await ao.request({ path: `/${process}~process@1.0/push`, method: 'POST', Action: 'Info' })
   * @example
   * import { decodeReply } from 'aoxide/httpsig'
   * const { message, signatures } = await decodeReply(await ao.request({ path: '/~meta@1.0/info', signer: null }))
   * @example
   * const response = await ao.request({ path: `/${process}~process@1.0/push`, 'signing-format': 'ans104', Action: 'Info' })
   *
   * @throws {AoError} before anything is sent: for an item, those of {@link MainnetClient.message}; for an HTTP message
   * `BAD_ARGUMENT` (a value or a name that cannot be encoded, or that nodes do not verify in a signed message; a `GET` with a
   * body), `SIGNER`, `BAD_SIGNATURE`, `BAD_KEY`, and `UNSUPPORTED` for wallets that hash what they sign, since these can sign
   * items only. Then `HTTP_NETWORK`, with the id of what was signed as `details.id`
   */
  request(fields: NodeRequest): Promise<Response>
  /**
   * Yields the results of a process as they appear, until the loop ends or the signal is aborted.
   *
   * @example
   * for await (const { cursor, node } of ao.stream({ process, signal })) show(node.Output)
   *
   * @throws `signal.reason` when aborted; after six tries, the {@link AoError} of {@link MainnetClient.results}
   */
  stream(
    input: StreamInput & SignedRead & VerifyOption
  ): AsyncGenerator<{ cursor: string; node: Proven<Evaluation> }, never, void>
  stream(
    input: StreamInput & SignedRead & NotVerified
  ): AsyncGenerator<{ cursor: string; node: MainnetResult }, never, void>
  /** {@link LegacyClient.getMessages}, from the scheduler units, not from the node. */
  getMessages: LegacyClient['getMessages']
  /** {@link LegacyClient.getMessageById}, from the scheduler units, not from the node. */
  getMessageById: LegacyClient['getMessageById']
  /** {@link LegacyClient.getLastSlot}, from the scheduler units, not from the node. */
  getLastSlot: LegacyClient['getLastSlot']
  /** Creates signers. Returns the signer of `connect` if there is one. */
  createSigner: MainnetSignerMaker
  /** The same function under aoconnect's older name. */
  createDataItemSigner: MainnetSignerMaker
}

/** Like {@link createSigner}. The argument is ignored if `connect` has a signer. */
export interface MainnetSignerMaker {
  (wallet?: Parameters<typeof createSigner>[0]): MadeSigner | Signer
}
