/** ANS-104 data items: create, sign, parse and verify them. */

import type { CallOptions } from '../client/options.js'
import type { Signer } from '../signers/types.js'
import type { Bytes, Data, Tag } from '../types.js'
import { run } from '../wasm/modules.js'
import { textTags, type ParsedFields } from './fields.js'
import type { Verification } from './types.js'

export { ownerAddress, type AddressWriter, type OwnedItem } from './address.js'
export { Bundle } from './bundle.js'
export { StoredItem } from './stored-item.js'
export { readStream, signStream, type SignedStream, type StreamedItem } from './streams.js'
export type {
  BundleFailure,
  BundleVerification,
  ByteSource,
  ByteStream,
  FileLike,
  HeadFields,
  ItemInMemory,
  LargeItemFields,
  Problem,
  SignLargeOptions,
  TransferOptions,
  Verification,
  VerifyOptions
} from './types.js'

/** The fields of a new item. */
export interface DataItemFields {
  /** Default: empty. */
  data?: Data
  /** base64url of 32 bytes. */
  target?: string
  /** 32 bytes, or text of 32 bytes in UTF-8. */
  anchor?: string | Uint8Array
  /** At most 128 tags, of 4096 bytes altogether. Names have 1 to 1024 bytes, values up to 3072. */
  tags?: readonly Tag[]
}

/** An item that is not signed yet. */
export interface Draft {
  /**
   * Signs the item. `onSigned` is called with the tags that a wallet has changed.
   *
   * @example
   * const item = await DataItem.create({ data: 'hello' }).sign(signer)
   *
   * @throws {AoError} `BAD_ARGUMENT`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_ID`, `BAD_KEY`, `UNSUPPORTED`; `SIGNER` when the signer
   * fails, or makes another item; `BAD_ITEM` or `BAD_SIGNATURE` when the signer returns no item, or an invalid signature
   */
  sign(signer: Signer, options?: Pick<CallOptions, 'onSigned'>): Promise<DataItem>
}

/** A signed data item. */
export class DataItem {
  /** base64url of the SHA-256 of the signature. */
  declare readonly id: string
  /** By ANS-104; 1 is Arweave RSA. */
  declare readonly signatureType: number
  /** base64url */
  declare readonly signature: string
  /** Public key, base64url. */
  declare readonly owner: string
  /** Address of the owner: base64url of the SHA-256 of the public key. `ownerAddress` has other forms. */
  declare readonly address: string
  /** base64url; empty when there is none. */
  declare readonly target: string
  /** Bytes of the anchor; empty when there is none. */
  declare readonly anchor: Bytes
  /** Names and values as text. Bytes that are not UTF-8 become U+FFFD. */
  declare readonly tags: Tag[]
  /** Names and values as bytes. */
  declare readonly rawTags: { name: Bytes; value: Bytes }[]
  /** A view into `raw`. */
  declare readonly data: Bytes
  /** The whole item as it is sent. */
  declare readonly raw: Bytes

  private constructor(raw: Bytes, { dataStart, ...fields }: ParsedFields) {
    Object.assign(this, fields)
    this.raw = raw
    this.data = raw.subarray(dataStart)
    this.tags = textTags(fields.rawTags)
    Object.freeze(this)
  }

  /**
   * Returns a draft with these fields. They are checked when it is signed.
   *
   * @example
   * const item = await DataItem.create({ data: 'hello', tags: [{ name: 'Type', value: 'Note' }] }).sign(signer)
   */
  static create(fields: DataItemFields): Draft {
    return {
      sign: async (signer, options) =>
        DataItem.parse(await run(({ lib }) => lib.signItem(fields, { ...options, signer })))
    }
  }

  /**
   * Parses an item. Its signature is not verified. Items of more than 2,048 tags, or of more than a mebibyte of tags, are
   * refused: ANS-104 allows 128, and arbundles writes no item with more than 2,046.
   *
   * @example
   * const item = await DataItem.parse(new Uint8Array(await response.arrayBuffer()))
   * const { valid, problems } = await item.verify()
   *
   * @throws {AoError} `BAD_ARGUMENT`, `BAD_ITEM`, `UNSUPPORTED`
   */
  static parse(raw: ArrayBuffer | Uint8Array): Promise<DataItem> {
    return run(({ lib }) => {
      const item = new lib.ParsedItem(raw)
      const fields = item.fields() as ParsedFields
      item.free()
      return new DataItem((raw instanceof Uint8Array ? raw : new Uint8Array(raw)) as Bytes, fields)
    })
  }

  /**
   * Verifies the signature and the form. The strict verification, which is the default, accepts only items that every verifier
   * of the network accepts. `strict: false` accepts a correctly signed item with deviations, and lists these.
   *
   * @example
   * const { valid, problems } = await item.verify({ strict: false })
   *
   * @throws {AoError} `UNSUPPORTED` when the signature cannot be verified in this runtime
   */
  verify(options?: { strict?: boolean }): Promise<Verification> {
    return run(async ({ lib }) => {
      const item = new lib.ParsedItem(this.raw)
      try {
        // Only `false` itself makes it lenient.
        return (await item.verify(options?.strict !== false)) as Verification
      } finally {
        item.free()
      }
    })
  }
}

/** A value for {@link deepHash}: bytes, text (as UTF-8), or a list of such values. */
export type DeepHashChunk = string | Uint8Array | readonly DeepHashChunk[]

/**
 * Computes Arweave's deep hash: 48 bytes of SHA-384.
 *
 * @example
 * const hash = await deepHash(['dataitem', '1', new Uint8Array([1, 2, 3])])
 *
 * @throws {AoError} `BAD_ARGUMENT` for values of other types, and for lists nested more than 64 deep
 */
export const deepHash = (chunk: DeepHashChunk): Promise<Bytes> => run(({ lib }) => lib.deepHash(chunk) as Bytes)
