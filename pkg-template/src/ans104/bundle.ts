// Bundles: many items as the data of one.

import { AoError } from '../errors.js'
import type { Signer } from '../signers/types.js'
import type { Bytes } from '../types.js'
import type { Blob, ReadableStream as WebStream } from '../web-types.js'
import { HeaderIds } from './ids.js'
import { run } from './module.js'
import { chunksOf, inMemory, joined, sectionOf, streamOf, type Section } from './source.js'
import { StoredItem, blobOf } from './stored-item.js'
import type {
  BundleFailure,
  BundleVerification,
  ByteSource,
  HeadFields,
  ItemInMemory,
  Problem,
  SignLargeOptions,
  TransferOptions,
  VerifyOptions
} from './types.js'

/** Bytes of the number at the start of a bundle, and of every size. */
const NUMBER = 32

const CARRIER_TAGS = [
  { name: 'Bundle-Format', value: 'binary' },
  { name: 'Bundle-Version', value: '2.0.0' }
]

/** A bundle. Its header is in memory. Its items stay where they are, and each is read when it is asked for. */
export class Bundle {
  /** Number of items. */
  declare readonly length: number
  /** Bytes of the bundle. */
  declare readonly size: number
  readonly #section: Section
  readonly #ids: HeaderIds
  /** Where each item ends. */
  readonly #ends: Float64Array

  private constructor(section: Section, header: Bytes, ends: Float64Array) {
    this.length = ends.length
    this.size = section.size
    this.#section = section
    this.#ids = new HeaderIds(header.subarray(NUMBER))
    this.#ends = ends
  }

  /**
   * Makes a bundle of signed items, without a copy of them. Their signatures are not verified.
   *
   * @example
   * const bundle = await Bundle.create([first, second])
   * const carrier = await bundle.sign(signer)
   *
   * @throws {AoError} `BAD_ITEM` for more than 2,000,000 items
   */
  static async create(items: readonly (ItemInMemory | StoredItem)[]): Promise<Bundle> {
    const sections = items.map((item) => (item instanceof StoredItem ? item.section : inMemory(item.raw)))
    const sizes = Float64Array.from(sections, ({ size }) => size)
    const ids = items.map(({ id }) => id).join('')
    const header = (await run(({ lib }) => lib.writeBundleHeader(ids, sizes))) as Bytes
    return Bundle.#at(joined([inMemory(header), ...sections]))
  }

  /**
   * Reads the header of a bundle. It must name items that fill the bundle exactly; `details.rule` of the error says which rule is
   * broken: `HEADER_CUT`, `ITEM_COUNT`, `ITEM_SIZE` or `SIZE_SUM`. The items are not read.
   *
   * @example
   * const bundle = await Bundle.parse(file)
   * for await (const item of bundle) console.log(item.id, item.tags)
   *
   * @throws {AoError} `BAD_ITEM`, with `details.rule`; `BAD_ARGUMENT` when the source cannot be read
   */
  static async parse(source: ByteSource | StoredItem | ItemInMemory): Promise<Bundle> {
    if (source instanceof StoredItem) return Bundle.#at(source.dataSection)
    const { raw, data } = source as Partial<ItemInMemory>
    return Bundle.#at(sectionOf(raw && data ? data : (source as ByteSource)))
  }

