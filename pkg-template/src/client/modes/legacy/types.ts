// The verbs of the network of messenger, scheduler and compute units: `connect({ MODE: 'legacy' })`.

import type { createSigner } from '../../../signers/create-signer.js'
import type { Signer } from '../../../signers/types.js'
import type { Bytes, Data, Evaluation, ResultsPage, Tag } from '../../../types.js'
import type { Proven, View } from '../../../verify/types.js'
import type { Addresses, CallOptions, CommonOptions, WaitOption } from '../../options.js'
import type { SendProgress } from '../../send.js'
import type { StreamInput } from '../../stream.js'
import type { FollowInput, NotVerified, ProvenPage, VerifyOption } from '../../verify-option.js'

/** Options of legacy mode: the addresses of the units. */
export interface LegacyOptions extends CommonOptions {
  MODE?: 'legacy'
  /** Default: `https://mu.ao-testnet.xyz`. */
  MU_URL?: Addresses
  /** Default: `https://cu.ao-testnet.xyz`. */
  CU_URL?: Addresses
}

/** Input of `message`. */
export interface MessageInput extends CallOptions {
  /** Id of the process the message is for. */
  process: string
  /** Default: one space. */
  data?: Data
  tags?: readonly Tag[]
  /** Exactly 32 bytes of UTF-8, or left out. */
  anchor?: string
  signer: Signer
}

/** Input of `spawn`. */
export interface SpawnInput extends CallOptions {
  /** Id of the module the process will run. */
  module: string
  /** Address of the scheduler that will order its messages. */
  scheduler: string
  signer: Signer
  tags?: readonly Tag[]
  data?: Data
  /** Value of the `Timestamp` tag in milliseconds. Default: the current time. */
  timestamp?: number
}

/** Input of `dryrun`. */
export interface DryrunInput extends CallOptions {
  process: string
  /** Text, or bytes that are UTF-8 text, because a dryrun is sent as JSON. */
  data?: Data
  tags?: readonly Tag[]
  anchor?: string
  /** Id that the message has for the process. Default: `1234`. */
  Id?: string
  /** Address that the message comes from for the process. Default: `1234`. */
  Owner?: string
}

/** Input of `result`. */
export interface ResultInput extends CallOptions, WaitOption {
  process: string
  /** Id of the message, or of its assignment. */
  message: string
}

/** Range of results. */
export interface ResultsInput extends CallOptions {
  process: string
  /** Cursor after which to start. */
  from?: string
  /** Cursor before which to end. */
  to?: string
  limit?: number
  sort?: 'ASC' | 'DESC'
}

/** A signed message that was not sent. */
export interface SignedMessage {
  /** Id of the item, base64url. */
  id: string
  /** The signed data item, ready to send. */
  raw: Bytes
}

/** One entry of a process's schedule. */
export interface ScheduledMessage {
  /** `null` for an assignment of an existing message, which the assignment's tag `Message` names. */
  message: { id: string; owner?: unknown; tags: Tag[]; data?: unknown; [key: string]: unknown } | null
  assignment: { id: string; tags: Tag[]; [key: string]: unknown }
  [key: string]: unknown
}

/** A page of a process's schedule. */
export interface ScheduledPage {
  edges: { cursor: string; node: ScheduledMessage }[]
  page_info?: { has_next_page: boolean }
  [key: string]: unknown
}

/**
 * The verbs of the network of messenger, scheduler and compute units (MU, SU, CU).
 *
 * All of them reject with an `AoError`. The common errors are not repeated below: `BAD_ARGUMENT` for arguments of the wrong type,
 * before anything is sent; `HTTP_NETWORK`, `HTTP_STATUS` and `BAD_RESPONSE` when a unit cannot be reached, answers with an error
 * status, or sends an unexpected response; `TIMEOUT` after `timeout`; and the reason of the `signal`.
 */
