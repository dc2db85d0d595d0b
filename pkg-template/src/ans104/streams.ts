// Items as streams, which are read once.

import { AoError } from '../errors.js'
import type { Signer } from '../signers/types.js'
import type { Bytes, Tag } from '../types.js'
import type { ReadableStream as WebStream } from '../web-types.js'
import { textTags, type ParsedFields } from './fields.js'
import { hasher, type Digest } from './hash.js'
import { run } from './module.js'
import { chunksOfStream, streamOf } from './source.js'
import type { ByteStream, HeadFields, SignLargeOptions, Verification, VerifyOptions } from './types.js'

/** A signed item whose data was a stream, and is gone. */
export interface SignedStream {
  /** base64url of the SHA-256 of the signature. */
  readonly id: string
  /** Everything before the data, as it is sent. */
  readonly head: Bytes
  /** Bytes of the data. */
  readonly dataSize: number
  /**
   * The whole item as a stream: the head, and this data behind it.
   *
   * @example
   * const body = signed.withData(await openAgain())
   *
   * @throws {AoError} `BAD_ARGUMENT`, from the stream, when it is not the data that was signed
   */
  withData(data: ByteStream): WebStream
}

/** An item that comes as a stream. */
export interface StreamedItem extends Omit<ParsedFields, 'dataStart'> {
  readonly tags: Tag[]
  /** Whether the tags say that the data is a bundle. */
  readonly isBundle: boolean
  /** The data, which is hashed while it is read. */
  readonly data: WebStream
  /** The result of the verification. Known when `data` was read to its end; rejects when that fails. */
  readonly verification: Promise<Verification>
}

/**
 * Signs an item whose data is a stream. The signature covers all of the data, and stands before it: so the stream is read to its
 * end, and nothing of it is kept. Give the data a second time to {@link SignedStream.withData}. For a `Blob`, use
 * `StoredItem.sign`, which reads it twice.
 *
 * @example
 * const signed = await signStream((await fetch(url)).body, { tags }, signer)
 * const body = signed.withData((await fetch(url)).body)
 *
 * @throws {AoError} `BAD_ARGUMENT`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_ID`, `BAD_KEY`, `UNSUPPORTED`, `SIGNER`, `BAD_SIGNATURE`
 */
export async function signStream(
  data: ByteStream,
  fields: HeadFields,
  signer: Signer,
  { signal, onProgress, onSigned }: SignLargeOptions = {}
): Promise<SignedStream> {
  await run(({ lib }) => lib.checkFields(fields))
  const hash = await hasher()
  let done = 0
  for await (const chunk of chunksOfStream(data, signal)) {
    hash.update(chunk)
    done += chunk.length
    onProgress?.({ done })
  }
  const digest = hash.digest()
  const { length, sha384 } = digest
  const head = (await run(({ lib }) => lib.signHead(fields, { signer, onSigned }, length, sha384))) as Bytes
  const { id } = await run(({ lib }) => lib.readHead(head) as ParsedFields)
  return { id, head, dataSize: length, withData: (again) => streamOf(behind(head, again, digest)) }
}

async function* behind(head: Bytes, data: ByteStream, expected: Digest): AsyncGenerator<Bytes> {
  yield head
  const hash = await hasher()
  for await (const chunk of chunksOfStream(data)) {
    hash.update(chunk)
    yield chunk
  }
  const { length, sha384 } = hash.digest()
  if (length !== expected.length || sha384.some((byte, at) => byte !== expected.sha384[at]))
    throw new AoError('BAD_ARGUMENT', 'The stream is not the data that was signed. Discard what was read of the item.')
}

/**
 * Reads an item from a stream: its head at once, and its data as the caller reads it.
 *
 * @example
 * const item = await readStream((await fetch(url)).body)
 * await item.data.pipeTo(writable)
 * const { valid } = await item.verification
 *
 * @throws {AoError} `BAD_ARGUMENT`, `BAD_ITEM`, `UNSUPPORTED`
 */
export async function readStream(stream: ByteStream, options: VerifyOptions = {}): Promise<StreamedItem> {
  const chunks = chunksOfStream(stream, options.signal)
  const { head, first, fields } = await headOf(chunks).catch(async (error: unknown) => {
    await chunks.return(undefined)
    throw error
  })
  let settle: (result: Verification | PromiseLike<Verification>) => void = () => {}
  const verification = new Promise<Verification>((resolve) => (settle = resolve))
  // The caller may read the data alone.
  verification.catch(() => {})
  const data = streamOf(verified(chunks, first, head, options, settle))
  const { dataStart: _, ...others } = fields
  return { ...others, tags: textTags(fields.rawTags), data, verification }
}

type StreamedFields = ParsedFields & { isBundle: boolean }

/** Reads chunks until the head is whole. `first` is the start of the data. */
async function headOf(chunks: AsyncGenerator<Bytes>) {
  let read: Bytes = new Uint8Array()
  let needed = 2
  while (read.length < needed) {
    const { done, value } = await chunks.next()
    if (done) break
    const more: Bytes = new Uint8Array(read.length + value.length)
    more.set(read)
    more.set(value, read.length)
    read = more
    const prefix = read
    if (read.length >= needed) needed = await run(({ lib }) => lib.headLength(prefix.subarray(0, MAX_PREFIX)))
  }
  const fields = await run(({ lib }) => lib.readHead(read.subarray(0, Math.max(needed, MIN_ITEM))) as StreamedFields)
  return { head: read.slice(0, fields.dataStart), first: read.subarray(fields.dataStart), fields }
}

/** Bytes of the longest head that is read, and a little more. */
const MAX_PREFIX = 2 * 1024 * 1024
/** Bytes of the shortest item. */
const MIN_ITEM = 116

async function* verified(
  chunks: AsyncGenerator<Bytes>,
  first: Bytes,
  head: Bytes,
  options: VerifyOptions,
  settle: (result: Verification | PromiseLike<Verification>) => void
): AsyncGenerator<Bytes> {
  let isWhole = false
  try {
    const hash = await hasher()
    let done = 0
    const hashed = (chunk: Bytes) => {
      hash.update(chunk)
      done += chunk.length
      options.onProgress?.({ done })
      return chunk
    }
    if (first.length > 0) yield hashed(first)
    for await (const chunk of chunks) yield hashed(chunk)
    const { length, sha384 } = hash.digest()
    isWhole = true
    const strict = options.strict !== false
    settle(run(async ({ lib }) => (await lib.verifyHead(head, length, sha384, strict)) as Verification))
  } catch (error) {
    settle(Promise.reject(error))
    throw error
  } finally {
    await chunks.return(undefined)
    if (!isWhole) settle(Promise.reject(new AoError('BAD_ITEM', 'The data was not read to its end.')))
  }
}
