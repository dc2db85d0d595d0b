// The verbs of HyperBEAM nodes: `connect({ MODE: 'mainnet' })`.

import type { Dialect } from '../../../httpsig/types.js'
import type { createSigner } from '../../../signers/create-signer.js'
import type { MadeSigner, Signer } from '../../../signers/types.js'
import type { Data, Evaluation, Tag } from '../../../types.js'
import type { Addresses, CallOptions, CommonOptions, WaitOption } from '../../options.js'
import type { LegacyClient } from '../legacy/types.js'
import type { SendProgress } from '../../send.js'
import type { StreamInput } from '../../stream.js'

/** Which node, and who signs. */
export interface MainnetOptions extends CommonOptions {
  MODE: 'mainnet'
  /** The node; `https://tee-6.forward.computer`, when left out. */
  URL?: Addresses
  /** Address of the scheduler of new processes; the node's own, when left out. */
  SCHEDULER?: string
  /** Signs everything that is sent. A call may have a signer of its own instead. */
  signer?: Signer
  /**
   * Whether reads are signed too. They need not be, and a browser wallet asks its owner for every signature; for nodes
   * that want to know who reads. Not, when left out.
   */
  signedReads?: boolean
  /**
   * The age of the node, for requests in HTTP's own form. When left out, the first signed request asks the node: its replies
   * show their age. What was found is kept for the address.
   */
  dialect?: Dialect
}

/** What every verb that signs takes. */
export interface Signing {
  /** The one of `connect`, when left out. */
  signer?: Signer
}

/** Reads, which are signed only if somebody wants that. */
export interface SignedRead extends Signing {
  /** As in {@link MainnetOptions}, for this call. */
  signedReads?: boolean
}

/** What a message is made of. */
export interface MainnetMessageInput extends CallOptions, Signing {
  process: string
  /** `1984` when left out. */
  data?: Data
  /** All of them are sent, also those of the same name. */
  tags?: readonly Tag[]
  /**
   * Exactly 32 bytes. Nodes of September 2025 refuse items that have an anchor, so leave it out unless you need one: each item
   * then gets a tag named `salt` with 24 random bytes, so that no two messages are the same.
   */
  anchor?: string | Uint8Array
}

/** What a process is made of. */
export interface MainnetSpawnInput extends CallOptions, Signing {
  /** Id of the module. May be left out by a definition whose tags name an `execution-device` of their own. */
  module?: string
  /** Address of the scheduler; `SCHEDULER` of `connect` when left out, or else the node's own. */
  scheduler?: string
  /** Address whose messages the process trusts; the scheduler's, when left out. */
  authority?: string
  /** Every tag of the definition, devices included. What is given here stands in the place of what is usual. */
  tags?: readonly Tag[]
  /**
   * With a tag `content-type` of `application/lua` and without a `module`, the source of the process's module. The source is
   * signed and posted first, as an item of its own, and its id is the module of the process: a wallet asks twice. The node keeps
   * it; other nodes do not have it, unless it is uploaded to Arweave.
   */
  data?: Data
  anchor?: string | Uint8Array
}

/**
 * A result, with whatever else the node says of it. Of a process with a device of another kind, such as `lua@5.3a`: `Output` is
 * `results/output`, or its `body` where it has one; `Messages` are those of `results/outbox`.
 */
export interface MainnetResult extends Evaluation {
  Assignments: NonNullable<Evaluation['Assignments']>
  /** All that a device other than `genesis-wasm@1.0` computed, as the node has it. */
  results?: { [name: string]: StateValue }
}

/** A message that has its place. */
export interface Delivered {
  id: string
  slot: number
}

/** Which results. */
export interface MainnetResultsInput extends CallOptions, SignedRead {
  process: string
  /** Cursor (slot) after which to begin. */
  from?: string
  /** Cursor before which to end. */
  to?: string
  /** 25, when left out; one, when `from` and `to` are left out too. */
  limit?: number
  /** The newest first when `from` is left out, else the oldest first. */
  sort?: 'ASC' | 'DESC'
}

/** The message of a dryrun. */
export interface MainnetDryrunInput extends CallOptions, SignedRead {
  process: string
  tags?: readonly Tag[]
  /** Travels in the address, so it should be short; with `signedReads`, it is the item's. */
  data?: Data
}

/**
 * A request of one's own. Every member that is not named here is a field of the message: text, bytes, numbers, booleans,
 * lists and plain objects, nested as deep as one likes; what is `undefined` or `null` is left out. With `'ans104'`, each is
 * a tag of the item, and must be text, bytes, a number or a boolean.
 */
