// Bytes that are in memory, in a Blob, or in a file. They are read on demand.

import { AoError } from '../errors.js'
import type { Bytes } from '../types.js'
import type { AbortSignal, Blob } from '../web-types.js'
import type { ByteSource, ByteStream, TransferOptions } from './types.js'

/** @internal Bytes read at a time. */
export const CHUNK = 1024 * 1024

/** @internal A range of bytes that are read on demand. */
export interface Section {
  readonly size: number
  read(start: number, end: number): Promise<Bytes>
  slice(start: number, end: number): Section
  /** The parts of a `Blob` of these bytes. `undefined` for a file, which cannot be part of one. */
  blobParts(): (Bytes | Blob)[] | undefined
}

const encoder = /* @__PURE__ */ new TextEncoder()

/** @internal The section of a caller's value. */
export function sectionOf(source: ByteSource | string): Section {
  if (typeof source === 'string') return inMemory(encoder.encode(source) as Bytes)
  if (source instanceof Uint8Array) return inMemory(source as Bytes)
  if (source instanceof ArrayBuffer) return inMemory(new Uint8Array(source))
  if (typeof (source as Partial<Blob> | undefined)?.arrayBuffer === 'function') return inBlob(source as Blob)
  const { size, read } = (source ?? {}) as { size?: unknown; read?: unknown }
  if (!Number.isSafeInteger(size) || (size as number) < 0 || typeof read !== 'function')
    throw new AoError('BAD_ARGUMENT', 'Expected bytes, a Blob, or an object with size and read(start, end).')
  return inFile(source as { size: number; read(start: number, end: number): Uint8Array | Promise<Uint8Array> })
}

/** @internal */
export const inMemory = (bytes: Bytes): Section => ({
  size: bytes.length,
  read: async (start, end) => bytes.subarray(start, end),
  slice: (start, end) => inMemory(bytes.subarray(start, end)),
  blobParts: () => [bytes]
})

const inBlob = (blob: Blob): Section => ({
  size: blob.size,
  async read(start, end) {
    const read = await (blob.slice(start, end) as Blob).arrayBuffer().catch((cause: unknown) => {
      throw new AoError('BAD_ARGUMENT', `The Blob cannot be read: ${(cause as Error)?.message ?? cause}`, { cause })
    })
    return checked(new Uint8Array(read), end - start)
  },
  slice: (start, end) => inBlob(blob.slice(start, end) as Blob),
  blobParts: () => [blob]
})

function inFile(file: { read(start: number, end: number): Uint8Array | Promise<Uint8Array> }, from = 0, to?: number) {
  const size = (to ?? (file as { size?: number }).size ?? 0) - from
  const section: Section = {
    size,
    read: async (start, end) => checked((await file.read(from + start, from + end)) as Bytes, end - start),
    slice: (start, end) => inFile(file, from + start, from + end),
    blobParts: () => undefined
  }
  return section
}

function checked(bytes: Bytes, length: number): Bytes {
  if (bytes.length === length) return bytes
  throw new AoError('BAD_ARGUMENT', `Read ${bytes.length} bytes in place of ${length}. Keep the source as it is.`)
}

/** @internal Sections, one behind the other. */
export function joined(parts: readonly Section[]): Section {
  const ends: number[] = []
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + part.size)
  const size = ends.at(-1) ?? 0
  /** The parts that a range covers. */
  function within(start: number, end: number): Section[] {
    let low = 0
    for (let high = parts.length; low < high;) {
      const middle = (low + high) >> 1
      if ((ends[middle] as number) <= start) low = middle + 1
      else high = middle
    }
    const found: Section[] = []
    for (let at = start; at < end; low++) {
      const part = parts[low] as Section
      const begin = (ends[low] as number) - part.size
      const until = Math.min(end, ends[low] as number)
      if (until > at) found.push(part.slice(at - begin, until - begin))
      at = Math.max(at, until)
    }
    return found
  }
  return {
    size,
    async read(start, end) {
      const covered = within(start, end)
      if (covered.length === 1) return (covered[0] as Section).read(0, end - start)
      const bytes = new Uint8Array(end - start)
      let at = 0
      for (const part of covered) {
        bytes.set(await part.read(0, part.size), at)
        at += part.size
      }
      return bytes
    },
    slice: (start, end) => {
      const covered = within(start, end)
      return covered.length === 1 ? (covered[0] as Section) : joined(covered)
    },
    blobParts() {
      const all: (Bytes | Blob)[] = []
      for (const part of parts) {
        const own = part.blobParts()
        if (!own) return undefined
        all.push(...own)
      }
      return all
    }
  }
}

/** @internal The chunks of a section, with progress. */
export async function* chunksOf(section: Section, options: TransferOptions = {}): AsyncGenerator<Bytes> {
  for (let at = 0; at < section.size;) {
    options.signal?.throwIfAborted()
    const end = Math.min(section.size, at + CHUNK)
    yield await section.read(at, end)
    at = end
    options.onProgress?.({ done: at, total: section.size })
  }
}

/** @internal The chunks of a stream. Releases the stream at the end, and cancels it when it is not read to its end. */
export async function* chunksOfStream(stream: ByteStream, signal?: AbortSignal): AsyncGenerator<Bytes> {
  if (typeof stream?.getReader !== 'function') throw new AoError('BAD_ARGUMENT', 'Expected a ReadableStream of bytes.')
  const reader = stream.getReader()
  let isDone = false
  const abort = () => void reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener('abort', abort)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { done, value } = await reader.read()
      signal?.throwIfAborted()
      isDone = done
      if (done) return
      if (!(value instanceof Uint8Array))
        throw new AoError('BAD_ARGUMENT', 'The stream must give chunks that are Uint8Array.')
      yield value as Bytes
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    if (!isDone) await reader.cancel(signal?.reason).catch(() => {})
    reader.releaseLock()
  }
}

/** @internal A stream of chunks, read as fast as its reader takes them. */
export function streamOf(chunks: AsyncGenerator<Bytes>): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return(undefined)
      }
    },
    { highWaterMark: 0 }
  )
}