export interface LegacyClient {
  MODE: 'legacy'
  /**
   * Signs a message and sends it to the messenger unit.
   *
   * @returns its id; its slot instead with `returnAssignmentSlot`; both with both flags
   * @example
   * const id = await ao.message({ process, signer, tags: [{ name: 'Action', value: 'Balance' }] })
   *
   * @throws {AoError} before anything is sent: `BAD_ID`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_KEY`, `SIGNER`, `UNSUPPORTED`; for the
   * result of a signer, `BAD_ITEM` and `BAD_SIGNATURE`. When the request failed, `details.id` is the id of the message, which may
   * have arrived. With `returnAssignmentSlot` also `NOT_FOUND` when the scheduler cannot be found; the message was sent then.
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
   * Signs a message without sending it.
   *
   * @example
   * const { id, raw } = await ao.signMessage({ process, signer, data: 'for later' })
   *
   * @throws {AoError} as {@link LegacyClient.message}, before anything is sent
   */
  signMessage(input: MessageInput): Promise<SignedMessage>
  /**
   * Verifies a signed item, then sends it to the messenger unit. An item that the network already has is not added again, which
   * is no error.
   *
   * @returns its id
   * @example
   * const signed = await ao.signMessage({ process, signer, data: 'later' })
   * const id = await ao.sendSignedMessage(signed)
   *
   * @throws {AoError} before anything is sent: `BAD_ITEM`, `BAD_SIGNATURE`, `UNSUPPORTED`, and `BAD_ARGUMENT` when `id` is not
   * that of `raw`
   */
  sendSignedMessage(
    item: Omit<CallOptions, 'onSigned'> & { id: string; raw: ArrayBuffer | Uint8Array }
  ): Promise<string>
  /**
   * Spawns a process that runs a module.
   *
   * @returns the id of the process
   * @example
   * const process = await ao.spawn({ module, scheduler, signer, tags: [{ name: 'Authority', value: authority }] })
   *
   * @throws {AoError} `NOT_FOUND` when the gateway does not have the module, or the module lacks a required tag; the other errors
   * as {@link LegacyClient.message}
   */
  spawn(input: SpawnInput): Promise<string>
  /**
   * Reads the result of a message.
   *
   * @example
   * const { Messages, Output, Error } = await ao.result({ process, message: id })
   * @example
   * const result = await ao.result({ process, message: id, wait: true, timeout: 120_000 })
   * @example
   * const { Output, proof } = await ao.result({ process, message: id, verify: true })
   *
   * @throws {AoError} `TIMEOUT` when there is no result in time; with `verify`, those of {@link LegacyClient.follow}, and
   * `NOT_FOUND` when the schedule has no such message; otherwise the common errors
   */
  result(input: ResultInput & VerifyOption): Promise<Proven<Evaluation>>
  result(input: ResultInput & NotVerified): Promise<Evaluation>
  /**
   * Reads a page of results. Without `sort`, the oldest are first. With `verify`, a cursor is a slot, and every slot is on the
   * page: units leave out messages that failed.
   *
   * @example
   * const { edges } = await ao.results({ process, sort: 'DESC', limit: 25 })
   * const next = await ao.results({ process, sort: 'DESC', limit: 25, from: edges.at(-1)?.cursor ?? '' })
   *
   * @throws {AoError} with `verify`, as {@link LegacyClient.result}; otherwise the common errors
   */
  results(input: ResultsInput & VerifyOption): Promise<ProvenPage>
  results(input: ResultsInput & NotVerified): Promise<ResultsPage>
  /**
   * Evaluates a message without signing or sending it. The state of the process does not change.
   *
   * @example
   * const { Messages } = await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Info' }] })
   * @example
   * const { Messages, proof } = await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Info' }], verify: true })
   *
   * @throws {AoError} with `verify`, those of {@link LegacyClient.follow} and of `View.dryrun`; otherwise the common errors
   */
  dryrun(input: DryrunInput & VerifyOption): Promise<Proven<Evaluation>>
  dryrun(input: DryrunInput & NotVerified): Promise<Evaluation>
  /**
   * Follows a process: reads its signed schedule, verifies every entry, and evaluates every message here. No unit is believed.
   * The addresses are those of this client. The code is fetched on first use.
   *
   * @example
   * const view = await ao.follow(process, { onProgress: ({ slot, of }) => show(slot / of), signal })
   * const { slot, verified } = await view.advance()
   * const { Messages, proof } = await view.dryrun({ tags: [{ name: 'Action', value: 'Info' }] })
   *
   * @throws {AoError} as `follow` of `aoxide/verify`: `VERIFY_PROCESS`, `VERIFY_MODULE`, `VERIFY_CHECKPOINT`, `NO_CHECKPOINT`,
   * `VIEW_DAMAGED`, `VIEW_ROLLED_BACK`, `UNSUPPORTED`, and the common errors. Reading the schedule rejects as `View.advance`
   */
  follow(process: string, options?: FollowInput): Promise<View>
  /**
   * Starts the cron messages of a process at the messenger unit.
   *
   * @returns the id of the request
   * @example
   * await ao.monitor({ process, signer })
   *
   * @throws {AoError} as {@link LegacyClient.message}
   */
  monitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /**
   * Stops the cron messages of a process at the messenger unit.
   *
   * @returns the id of the request
   * @example
   * await ao.unmonitor({ process, signer })
   *
   * @throws {AoError} as {@link LegacyClient.message}
   */
  unmonitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /**
   * Assigns a message that was sent to one process to another, which then evaluates it too.
   *
   * A second assignment of the same message gets a slot of its own, which compute units skip. So `retry` sends an assignment
   * again only if the messenger unit did not accept it.
   *
   * @param input `baseLayer` is for a message on Arweave itself. `exclude` lists fields of the message to leave out. The messenger
   * units of 2026 answer 500 to every `exclude`, and scheduler units refuse every `baseLayer`.
   * @returns the id of the assignment, to be passed to `result` as the `message` of this process
   * @example
   * const assignment = await ao.assign({ process, message: id })
   * const { Output } = await ao.result({ process, message: assignment })
   *
   * @throws {AoError} the common errors
   */
  assign(
    input: CallOptions & { process: string; message: string; baseLayer?: boolean; exclude?: readonly string[] }
  ): Promise<string>
  /**
   * Reads a page of a process's schedule, the oldest messages first. The range is given in times or in slots. Without a range, the
   * page starts with the process's own item, which is in slot 0.
   *
   * @param input `from` and `to` are milliseconds since 1970: the messages after `from`, up to `to`. `fromNonce` and
   * `toNonce` are slots: the messages after `fromNonce`, up to `toNonce`; `'-1'` starts with slot 0. The scheduler ignores times
   * if slots are given. `limit` is the maximum number of entries.
   * @example
   * const first = await ao.getMessages({ processId: process, fromNonce: '-1', limit: '50' })
   * const next = await ao.getMessages({ processId: process, fromNonce: first.edges.at(-1)?.cursor ?? '-1', limit: '50' })
   * @example
   * const { edges } = await ao.getMessages({ processId: process, from: '0', to: String(Date.now()), limit: '50' })
   *
   * @throws {AoError} `NOT_FOUND` when the scheduler cannot be found; otherwise the common errors
   */
  getMessages(
    input: CallOptions & {
      processId: string
      from?: string
      to?: string
      fromNonce?: string
      toNonce?: string
      limit?: string
    }
  ): Promise<ScheduledPage>
  /**
   * Reads one message and its assignment from the schedule. `messageId` may also be the id of the assignment. A message that was
   * assigned a second time is found by the id of that assignment only.
   *
   * For the process's own id, the scheduler answers with a page, as for `getMessages`.
   *
   * @example
   * const { message, assignment } = await ao.getMessageById({ processId: process, messageId: id })
   *
   * @throws {AoError} as {@link LegacyClient.getMessages}
   */
  getMessageById(input: CallOptions & { processId: string; messageId: string }): Promise<ScheduledMessage>
  /**
   * Reads the newest slot of the last `since` milliseconds; `undefined` if there is none. Default: ten minutes.
   *
   * @example
   * const slot = await ao.getLastSlot({ processId: process, since: 60_000 })
   *
   * @throws {AoError} as {@link LegacyClient.getMessages}
   */
  getLastSlot(input: CallOptions & { processId: string; since?: number }): Promise<string | undefined>
  /**
   * Sends a message and waits for its result.
   *
   * @returns the result, and the `id` of the message
   * @example
   * const { id, Output } = await ao.send({ process, signer, data: 'return 1 + 1', onProgress: ({ stage }) => show(stage) })
   *
   * @throws {AoError} as {@link LegacyClient.message} and {@link LegacyClient.result}. After the message was sent, `details.id` is
   * its id.
   */
  send(
    input: MessageInput & VerifyOption & { onProgress?: (progress: SendProgress) => void }
  ): Promise<Proven<Evaluation> & { id: string }>
  send(
    input: MessageInput & NotVerified & { onProgress?: (progress: SendProgress) => void }
  ): Promise<Evaluation & { id: string }>
  /**
   * Yields the results of a process in order, as they appear, until the caller stops.
   *
   * @example
   * for await (const { cursor, node } of ao.stream({ process, signal })) show(node.Output)
   *
   * @throws {AoError} as {@link LegacyClient.results}, after six tries; `signal.reason` when aborted
   */
  stream(input: StreamInput & VerifyOption): AsyncGenerator<{ cursor: string; node: Proven<Evaluation> }, never, void>
  stream(input: StreamInput & NotVerified): AsyncGenerator<{ cursor: string; node: Evaluation }, never, void>
  /** Makes a signer: `createSigner` of the package. */
  createSigner: typeof createSigner
  /** The same function under aoconnect's older name. */
  createDataItemSigner: typeof createSigner
}
