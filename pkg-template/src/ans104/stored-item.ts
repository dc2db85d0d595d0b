// Items whose data stays in a Blob, a file or a bundle.

import { AoError } from '../errors.js'
import type { Signer } from '../signers/types.js'
import type { Bytes, Tag } from '../types.js'
import type { Blob, ReadableStream as WebStream } from '../web-types.js'
import { textTags, type ParsedFields } from './fields.js'
import { digestOf } from './hash.js'
import { run } from './module.js'
import { chunksOf, inMemory, joined, sectionOf, streamOf, type Section } from './source.js'
import type {
  ByteSource,
  LargeItemFields,
  SignLargeOptions,
  TransferOptions,
  Verification,
  VerifyOptions
} from './types.js'

/** Bytes of an item that are read first. The head of almost every item fits. */
const FIRST_READ = 4096

/** Where an item lies in a bundle, and the id that the bundle's header gives it. */
interface Place {
  index: number
  id: Bytes
}

/**
 * A signed item whose data stays where it is: in memory, in a `Blob`, in a file, or in a bundle. Only its head, everything
 * before the data, was read.
 */
export class StoredItem {
  /** base64url of the SHA-256 of the signature. */
  declare readonly id: string
  /** By ANS-104; 1 is Arweave RSA. */
  declare readonly signatureType: number
  /** base64url */
  declare readonly signature: string
  /** Public key, base64url. */
  declare readonly owner: string
  /** Address of the owner: base64url of the SHA-256 of the public key. */
  declare readonly address: string
  /** base64url; empty when there is none. */
  declare readonly target: string
  /** Bytes of the anchor; empty when there is none. */
  declare readonly anchor: Bytes
  /** Names and values as text. Bytes that are not UTF-8 become U+FFFD. */
  declare readonly tags: Tag[]
  /** Names and values as bytes. */
  declare readonly rawTags: { name: Bytes; value: Bytes }[]
  /** Whether the tags say that the data is a bundle. */
  declare readonly isBundle: boolean
  /** Everything before the data, as it is sent. */
  declare readonly head: Bytes
  /** Bytes of the whole item. */
  declare readonly size: number
  /** Bytes of the data. */
  declare readonly dataSize: number
  readonly #section: Section

  private constructor(section: Section, head: Bytes, fields: ParsedFields) {
    const { dataStart, ...others } = fields
    Object.assign(this, others)
    this.head = head.slice(0, dataStart)
    this.size = section.size
    this.dataSize = section.size - dataStart
    this.tags = textTags(fields.rawTags)
    this.#section = section
    Object.freeze(this)
  }

  /**
   * Reads the head of an item. Its signature is not verified, and its data is not read.
   *
   * @example
   * const item = await StoredItem.parse(file)
   * const { valid } = await item.verify()
   *
   * @throws {AoError} `BAD_ARGUMENT`, `BAD_ITEM`, `UNSUPPORTED`
   */
  static async parse(source: ByteSource): Promise<StoredItem> {
    return StoredItem.at(sectionOf(source))
  }

  /** @internal */
  static async at(section: Section, place?: Place): Promise<StoredItem> {
    let head = await section.read(0, Math.min(section.size, FIRST_READ))
    for (;;) {
      const prefix = head
      const needed = await run(({ lib }) => lib.headLength(prefix))
      if (needed <= head.length || head.length === section.size) break
      head = await section.read(0, Math.min(section.size, needed))
    }
    const fields = await run(({ lib }) => lib.readHead(head, place?.index, place?.id) as ParsedFields)
    return new StoredItem(section, head, fields)
  }

