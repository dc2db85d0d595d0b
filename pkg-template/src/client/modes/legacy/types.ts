// The verbs of the network of messenger, scheduler and compute units: `connect({ MODE: 'legacy' })`.

import type { createSigner } from '../../../signers/create-signer.js'
import type { Signer } from '../../../signers/types.js'
import type { Bytes, Data, Evaluation, ResultsPage, Tag } from '../../../types.js'
import type { Addresses, CallOptions, CommonOptions, WaitOption } from '../../options.js'
import type { SendProgress } from '../../send.js'
import type { StreamInput } from '../../stream.js'

/** Options of the legacy mode. */
export interface LegacyOptions extends CommonOptions {
  MODE?: 'legacy'
  /** Address of the messenger unit. Default: `https://mu.ao-testnet.xyz`. */
  MU_URL?: Addresses
  /** Address of the compute unit. Default: `https://cu.ao-testnet.xyz`. */
  CU_URL?: Addresses
}

/** A message to send. */
export interface MessageInput extends CallOptions {
  /** Id of the process that gets the message. */
  process: string
  /** Default: one space. */
  data?: Data
  tags?: readonly Tag[]
  /** Exactly 32 bytes of UTF-8. */
  anchor?: string
  signer: Signer
}

/** A process to create. */
export interface SpawnInput extends CallOptions {
  /** Id of the module that the process runs. */
  module: string
  /** Address of the scheduler that orders its messages. */
  scheduler: string
  signer: Signer
  tags?: readonly Tag[]
  data?: Data
  /** Milliseconds since 1970 for the `Timestamp` tag. Default: now. */
  timestamp?: number
}

/** The message of a dryrun. */
export interface DryrunInput extends CallOptions {
  process: string
  /** Text, or bytes of UTF-8 text, because a dryrun is sent as JSON. */
  data?: Data
  tags?: readonly Tag[]
  anchor?: string
  /** Id of the simulated message. Default: `1234`. */
  Id?: string
  /** Address of its simulated sender. Default: `1234`. */
  Owner?: string
}

/** A signed message that was not sent. */
export interface SignedMessage {
  /** Id of the item, base64url. */
  id: string
  /** The signed data item, ready to send. */
  raw: Bytes
}

