// Types of bundles and of items that are larger than memory.

import type { CallOptions } from '../client/options.js'
import type { Bytes, Tag } from '../types.js'
import type { AbortSignal, Blob } from '../web-types.js'

/** A deviation from ANS-104 that verification found. */
export interface Problem {
  /** Stable name, for instance `NEGATIVE_BLOCK` or `SIGNATURE`. */
  code: string
  message: string
}

/** The result of a verification. */
export interface Verification {
  valid: boolean
  /** All deviations of the item. A lenient verification may be `valid` and list some. */
  problems: Problem[]
}

/** A signed item in memory: a `DataItem`. */
export interface ItemInMemory {
  readonly id: string
  readonly raw: Bytes
  readonly data: Bytes
}

/** A file, or anything else that is read by position. */
export interface FileLike {
  /** In bytes. */
  readonly size: number
  /** Returns the bytes from `start` up to `end`. */
  read(start: number, end: number): Uint8Array | Promise<Uint8Array>
}

/** Bytes that are read on demand. */
export type ByteSource = Uint8Array | ArrayBuffer | Blob | FileLike

/** A `ReadableStream` of `Uint8Array`. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: unknown }>
    cancel(reason?: unknown): Promise<void>
    releaseLock(): void
  }
}

/** Options of calls that read much data. */
export interface TransferOptions {
  /** Rejects with its `reason` when it is aborted. */
  signal?: AbortSignal | undefined
  /** Called with the bytes that were read so far. `total` is missing for streams. */
  onProgress?: ((progress: { done: number; total?: number }) => void) | undefined
}

/** Options of signing. */
export interface SignLargeOptions extends TransferOptions, Pick<CallOptions, 'onSigned'> {}

/** Options of verification. */
export interface VerifyOptions extends TransferOptions {
  /** Default: `true`. `false` accepts a correctly signed item with deviations. */
  strict?: boolean
}

/** The fields of an item other than its data. */
export interface HeadFields {
  /** base64url of 32 bytes. */
  target?: string
  /** 32 bytes, or text of 32 bytes in UTF-8. */
  anchor?: string | Uint8Array
  /** At most 128 tags, of 4096 bytes altogether. */
  tags?: readonly Tag[]
}

/** The fields of an item whose data is read a chunk at a time. */
export interface LargeItemFields extends HeadFields {
  data: ByteSource | string
}

/** An item of a bundle that failed verification. */
export interface BundleFailure {
  /** Its place in the bundle. */
  index: number
  /** Its id in the bundle's header. */
  id: string
  problems: Problem[]
}

/** The result of the verification of a bundle. */
export interface BundleVerification {
  /** Whether every item is valid, and is the one that the header names. */
  valid: boolean
  failures: BundleFailure[]
}
