// Types that every part of the package uses.

import type { Blob } from './web-types.js'

/** A name and a value, as AO and Arweave have them. */
export interface Tag {
  name: string
  value: string
}

/**
 * The payload of a message or a process: text (sent as UTF-8), bytes, or a `Blob`, which is read in chunks. A `Blob` is read
 * twice: once to be hashed and once to be sent. If its file changes in between, the call rejects with `BAD_ARGUMENT` and
 * nothing is sent.
 */
export type Data = string | Uint8Array | ArrayBuffer | Blob

/** Bytes that this package made: `Uint8Array<ArrayBuffer>` where TypeScript tells kinds of memory apart (from 5.7 on). */
export type Bytes = ReturnType<Uint8ArrayConstructor['of']>

/** One entry of a process's outbox. */
export interface OutboxMessage {
  Target: string
  Anchor?: string
  Data?: string
  Tags: Tag[]
}

/**
 * The result of one message: the process's outbox, its output, and the error if its handler failed. It is passed on as the
 * compute unit wrote it. Some units answer a failed evaluation with `Error` and nothing else.
 */
export interface Evaluation {
  Output: unknown
  Messages: OutboxMessage[]
  Spawns: { Anchor?: string; Data?: string; Tags: Tag[] }[]
  Assignments?: { Message: string; Processes: string[] }[]
  Error?: unknown
  GasUsed?: number
}

/** A page of results, as the compute unit wrote it. */
export interface ResultsPage {
  edges: { cursor: string; node: Evaluation }[]
  pageInfo?: { hasNextPage?: boolean }
}