export interface NodeRequest extends CallOptions {
  /** Of the node; with a query, if it has one. */
  path: string
  /**
   * In which form the request goes: `'httpsig'`, when left out, is HTTP's own (RFC 9421), for which more code is fetched on
   * first use; `'ans104'` is a data item, and always a `POST`.
   */
  'signing-format'?: 'ans104' | 'httpsig' | null
  /** `POST` for a message with a body, `GET` for one without, when left out. `GET` and `HEAD` take none. */
  method?: string
  /**
   * Signs the request; the one of `connect`, when left out. `null`, or none at all, for one in HTTP's own form that nobody
   * signs: enough for reads, and asks no wallet.
   */
  signer?: Signer | null
  target?: string
  anchor?: string | Uint8Array
  /** Travels as the body, as does `body`. */
  data?: Data
  /** `Message` in an item, when left out. */
  Type?: string
  /** `ao.N.1` in an item, when left out. */
  Variant?: string
  [field: string]: unknown
}

/** Which part of a process's state, and of when. */
export interface StateOptions extends CallOptions {
  /**
   * What stands behind `/now/` or `/compute/` in the node's addresses: `'cache/balances'` for what the process published
   * with `patch@1.0`; the keys one by one where they may hold any character; the whole state when left out.
   */
  path?: string | readonly string[]
  /** The state after the message in this slot. */
  slot?: number | string
  /**
   * `'now'`, after the newest message, which may have to be evaluated first; or `'compute'`, as far as the node is, at
   * once. The first, when left out.
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
 * The verbs of a HyperBEAM node. They reject as those of {@link LegacyClient} do: with {@link AoError}, `BAD_ARGUMENT`,
 * `HTTP_NETWORK`, `HTTP_STATUS` and `BAD_RESPONSE` among the codes that can happen anywhere.
 */
export interface MainnetClient {
  MODE: 'mainnet'
  /**
   * Makes a process. Whatever definition the tags hold goes to the node as it is.
   *
   * @returns its id
   * @example
   * const process = await ao.spawn({ module, tags: [{ name: 'Authority', value: authority }] })
   * @example
   * const process = await ao.spawn({ tags: [{ name: 'execution-device', value: 'lua@5.3a' }, { name: 'module', value: id }] })
   *
   * @throws {AoError} before anything is sent: `BAD_ARGUMENT` without a module or a signer, `BAD_TAGS`, `BAD_ANCHOR`,
   * `BAD_KEY`, `SIGNER`, `UNSUPPORTED`, and of what a signer returned, `BAD_ITEM` and `BAD_SIGNATURE`. `BAD_RESPONSE` when
   * the node's answer names no process.
   */
  spawn(input: MainnetSpawnInput): Promise<string>
  /**
   * Sends a message, which the node schedules, evaluates, and follows up with all that comes of it. The answer waits for
   * that; give a `timeout`, or use {@link MainnetClient.schedule}, where it may take long.
   *
   * @returns its slot; its id instead with `returnMessageId`; both with both flags; its result with `opts.fullResponse`
   * @example
   * const slot = await ao.message({ process, tags: [{ name: 'Action', value: 'Balance' }] })
   *
   * With `retry`, or with several addresses in `URL`, a message whose answer was lost is looked for in the schedule before
   * it is sent again: see {@link CallOptions.retry}.
   *
   * @throws {AoError} as {@link MainnetClient.spawn} before anything is sent, and `BAD_ID`. After that, `details.id` is the
   * id of the message, which may have arrived all the same; of a `TIMEOUT` too, once it is signed.
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
   * Gives a message its slot, and does no more: nothing waits for its evaluation.
   *
   * @example
   * const { slot } = await ao.schedule(process, { tags: [{ name: 'Action', value: 'Tick' }] })
   * const result = await ao.result({ process, slot, wait: true })
   *
   * @throws {AoError} as {@link MainnetClient.message}
   */
  schedule(process: string, message?: Omit<MainnetMessageInput, 'process'>): Promise<Delivered>
  /**
   * Sends a message, and waits for its result.
   *
   * @returns the result, with the `id` and the `slot` of the message in it
   * @example
   * const { slot, Output } = await ao.send({ process, data: 'return 1 + 1', onProgress: ({ stage }) => show(stage) })
   *
   * @throws {AoError} as {@link MainnetClient.message} and {@link MainnetClient.result}. Once the message is sent,
   * `details.id` and `details.slot` say which it is.
   */
  send(
    input: MainnetMessageInput & { onProgress?: (progress: SendProgress) => void }
  ): Promise<MainnetResult & Delivered>
  /**
   * What the process answered to the message in a slot. Unsigned, unless `signedReads` says otherwise.
   *
   * @example
   * const { Messages, Output, Error } = await ao.result({ process, slot })
   *
   * @throws {AoError} `HTTP_STATUS` with `details.status` 404 for a slot that does not exist yet, unless `wait` is set;
   * `BAD_RESPONSE` when the node's answer holds no result, or is said to be of another slot
   */
  result(
    input: CallOptions &
      SignedRead &
      WaitOption & { process: string; data?: Data; tags?: readonly Tag[] } & (
        { slot: number | string; message?: number | string } | { slot?: undefined; message: number | string }
      )
  ): Promise<MainnetResult>
  /**
   * The newest result; or a page of them, by their slots.
   *
   * @example
   * const { edges } = await ao.results({ process, from: '10', limit: 5 })
   *
   * @throws {AoError} as {@link MainnetClient.result}
   */
  results(input: MainnetResultsInput): Promise<{ edges: { cursor: string; node: MainnetResult }[] }>
  /**
   * What the process would answer: nothing is kept. Unsigned, unless `signedReads` says otherwise.
   *
   * @example
   * const { Messages } = await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Info' }] })
   *
   * @throws {AoError} as {@link MainnetClient.result}
   */
  dryrun(input: MainnetDryrunInput): Promise<MainnetResult>
  /**
   * A process's state, or a part of it, as plain values: what it published with `patch@1.0`, or anything else that lies
   * under its `/now` and `/compute`.
   *
   * @example
   * const balances = await ao.state(process, { path: 'cache/balances' })
   * const then = await ao.state(process, { path: ['cache', 'balances', address], slot: 120 })
   *
   * @throws {AoError} `HTTP_STATUS` with `details.status` 404 when there is nothing under that path; `BAD_RESPONSE` when the
   * answer is said to be of another slot
   */
  state(process: string, options?: StateOptions): Promise<StateValue>
  /**
   * Any fields to any path of the node, as a signed HTTP message or as a signed item. What is sent again, by `retry` or to
   * another address, is the very same message. All methods but `GET` and `HEAD` count as messages, and are sent again by the
   * rules of {@link CallOptions.retry}. The schedule can show those that are posted to `push` or `schedule` of a process, or
   * with the process as `target`, and new processes.
   *
   * @returns the node's answer as `fetch` gave it, whatever its status; `decodeReply` of `aoxide/httpsig` takes it as it is.
   * After 408 and 5xx, the message may have arrived. If the answer was lost and the schedule shows the message, a response
   * that only has its slot, as the header `slot`. If the schedule was read and shows nothing, the call rejects as other verbs
   * @example
   * const response = await ao.request({ path: `/${process}~process@1.0/push`, method: 'POST', Action: 'Info' })
   * @example
   * import { decodeReply } from 'aoxide/httpsig'
   * const { message, signatures } = await decodeReply(await ao.request({ path: '/~meta@1.0/info', signer: null }))
   * @example
   * const response = await ao.request({ path: `/${process}~process@1.0/push`, 'signing-format': 'ans104', Action: 'Info' })
   *
   * @throws {AoError} before anything is sent: as {@link MainnetClient.message} for an item; for an HTTP message
   * `BAD_ARGUMENT` (a value or a name that has no form on the wire, or with a signer none that nodes verify; a `GET` with a
   * body), `SIGNER`, `BAD_SIGNATURE`, `BAD_KEY`, and `UNSUPPORTED` for wallets that hash what they sign: they can only sign
   * items. Then `HTTP_NETWORK`, with the `details.id` of what was signed
   */
  request(fields: NodeRequest): Promise<Response>
  /**
   * The results of a process, one after the other as they come, for as long as somebody wants them.
   *
   * @example
   * for await (const { cursor, node } of ao.stream({ process, signal })) show(node.Output)
   *
   * @throws the signal's reason when it speaks; {@link AoError} as {@link MainnetClient.results}, after six tries
   */
  stream(input: StreamInput & SignedRead): AsyncGenerator<{ cursor: string; node: MainnetResult }, never, void>
  /** {@link LegacyClient.getMessages}: of the scheduler units, not of the node. */
  getMessages: LegacyClient['getMessages']
  /** {@link LegacyClient.getMessageById}: of the scheduler units, not of the node. */
  getMessageById: LegacyClient['getMessageById']
  /** {@link LegacyClient.getLastSlot}: of the scheduler units, not of the node. */
  getLastSlot: LegacyClient['getLastSlot']
  /** Makes signers; gives the one of `connect`, if there is one. */
  createSigner: MainnetSignerMaker
  /** The same function under aoconnect's older name. */
  createDataItemSigner: MainnetSignerMaker
}

/** As {@link createSigner}; what it is given does not matter when `connect` was given a signer. */
export interface MainnetSignerMaker {
  (wallet?: Parameters<typeof createSigner>[0]): MadeSigner | Signer
}