/** One entry of a scheduler's list. */
export interface ScheduledMessage {
  /** `null` for an assignment of an existing message. The assignment's tag `Message` names that message. */
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
 * Every verb rejects with an {@link AoError}. These codes are possible for every verb: `BAD_ARGUMENT` for arguments of the
 * wrong type, before anything is sent; `HTTP_NETWORK` if a unit cannot be reached; `HTTP_STATUS` if it answers with an error
 * status; `BAD_RESPONSE` if its response has an unexpected form.
 */
export interface LegacyClient {
  MODE: 'legacy'
  /**
   * Signs a message and sends it to the messenger unit.
   *
   * @returns the id of the message; with `returnAssignmentSlot` its slot; with both flags both
   * @example
   * const id = await ao.message({ process, signer, tags: [{ name: 'Action', value: 'Balance' }] })
   *
   * @throws {AoError} before anything is sent: `BAD_ID`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_KEY`, `SIGNER`, `UNSUPPORTED`, and
   * `BAD_ITEM` or `BAD_SIGNATURE` for what a signer returned. If sending fails, `details.id` is the id of the message, which
   * may have arrived all the same. With `returnAssignmentSlot` also `NOT_FOUND` if the scheduler cannot be found; the message
   * was sent then.
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
   * @throws {AoError} those of {@link LegacyClient.message} before it sends
   */
  signMessage(input: MessageInput): Promise<SignedMessage>
  /**
   * Verifies a signed item and sends it to the messenger unit. An item that the network has already is not an error, and
   * sending it changes nothing.
   *
   * @returns its id
   * @example
   * const signed = await ao.signMessage({ process, signer, data: 'later' })
   * const id = await ao.sendSignedMessage(signed)
   *
   * @throws {AoError} `BAD_ITEM`, `BAD_SIGNATURE`, `UNSUPPORTED`, and `BAD_ARGUMENT` if `id` does not belong to `raw`; nothing
   * is sent then
   */
  sendSignedMessage(item: { id: string; raw: ArrayBuffer | Uint8Array }): Promise<string>
  /**
   * Creates a process from a module.
   *
   * @returns the id of the process
   * @example
   * const process = await ao.spawn({ module, scheduler, signer, tags: [{ name: 'Authority', value: authority }] })
   *
   * @throws {AoError} `NOT_FOUND` if the gateway does not know the module, or the transaction is not a module; and those of
   * {@link LegacyClient.message}
   */
  spawn(input: SpawnInput): Promise<string>
  /**
   * Returns the result of a message.
   *
   * @example
   * const { Messages, Output, Error } = await ao.result({ process, message: id })
   * @example
   * const result = await ao.result({ process, message: id, wait: true, timeout: 120_000 })
   *
   * @throws {AoError} `TIMEOUT` if there is no result in time
   */
  result(input: CallOptions & WaitOption & { process: string; message: string }): Promise<Evaluation>
  /**
   * Returns one page of the results of a process. Default order: the oldest first.
   *
   * @example
   * const { edges } = await ao.results({ process, sort: 'DESC', limit: 25 })
   * const next = await ao.results({ process, sort: 'DESC', limit: 25, from: edges.at(-1)?.cursor ?? '' })
   *
   * @throws {AoError} the codes that are possible for every verb
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
   * Returns the result that a message would have. Nothing is signed, and the process does not keep the message.
   *
   * @example
   * const { Messages } = await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Info' }] })
   *
   * @throws {AoError} the codes that are possible for every verb
   */
  dryrun(input: DryrunInput): Promise<Evaluation>
  /**
   * Makes the messenger unit run the cron messages of a process.
   *
   * @returns the id of the request
   * @example
   * await ao.monitor({ process, signer })
   *
   * @throws {AoError} those of {@link LegacyClient.message}
   */
  monitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /**
   * Makes the messenger unit stop running the cron messages of a process.
   *
   * @returns the id of the request
   * @example
   * await ao.unmonitor({ process, signer })
   *
   * @throws {AoError} those of {@link LegacyClient.message}
   */
  unmonitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /**
   * Makes a process evaluate a message that was sent to another process.
   *
   * A second assignment of the same message gets a slot, which compute units skip. Therefore `retry` sends an assignment again
   * only if the messenger unit did not take it.
   *
   * @param input `baseLayer`: the message is a transaction of Arweave; `exclude`: members of it that the process does not get. The messenger units
   * of 2026 answer 500 to every `exclude`, and scheduler units refuse every `baseLayer`.
   * @returns the id of the assignment. `result` takes it as the `message` of this process.
   * @example
   * const assignment = await ao.assign({ process, message: id })
   * const { Output } = await ao.result({ process, message: assignment })
   *
   * @throws {AoError} the codes that are possible for every verb
   */
  assign(
    input: CallOptions & { process: string; message: string; baseLayer?: boolean; exclude?: readonly string[] }
  ): Promise<string>
  /**
   * Returns one page of the messages of a process, from the scheduler, the oldest first. The range consists of times or of
   * slots. Without a range, the page begins with the item of the process, which is in slot 0.
   *
   * @param input `from` and `to` are milliseconds since 1970: the messages after `from`, up to `to`. `fromNonce` and
   * `toNonce` are slots: the messages after `fromNonce`, up to `toNonce`; `'-1'` begins with slot 0. The scheduler ignores times
   * if slots are given. `limit` is the maximum of entries of a page.
   * @example
   * const first = await ao.getMessages({ processId: process, fromNonce: '-1', limit: '50' })
   * const next = await ao.getMessages({ processId: process, fromNonce: first.edges.at(-1)?.cursor ?? '-1', limit: '50' })
   * @example
   * const { edges } = await ao.getMessages({ processId: process, from: '0', to: String(Date.now()), limit: '50' })
   *
   * @throws {AoError} `NOT_FOUND` if the scheduler cannot be found
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
   * Returns one message and its assignment, from the scheduler. `messageId` can also be the id of the assignment. A message
   * that was assigned a second time is found by the id of the assignment only.
   *
   * For the id of the process itself, the scheduler answers with a page like that of `getMessages`.
   *
   * @example
   * const { message, assignment } = await ao.getMessageById({ processId: process, messageId: id })
   *
   * @throws {AoError} those of {@link LegacyClient.getMessages}
   */
  getMessageById(input: CallOptions & { processId: string; messageId: string }): Promise<ScheduledMessage>
  /**
   * Returns the newest slot of the last `since` milliseconds (default: ten minutes), or `undefined` if there is none.
   *
   * @example
   * const slot = await ao.getLastSlot({ processId: process, since: 60_000 })
   *
   * @throws {AoError} those of {@link LegacyClient.getMessages}
   */
  getLastSlot(input: CallOptions & { processId: string; since?: number }): Promise<string | undefined>
  /**
   * Sends a message and waits for its result.
   *
   * @returns the result, with the `id` of the message
   * @example
   * const { id, Output } = await ao.send({ process, signer, data: 'return 1 + 1', onProgress: ({ stage }) => show(stage) })
   *
   * @throws {AoError} those of {@link LegacyClient.message} and {@link LegacyClient.result}. After the message was sent,
   * `details.id` is its id.
   */
  send(input: MessageInput & { onProgress?: (progress: SendProgress) => void }): Promise<Evaluation & { id: string }>
  /**
   * Yields the results of a process as they appear, until the loop ends or the signal is aborted.
   *
   * @example
   * for await (const { cursor, node } of ao.stream({ process, signal })) show(node.Output)
   *
   * @throws `signal.reason` when aborted; after six tries, the {@link AoError} of {@link LegacyClient.results}
   */
  stream(input: StreamInput): AsyncGenerator<{ cursor: string; node: Evaluation }, never, void>
  createSigner: typeof createSigner
  createDataItemSigner: typeof createSigner
}