  /**
   * Signs an item whose data is read a chunk at a time: once for the signature, and again when the item is sent or read. Keep
   * the data as it is until then.
   *
   * @example
   * const item = await StoredItem.sign({ data: file, tags: [{ name: 'Content-Type', value: file.type }] }, signer)
   * await fetch('https://upload.ardrive.io/v1/tx', { method: 'POST', body: item.blob() })
   *
   * @throws {AoError} `BAD_ARGUMENT`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_ID`, `BAD_KEY`; `UNSUPPORTED` for a wallet that signs only
   * items that it gets whole; `SIGNER` when the signer fails; `BAD_SIGNATURE` when it returns an invalid signature
   */
  static async sign(fields: LargeItemFields, signer: Signer, options: SignLargeOptions = {}): Promise<StoredItem> {
    const { data, ...others } = fields
    const section = sectionOf(data)
    await run(({ lib }) => lib.checkFields(others))
    const { length, sha384 } = await digestOf(section, options)
    const { onSigned } = options
    const head = (await run(({ lib }) => lib.signHead(others, { signer, onSigned }, length, sha384))) as Bytes
    return StoredItem.at(joined([inMemory(head), section]))
  }

  /** @internal */
  get section(): Section {
    return this.#section
  }

  /** @internal The section of the data. */
  get dataSection(): Section {
    return this.#section.slice(this.head.length, this.size)
  }

  /**
   * Reads the data into memory.
   *
   * @example
   * const text = new TextDecoder().decode(await item.data())
   *
   * @throws {AoError} `BAD_ARGUMENT` when the source has changed or cannot be read
   */
  data(): Promise<Bytes> {
    return this.dataSection.read(0, this.dataSize)
  }

  /**
   * Reads the whole item into memory, as it is sent.
   *
   * @example
   * const item = await DataItem.parse(await stored.raw())
   *
   * @throws {AoError} `BAD_ARGUMENT` when the source has changed or cannot be read
   */
  raw(): Promise<Bytes> {
    return this.#section.read(0, this.size)
  }

  /**
   * The data as a stream of chunks of up to 1 MiB.
   *
   * @example
   * await item.dataStream().pipeTo(writable)
   *
   * @throws {AoError} `BAD_ARGUMENT`, from the stream, when the source has changed or cannot be read
   */
  dataStream(options?: TransferOptions): WebStream {
    return streamOf(chunksOf(this.dataSection, options))
  }

  /**
   * The whole item as a stream of chunks of up to 1 MiB.
   *
   * @example
   * await fetch(url, { method: 'POST', body: item.stream(), duplex: 'half' })
   *
   * @throws {AoError} `BAD_ARGUMENT`, from the stream, when the source has changed or cannot be read
   */
  stream(options?: TransferOptions): WebStream {
    return streamOf(chunksOf(this.#section, options))
  }

  /**
   * The whole item as a `Blob`, without a copy of data that is in a `Blob`.
   *
   * @example
   * await fetch(url, { method: 'POST', body: item.blob() })
   *
   * @throws {AoError} `UNSUPPORTED` when the data is in a file that is no `Blob`; use `stream()`
   */
  blob(): Blob {
    return blobOf(this.#section)
  }

  /**
   * Verifies the signature and the form. Reads the data a chunk at a time.
   *
   * @example
   * const { valid, problems } = await item.verify({ signal, onProgress: ({ done, total }) => show(done / total) })
   *
   * @throws {AoError} `UNSUPPORTED` when the signature cannot be verified in this runtime; `BAD_ARGUMENT` when the source has
   * changed or cannot be read
   */
  async verify(options?: VerifyOptions): Promise<Verification> {
    const { length, sha384 } = await digestOf(this.dataSection, options)
    const verification = run(({ lib }) => lib.verifyHead(this.head, length, sha384, options?.strict !== false))
    return (await verification) as Verification
  }
}

/** @internal The `Blob` of a section. */
export function blobOf(section: Section): Blob {
  const parts = section.blobParts()
  if (!parts) throw new AoError('UNSUPPORTED', 'A file that is no Blob cannot become part of a Blob. Use stream().')
  return new globalThis.Blob(parts as BlobPart[])
}