  static async #at(section: Section): Promise<Bundle> {
    const start = await section.read(0, Math.min(section.size, NUMBER))
    const length = await run(({ lib }) => lib.bundleHeaderLength(start, section.size))
    const header = await section.read(0, length)
    return new Bundle(section, header, await run(({ lib }) => lib.readBundleHeader(header, section.size)))
  }

  /** The ids in the header, in order. They are checked against the items when these are read. */
  get ids(): string[] {
    return this.#ids.all()
  }

  /** Where an item begins and ends. */
  #range(index: number): [number, number] {
    const headerEnd = NUMBER + this.length * 2 * NUMBER
    return [index === 0 ? headerEnd : (this.#ends[index - 1] as number), this.#ends[index] as number]
  }

  /**
   * Reads the head of the item at this place. `undefined` behind the last. A negative place counts from the end.
   *
   * @example
   * const first = await bundle.at(0)
   *
   * @throws {AoError} `BAD_ITEM`, with `details.rule` `ITEM_ID` when the header names another item; `UNSUPPORTED`;
   * `BAD_ARGUMENT` when the source cannot be read
   */
  async at(place: number): Promise<StoredItem | undefined> {
    const index = place < 0 ? this.length + place : place
    if (!(Number.isInteger(index) && index >= 0 && index < this.length)) return undefined
    return StoredItem.at(this.#section.slice(...this.#range(index)), { index, id: this.#ids.bytes(index) })
  }

  /**
   * Reads the head of the item with this id. `undefined` when the bundle has none. Of several, the first.
   *
   * @example
   * const item = await bundle.get(id)
   *
   * @throws {AoError} as {@link Bundle.at}: `BAD_ITEM`, `UNSUPPORTED`, `BAD_ARGUMENT`
   */
  async get(id: string): Promise<StoredItem | undefined> {
    const index = this.#ids.indexOf(id)
    return index === undefined ? undefined : this.at(index)
  }

  /** Reads the heads of the items, one after the other. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StoredItem, void, undefined> {
    for (let index = 0; index < this.length; index++) yield (await this.at(index)) as StoredItem
  }

  /**
   * Verifies every item, and that it is the one that the header names. Bundles within the bundle are verified as items; verify
   * their items with `(await Bundle.parse(item)).verify()`.
   *
   * @example
   * const { valid, failures } = await bundle.verify()
   *
   * @throws {AoError} `UNSUPPORTED` when a signature cannot be verified in this runtime; `BAD_ARGUMENT` when the source cannot be
   * read
   */
  async verify({ strict, signal, onProgress }: VerifyOptions = {}): Promise<BundleVerification> {
    const failures: BundleFailure[] = []
    for (let index = 0; index < this.length; index++) {
      signal?.throwIfAborted()
      const problems = await this.#problems(index, { strict: strict !== false, signal })
      if (problems.length > 0) failures.push({ index, id: this.#ids.text(index), problems })
      onProgress?.({ done: this.#range(index)[1], total: this.size })
    }
    return { valid: failures.length === 0, failures }
  }

  async #problems(index: number, options: VerifyOptions): Promise<Problem[]> {
    try {
      const { valid, problems } = await ((await this.at(index)) as StoredItem).verify(options)
      return valid ? [] : problems
    } catch (error) {
      if (!(error instanceof AoError) || error.code !== 'BAD_ITEM') throw error
      return [{ code: String(error.details?.['rule'] ?? error.code), message: error.message }]
    }
  }

  /**
   * Signs the item that carries the bundle. Its tags are `Bundle-Format: binary`, `Bundle-Version: 2.0.0`, and those of `fields`.
   *
   * @example
   * const carrier = await bundle.sign(signer, { tags: [{ name: 'App-Name', value: 'Notes' }] })
   *
   * @throws {AoError} as {@link StoredItem.sign}: `BAD_ARGUMENT`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_ID`, `BAD_KEY`, `UNSUPPORTED`,
   * `SIGNER`, `BAD_SIGNATURE`
   */
  sign(signer: Signer, fields: HeadFields = {}, options?: SignLargeOptions): Promise<StoredItem> {
    const { size, read } = { size: this.size, read: this.#section.read }
    const tags = [...CARRIER_TAGS, ...(fields.tags ?? [])]
    const section = this.#section
    return StoredItem.sign(
      { ...fields, tags, data: section.blobParts() ? blobOf(section) : { size, read } },
      signer,
      options
    )
  }

  /**
   * Reads the whole bundle into memory.
   *
   * @example
   * const bytes = await bundle.bytes()
   *
   * @throws {AoError} `BAD_ARGUMENT` when the source has changed or cannot be read
   */
  bytes(): Promise<Bytes> {
    return this.#section.read(0, this.size)
  }

  /**
   * The whole bundle as a stream of chunks of up to 1 MiB.
   *
   * @example
   * await bundle.stream().pipeTo(writable)
   *
   * @throws {AoError} `BAD_ARGUMENT`, from the stream, when the source has changed or cannot be read
   */
  stream(options?: TransferOptions): WebStream {
    return streamOf(chunksOf(this.#section, options))
  }

  /**
   * The whole bundle as a `Blob`, without a copy of items that are in a `Blob`.
   *
   * @example
   * const url = URL.createObjectURL(bundle.blob())
   *
   * @throws {AoError} `UNSUPPORTED` when an item is in a file that is no `Blob`; use `stream()`
   */
  blob(): Blob {
    return blobOf(this.#section)
  }
}
