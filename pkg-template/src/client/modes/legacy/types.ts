// The verbs of the network of messenger, scheduler and compute units: `connect({ MODE: 'legacy' })`.

import type { createSigner } from '../../../signers/create-signer.js'
import type { Signer } from '../../../signers/types.js'
import type { Bytes, Data, Evaluation, ResultsPage, Tag } from '../../../types.js'
import type { Addresses, CallOptions, CommonOptions, WaitOption } from '../../options.js'
import type { SendProgress } from '../../send.js'
import type { StreamInput } from '../../stream.js'

/** Where the units of the legacy network are. */
export interface LegacyOptions extends CommonOptions {
  MODE?: 'legacy'
  /** `https://mu.ao-testnet.xyz`, when left out. */
  MU_URL?: Addresses
  /** `https://cu.ao-testnet.xyz`, when left out. */
  CU_URL?: Addresses
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
  /** `null` for an assignment of a message that was there already: the assignment's tag `Message` names it. */
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
   * @example
   * const { id, raw } = await ao.signMessage({ process, signer, data: 'for later' })
   *
   * @throws {AoError} as {@link LegacyClient.message} does before it sends
   */
  signMessage(input: MessageInput): Promise<SignedMessage>
  /**
   * Verifies a signed item, then hands it to the messenger unit. To send an item that the network has already changes
   * nothing, and is no error.
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
   *
   * @throws {AoError} what can happen anywhere
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
   *
   * @throws {AoError} what can happen anywhere
   */
  dryrun(input: DryrunInput): Promise<Evaluation>
  /**
   * Asks the messenger unit to run the process's cron messages.
   *
   * @returns the id of the request
   * @example
   * await ao.monitor({ process, signer })
   *
   * @throws {AoError} as {@link LegacyClient.message}
   */
  monitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /**
   * Asks it to stop.
   *
   * @returns the id of the request
   * @example
   * await ao.unmonitor({ process, signer })
   *
   * @throws {AoError} as {@link LegacyClient.message}
   */
  unmonitor(input: CallOptions & { process: string; signer: Signer }): Promise<string>
  /**
   * Lets a process evaluate a message that was sent to another.
   *
   * A second assignment of the same message takes a slot of its own, which compute units skip. So `retry` sends an assignment
   * again only if the messenger unit did not take it.
   *
   * @param input `baseLayer` for a message on Arweave itself; `exclude` lists members of it to leave out. The messenger units
   * of 2026 answer 500 to every `exclude`, and scheduler units refuse every `baseLayer`.
   * @returns the id of the assignment. `result` takes it as the `message` of this process.
   * @example
   * const assignment = await ao.assign({ process, message: id })
   * const { Output } = await ao.result({ process, message: assignment })
   *
   * @throws {AoError} what can happen anywhere
   */
  assign(
    input: CallOptions & { process: string; message: string; baseLayer?: boolean; exclude?: readonly string[] }
  ): Promise<string>
  /**
   * Messages the scheduler holds for a process, one page of them; the oldest first. The range is one of times or one of slots.
   * Without a range, the page begins with the process's own item, which is in slot 0.
   *
   * @param input `from` and `to` are milliseconds since 1970: the messages after `from`, up to `to`. `fromNonce` and
   * `toNonce` are slots: the messages after `fromNonce`, up to `toNonce`; `'-1'` begins with slot 0. The scheduler ignores times
   * if slots are given. `limit` is the most entries of a page.
   * @example
   * const first = await ao.getMessages({ processId: process, fromNonce: '-1', limit: '50' })
   * const next = await ao.getMessages({ processId: process, fromNonce: first.edges.at(-1)?.cursor ?? '-1', limit: '50' })
   * @example
   * const { edges } = await ao.getMessages({ processId: process, from: '0', to: String(Date.now()), limit: '50' })
   *
   * @throws {AoError} `NOT_FOUND` when the scheduler cannot be found; so do the next two
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
   * One message and its assignment, as the scheduler holds them. `messageId` may also be the id of the assignment; a message
   * that was assigned a second time is found by that only.
   *
   * To the process's own id, the scheduler answers with a page, as to `getMessages`.
   *
   * @example
   * const { message, assignment } = await ao.getMessageById({ processId: process, messageId: id })
   *
   * @throws {AoError} as {@link LegacyClient.getMessages}
   */
  getMessageById(input: CallOptions & { processId: string; messageId: string }): Promise<ScheduledMessage>
  /**
   * The newest slot within the last `since` milliseconds (ten minutes, when left out), or `undefined`.
   *
   * @example
   * const slot = await ao.getLastSlot({ processId: process, since: 60_000 })
   *
   * @throws {AoError} as {@link LegacyClient.getMessages}
   */
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
