import type { Addresses, RetryOptions } from '../client/options.js'
import type { NetworkStorage } from '../local/storage/types.js'
import type { Bytes, Data, Evaluation, Tag } from '../types.js'
import type { AbortSignal, Fetch } from '../web-types.js'

/** The units of the legacy network. All are addresses, or lists of addresses that can replace each other. */
export interface UnitSource {
  /** The scheduler unit, which has the schedule. */
  scheduler: Addresses
  /**
   * The gateway, which has the items of the process and its module, checkpoints, and messages that the scheduler does not show
   * whole. GraphQL is expected at `/graphql` of this address. Of several gateways, proofs name the first.
   */
  gateway: Addresses
  /** The address of GraphQL, where it is another one than `/graphql` of the gateway. */
  graphql?: Addresses
  /** The compute unit to compare with. Default: no unit is asked. */
  unit?: Addresses
}

/**
 * A HyperBEAM node, which has the schedules of its own processes. Results are compared with its answers. Only processes of the
 * device `genesis-wasm@1.0` can be followed: others reject with `UNSUPPORTED_DEVICE`.
 */
export interface NodeSource {
  /** The address of the node. */
  node: string
  /** The gateway, which has the module's item if the node has not. Default: `https://arweave.net`. */
  gateway?: Addresses
}

/** Whom a view believes, and for what. Everything else is verified. */
export interface Trust {
  /** The address that must sign assignments. Default: the one in the process's tag `Scheduler`. */
  scheduler?: string
  /** Addresses whose checkpoints are believed. The newest one is the start. Default: none, so that the start is slot 0. */
  checkpoints?: readonly string[]
  /** One checkpoint that is believed, whoever signed it. `sha256` is the hash of its memory, in hexadecimal. */
  checkpoint?: { id: string; sha256: string }
  /** How old the checkpoint may be, in milliseconds. Older than that: `CHECKPOINT_TOO_OLD`. Default: any age. */
  checkpointAge?: number
  /**
   * Whether the view begins with the memory that the compute unit of the source serves. That is a fast start for previews: no
   * answer is `verified` then, since everything up to it is the unit's word. It cannot be combined with a checkpoint. Default:
   * `false`.
   */
  state?: boolean
  /** The SHA-256 of the module, in hexadecimal. The module's item is then not needed. */
  module?: { sha256: string }
}

/** What {@link follow} is doing. */
export interface FollowProgress {
  /** The last slot that was evaluated; -1 before the first. */
  slot: number
  /** The newest slot that the scheduler shows. */
  of: number
  /**
   * The schedule is read (`schedule`), what it names is read from the gateway (`messages`), messages are evaluated
   * (`evaluation`).
   */
  phase: 'schedule' | 'messages' | 'evaluation'
}

