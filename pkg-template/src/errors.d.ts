/** Every way a call can fail. The codes are stable; the messages are for people and may change. */
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
   * The wallet or the signer is not there, refused, failed, or made another item than it was asked for. Nothing was sent.
   * `cause` is what it threw.
   */
  | 'SIGNER'
  /**
   * The request did not reach the unit, or its answer did not arrive; or a part of this package, fetched on first use, did
   * not. `cause` is what was thrown.
   */
  | 'HTTP_NETWORK'
  /** The unit answered with an error status: `details.status`, `details.url`, `details.body` (the whole of it). */
  | 'HTTP_STATUS'
  /**
   * The unit's answer is not what it should be, for instance HTML instead of JSON; or it is larger than `responseLimit`; or a
   * redirect dropped what was posted (`details.redirected` is where it led).
   */
  | 'BAD_RESPONSE'
  /** The gateway does not know the transaction, or the module lacks a tag. */
  | 'NOT_FOUND'
  /** The time limit of the call is over. What was sent may still arrive. */
  | 'TIMEOUT'
  /** Bytes that are not a module that runs here, or code in one that is not valid. */
  | 'BAD_MODULE'
  /** A snapshot or checkpoint that is damaged, or another module's. */
  | 'BAD_SNAPSHOT'
  /** The module gave up, or did what it must not. The process is as it was before. */
  | 'ENGINE_TRAP'
  /** The module ran for longer than `computeLimit` allows. The process is as it was before. */
  | 'OUT_OF_GAS'
  /** The module wants more memory than `memoryLimit` allows, or than there is. The process is as it was before. */
  | 'OUT_OF_MEMORY'
  /** The module or the process was closed. */
  | 'STOPPED'
  /** What a local network keeps cannot be read or written; the message says what. There may be no room left. */
  | 'STORAGE'
  /**
   * A fault of this library, which ends all calls under way. The next call starts afresh; please report it. If the call had
   * signed an item or a message, `details.id` is its id, and `details.sent` says whether it had been handed to `fetch`: then
   * it may have arrived.
   */
  | 'CRASH'

/**
 * What every function of this package rejects with.
 *
 * @example
 * try {
 *   await ao.result({ process, message })
 * } catch (error) {
 *   if (error instanceof AoError && error.code === 'HTTP_STATUS') console.log(error.details.status)
 * }
 */
export class AoError extends Error {
  constructor(code: AoErrorCode, message: string, options?: { details?: Record<string, unknown>; cause?: unknown })
  readonly name: 'AoError'
  readonly code: AoErrorCode
  /** Facts about this failure; which ones depends on the code. Empty when there are none. */
  readonly details: Readonly<Record<string, unknown>>
  /** What made the call fail, where that was somebody else's error: of `fetch`, of a wallet, of a signer. */
  readonly cause?: unknown
}
