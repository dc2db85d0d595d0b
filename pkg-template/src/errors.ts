/** Every way in which a call can fail. The codes are stable. The messages are for people and may change. */
export type AoErrorCode =
  /** An argument is missing or of the wrong type, or bytes whose buffer was transferred or resized. */
  | 'BAD_ARGUMENT'
  /** An anchor that is not 32 bytes. */
  | 'BAD_ANCHOR'
  /** Tags over ANS-104's limits, or not text. */
  | 'BAD_TAGS'
  /** An id or address that is not 32 bytes of base64url: 43 characters without padding. */
  | 'BAD_ID'
  /** A key that cannot be read or does not fit together. */
  | 'BAD_KEY'
  /** Bytes that are not a data item. */
  | 'BAD_ITEM'
  /** A signature that does not belong to its item. */
  | 'BAD_SIGNATURE'
  /** A signature type that cannot be verified or made here, or something that this runtime lacks. */
  | 'UNSUPPORTED'
  /**
   * There is no wallet or signer, or it refused, failed, or made another item than the requested one. Nothing was sent.
   * `cause` is what the wallet or signer threw.
   */
  | 'SIGNER'
  /**
   * The request did not reach the unit, or the response did not arrive. The same code is used when a part of this package,
   * fetched on first use, cannot be loaded. `cause` is what was thrown.
   */
  | 'HTTP_NETWORK'
  /** The unit answered with an error status: see `details.status`, `details.url` and `details.body` (the whole body). */
  | 'HTTP_STATUS'
  /**
   * The response is not of the expected form, for instance HTML instead of JSON. The same code is used for a response larger
   * than `responseLimit`, and for a redirect that dropped the posted body (`details.redirected` is its address).
   */
  | 'BAD_RESPONSE'
  /** The gateway does not know the transaction, or the module lacks a tag. */
  | 'NOT_FOUND'
  /** The time limit of the call has passed. A request that was sent may still arrive. */
  | 'TIMEOUT'
  /** Bytes that are not a module that can run here, or a module with invalid code. */
  | 'BAD_MODULE'
  /** A snapshot or checkpoint that is damaged, or that belongs to another module. */
  | 'BAD_SNAPSHOT'
  /** The module aborted, or executed a forbidden operation. The process is as it was before. */
  | 'ENGINE_TRAP'
  /** The module ran for longer than `computeLimit` allows. The process is as it was before. */
  | 'OUT_OF_GAS'
  /** The module needs more memory than `memoryLimit` allows, or than there is. The process is as it was before. */
  | 'OUT_OF_MEMORY'
  /** The module or the process was closed. */
  | 'STOPPED'
  /** A record of a local network cannot be read or written. The message names it. The disk may be full. */
  | 'STORAGE'
  /** A signature of a schedule does not belong to its assignment or message: the source changed it. `details.slot` is the slot. */
  | 'VERIFY_SIGNATURE'
  /** An assignment is signed by another key than that of the process's scheduler. */
  | 'VERIFY_SCHEDULER'
  /** An assignment belongs to another process, or the item of the process has another id. */
  | 'VERIFY_PROCESS'
  /** A message is not the one that its assignment names. */
  | 'VERIFY_MESSAGE'
  /** A slot of a schedule is missing, repeated or out of order. */
  | 'VERIFY_GAP'
  /** The hash chain of a schedule is broken: its history was changed. */
  | 'VERIFY_CHAIN'
  /** Two sources show different assignments in the same slot. `details.slot` is the slot. */
  | 'VERIFY_FORK'
  /** A schedule shows a message with bytes missing, and the gateway has none that belong to it. */
  | 'VERIFY_DATA'
  /** A checkpoint is not the one that was asked for, or does not fit the schedule. */
  | 'VERIFY_CHECKPOINT'
  /** There is no checkpoint of a trusted signer. */
  | 'NO_CHECKPOINT'
  /** The checkpoint to start from is older than the limit that the caller set. `details.age` is its age in milliseconds. */
  | 'CHECKPOINT_TOO_OLD'
  /** A module is not the item with its id. */
  | 'VERIFY_MODULE'
  /** The process runs on a device that this version cannot evaluate: `details.device`. */
  | 'UNSUPPORTED_DEVICE'
  /** A unit's result differs from the computed one. `details.slot` is the slot, `details.member` the part that differs. */
  | 'MISMATCH'
  /** The newest assignment is older than the limit that the caller set. `details.age` is its age in milliseconds. */
  | 'HEAD_TOO_OLD'
  /** A kept view is damaged, or of another process, module or version. */
  | 'VIEW_DAMAGED'
  /** A kept view is older than the one that was stored last. */
  | 'VIEW_ROLLED_BACK'
  /**
   * A fault of this library. It ends all pending calls; the next call works again. Please report it. If the call had signed
   * an item or a message, `details.id` is its id, and `details.sent` says whether it had been handed to `fetch`. If so, it may
   * have arrived.
   */
  | 'CRASH'

/** What {@link AoError} takes besides its code and its message. */
export interface AoErrorOptions {
  details?: Record<string, unknown> | undefined
  cause?: unknown
}

/**
 * The error with which every function of this package rejects.
 *
 * @example
 * try {
 *   await ao.result({ process, message })
 * } catch (error) {
 *   if (error instanceof AoError && error.code === 'HTTP_STATUS') console.log(error.details.status)
 * }
 */
export class AoError extends Error {
  /** The reason, as a stable name. */
  declare readonly code: AoErrorCode
  /** Facts about this failure. Which ones depends on the code. Empty when there are none. */
  declare readonly details: Readonly<Record<string, unknown>>
  /** The error of `fetch`, of a wallet or of a signer that made the call fail. */
  declare readonly cause?: unknown

  constructor(code: AoErrorCode, message: string, { details = {}, cause }: AoErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  override get name(): 'AoError' {
    return 'AoError'
  }
}