/** Options of {@link follow}. */
export interface FollowOptions {
  /** Where schedules come from. */
  source: UnitSource | NodeSource
  trust?: Trust
  /** The module's bytes, where they are at hand. They are verified as those of the gateway are. */
  module?: Uint8Array | ArrayBuffer
  /**
   * How old the newest assignment may be, in milliseconds. Older than `warn`: the proof has `old: true`. Older than
   * `refuse`: there is no answer, but `HEAD_TOO_OLD`. Default: any age.
   */
  age?: { warn?: number; refuse?: number }
  /**
   * Where the view is kept, so that a later `follow` continues with it. `'indexeddb'` keeps it in the browser; a storage of
   * your own is an object with the methods of {@link NetworkStorage}. Default: `'memory'`, which keeps nothing.
   */
  storage?: 'memory' | 'indexeddb' | NetworkStorage
  /** Names the store among those that this origin keeps in IndexedDB. Default: `'aoxide-views'`. */
  name?: string
  /** Whether a view that `storage` keeps is deleted first, for instance a damaged one. Default: `false`. */
  restart?: boolean
  /** A view that {@link View.export} wrote, to continue with. Proofs then name it among what is trusted. */
  view?: Uint8Array | ArrayBuffer
  /** The engine that runs the module, as in `aoxide/compute`. Default: `'auto'`. */
  engine?: 'auto' | 'wasmi'
  /** The most that one message may cost, as in `aoxide/compute`. Default: no limit. */
  computeLimit?: number
  /** The most memory that the process may have, in bytes. Default: 1 GiB. */
  memoryLimit?: number
  /**
   * Whether the view is computed in a worker, which keeps a page responsive. By default it is on pages, unless `storage` is
   * an object of your own, which a worker cannot reach. `true` rejects with `UNSUPPORTED` where no worker can be started.
   */
  worker?: boolean
  /** The function that sends requests. Default: the runtime's own `fetch`. */
  fetch?: Fetch
  /** How often a failed request is tried in all, or the details of the retries, as in `connect`. Default: 3. */
  retry?: number | RetryOptions
  /**
   * Most bytes that are read of a response of a unit or of GraphQL, as in `connect`. Default: 64 MiB (67,108,864). A larger
   * response is `BAD_RESPONSE`. There is no limit for the data of a gateway.
   */
  responseLimit?: number
  /** Called as the work goes on, at most some times a second. Errors that it throws are ignored. */
  onProgress?: (progress: FollowProgress) => void
  /** Ends the start of the view. Later calls have signals of their own. */
  signal?: AbortSignal
}

/** Options of {@link View.advance}. */
export interface AdvanceOptions {
  /** The slot after which to stop. Default: the newest slot that the scheduler shows. */
  to?: number
  /**
   * Whether the unit of the source is asked for the result of the last slot, to compare. Default: whether the source has one. A
   * node is its own unit.
   */
  unit?: boolean
  /** Stops after the message that is being evaluated. What was evaluated until then is kept. */
  signal?: AbortSignal
  /** Called as the work goes on, at most some times a second. Default: the `onProgress` of {@link follow}. */
  onProgress?: (progress: FollowProgress) => void
}

/** A message that a view evaluates without effects. */
export interface PreviewMessage {
  tags?: readonly Tag[]
  /** Text, or bytes that are UTF-8 text. */
  data?: Data
  anchor?: string
  /** The address that the message comes from for the process. Default: `1234`, as in `dryrun`. */
  from?: string
  /** The id that the message has for the process. Default: `1234`, as in `dryrun`. */
  id?: string
}

/** Options of {@link View.dryrun}. */
export interface PreviewOptions {
  /**
   * Whether the compute unit of the source is asked the same, to compare. The unit is asked for the slot of the view, however
   * far it is itself: the request names the assignment (`to`), and so does a tag `At-Assignment`, since units keep answers by
   * the message alone. A node is not asked. Default: `false`.
   */
  unit?: boolean
  /**
   * Whether the view is brought up to date first, as by {@link View.advance}. The message is evaluated while the scheduler is
   * asked, and again only where something is new. So this is faster than both calls. Default: `false`.
   */
  advance?: boolean
  signal?: AbortSignal
}

/** A party whose word an answer takes. */
export interface Trusted {
  /**
   * `scheduler`: an address, for the order of messages, that none is missing at the end, times and block heights.
   * `checkpoint-signer`: an address, for everything up to the checkpoint. `gateway`: for times of blocks, and for fields of
   * assigned messages that no signature covers. `pinned`: a hash that the caller gave. `kept-view`: the store or the file
   * that the view was read from, for everything up to a slot. `node`: a HyperBEAM node that does not show signatures of its
   * assignments, for the order of messages, times and block heights.
   * `unit`: a compute unit, for the state with which the view began.
   */
  party: 'scheduler' | 'checkpoint-signer' | 'gateway' | 'pinned' | 'kept-view' | 'node' | 'unit'
  name: string | number
}

/** A part of an answer that cannot be verified. */
export interface Unverifiable {
  /**
   * `cron`: messages that units generate, without a signature. `message`: a message whose bytes neither the scheduler nor the
   * gateway has. `assignment`: an assignment without a signature that can be checked, or the time of an old process, which no
   * signature covers. `chain`: the broken hash chain of an old process. `assigned`: the fields of an assigned transaction. `repeated`: a message that a node's schedule has in an earlier
   * slot, too. Some nodes evaluate it again, as the view does, and others skip it.
   * `state`: what led to the state that a compute unit served.
   */
  subject: 'cron' | 'message' | 'assignment' | 'chain' | 'assigned' | 'repeated' | 'state'
  /** The first slot that it concerns. */
  slot: number
  /** How many messages it concerns. */
  count: number
}

/** The checkpoint at which a view began. */
export interface CheckpointAnchor {
  id: string
  /** The address that signed it. */
  owner: string
  slot: number
  /** SHA-256 of the memory, in hexadecimal. */
  sha256: string
}

/**
 * What the unit returned for the same message. `agrees`: the same. `other-order`: the same but for the order of Lua's tables,
 * which depends on when a unit started. `stale`: of another slot. `no-answer`: the unit refused or could not be reached.
 */
export type UnitAnswer = 'agrees' | 'other-order' | 'differs' | 'stale' | 'no-answer' | 'not-asked'

/** What an answer rests on. */
export interface Proof {
  /** Whether everything follows from signatures, hashes and the module, given the parties in `trusted`. */
  verified: boolean
  /** The last slot that was taken into account. */
  slot: number
  /** The id of its assignment. */
  assignment: string
  /** The time of that assignment by the scheduler's clock, in milliseconds since 1970. */
  timestamp: number
  /** Milliseconds since then. A scheduler can withhold what came later. A process that rests has a high age, too. */
  age: number
  /** Present where the age is over `age.warn`. */
  old?: true
  /** Where the evaluation began: before slot 0, at a checkpoint, or at a state that a unit served. */
  anchor: 'genesis' | 'checkpoint' | 'state'
  /** The checkpoint, where the evaluation began at one. */
  checkpoint?: CheckpointAnchor
  trusted: Trusted[]
  /** Empty where `verified` is true. */
  unverifiable: Unverifiable[]
  unit: UnitAnswer
}

/** An answer with its proof. */
export type Proven<T> = T & { proof: Proof }

/** A slot that was verified and evaluated. */
export interface SlotReport {
  /** Absent for the messages of crons, which are in no slot. */
  slot?: number
  /** The id of the message. */
  message?: string
  /** The id of the assignment. */
  assignment?: string
  /** The value of the message's tag `Action`. */
  action?: string
  /** The address that signed the message. */
  from?: string
  /** Milliseconds since 1970, by the scheduler's clock. */
  timestamp: number
  /**
   * What was verified: `assignment` (its signature is the scheduler's; absent with `order` where a node shows none), `order` (slot and hash chain), `message` (its
   * signature and id), `gateway` (the message's bytes came from the gateway), `evaluation`.
   */
  checks: ('assignment' | 'order' | 'message' | 'gateway' | 'evaluation')[]
  /**
   * `skipped`: units skip the message, because they evaluated the same one before. `error`: the evaluation failed, and the
   * process keeps the state from before. `cron`: the message of a cron.
   */
  outcome: 'ok' | 'error' | 'skipped' | 'cron'
  /** The result, as a compute unit writes it. */
  result: Evaluation
}

/** A process that is followed: its state, computed from its signed schedule. */
export interface View {
  /** The id of the process. */
  readonly process: string
  /** The last slot that was evaluated; -1 before the first. */
  readonly slot: number
  /** Whether the view is computed in a worker. */
  readonly worker: boolean
  /**
   * Reads, verifies and evaluates what is new. Calls are handled one after the other.
   *
   * @example
   * const { slot, verified, age } = await view.advance()
   *
   * @throws `VERIFY_SIGNATURE`, `VERIFY_SCHEDULER`, `VERIFY_PROCESS`, `VERIFY_MESSAGE`, `VERIFY_GAP`, `VERIFY_CHAIN` or
   * `VERIFY_DATA` where the source shows something else than was signed: the view then stays at the last slot that is
   * verified. `MISMATCH` where the unit of the source returns another result for the last slot; `HEAD_TOO_OLD`; `OUT_OF_MEMORY`,
   * `OUT_OF_GAS`; `HTTP_NETWORK`, `HTTP_STATUS`, `BAD_RESPONSE`; `STORAGE`; `STOPPED` when the view is closed; `CRASH`; the
   * signal's reason.
   */
  advance(options?: AdvanceOptions): Promise<Proof>
  /**
   * Evaluates a message at the current slot without effects, or with `advance` at the newest one. No unit is asked, unless `unit`
   * is `true`.
   *
   * @example
   * const { Messages, proof } = await view.dryrun({ tags: [{ name: 'Action', value: 'Balance' }] })
   *
   * @throws `MISMATCH` where the unit was asked and its answer differs; `ENGINE_TRAP`, `OUT_OF_GAS`, `OUT_OF_MEMORY`;
   * `BAD_ARGUMENT`; `HEAD_TOO_OLD`; `STOPPED`; `CRASH`; the signal's reason. With `advance`, what {@link View.advance} throws.
   */
  dryrun(message: PreviewMessage, options?: PreviewOptions): Promise<Proven<Evaluation>>
  /**
   * Returns the result of a message. The view has those of the slots that it evaluated itself, the newest 1000 at most.
   *
   * @param slot A slot, or the id of a message.
   * @param options.unit Whether the unit of the source is asked for the same result. Default: whether the source has one.
   *
   * @example
   * const { Output, proof } = await view.result(messageId)
   *
   * @throws `NOT_FOUND` where the view has no such result; `MISMATCH` where the unit's result differs; `BAD_ARGUMENT`;
   * `HEAD_TOO_OLD`; `STOPPED`; `CRASH`.
   */
  result(slot: number | string, options?: { unit?: boolean; signal?: AbortSignal }): Promise<Proven<Evaluation>>
  /**
   * Advances the view, and yields each message once it is verified and evaluated. It ends with the newest slot. The view waits
   * for a slow consumer.
   *
   * @example
   * for await (const { slot, action, outcome } of view.slots()) console.log(slot, action, outcome)
   *
   * @throws As {@link View.advance}.
   */
  slots(options?: AdvanceOptions): AsyncIterableIterator<SlotReport>
  /**
   * Returns what the process publishes with `patch@1.0`, computed from its messages.
   *
   * @param path Keys, separated by dots or slashes. Empty: everything. Keys are case-sensitive, but for the first.
   *
   * @example
   * const balance = await view.read(`balances.${address}`)
   *
   * @throws `NOT_FOUND` where nothing is published under this path; `UNSUPPORTED` for a view that did not begin at slot 0;
   * `HEAD_TOO_OLD`; `STOPPED`; `CRASH`.
   */
  read(path: string): Promise<unknown>
  /**
   * Returns what the current state rests on. Nothing is requested.
   *
   * @example
   * const { trusted, unverifiable } = await view.proof()
   *
   * @throws `BAD_ARGUMENT` before the first slot; `HEAD_TOO_OLD`; `STOPPED`; `CRASH`.
   */
  proof(): Promise<Proof>
  /**
   * Returns the view as bytes, for the option `view`. Whoever reads them must trust where they come from.
   *
   * @example
   * const bytes = await view.export()
   *
   * @throws `OUT_OF_MEMORY`; `STOPPED`; `CRASH`.
   */
  export(): Promise<Bytes>
  /**
   * Closes the view after the pending calls, and frees its memory. What it kept stays in the storage.
   *
   * @example
   * await view.close()
   */
  close(): Promise<void>
}
