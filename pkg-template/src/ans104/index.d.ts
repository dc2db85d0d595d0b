/** ANS-104 data items: make, sign, read and verify them. */
import type { Bytes, CallOptions, Data, Signer, Tag } from '../index.js'

/** What a new item is made of. */
export interface DataItemFields {
  /** Nothing, when left out. */
  data?: Data
  /** base64url of 32 bytes. */
  target?: string
  /** 32 bytes, or text of 32 bytes in UTF-8. */
  anchor?: string | Uint8Array
  /** At most 128, of 4096 bytes altogether; names of 1 to 1024 bytes, values of up to 3072. */
  tags?: readonly Tag[]
}

/** A deviation from ANS-104 that verification found. */
export interface Problem {
  /** Stable name, for instance `NEGATIVE_BLOCK` or `SIGNATURE`. */
  code: string
  message: string
}

export interface Verification {
  valid: boolean
  /** Everything that is odd about the item; a lenient verification may be `valid` and list some. */
  problems: Problem[]
}

/** An item that is not signed yet. */
export interface Draft {
  /**
   * Signs the item. `onSigned` is told of tags that a wallet has changed.
   *
   * @throws {AoError} `BAD_ARGUMENT`, `BAD_TAGS`, `BAD_ANCHOR`, `BAD_ID`, `BAD_KEY`, `UNSUPPORTED`; `SIGNER` when the
   * signer fails, or makes another item; `BAD_ITEM` or `BAD_SIGNATURE` when what it returns is no item, or does not verify
   */
  sign(signer: Signer, options?: Pick<CallOptions, 'onSigned'>): Promise<DataItem>
}

/** A signed data item. */
export class DataItem {
  private constructor()
  /**
   * The beginning of a new item. Nothing is checked before it is signed.
   *
   * @example
   * const item = await DataItem.create({ data: 'hello', tags: [{ name: 'Type', value: 'Note' }] }).sign(signer)
   */
  static create(fields: DataItemFields): Draft
  /**
   * Reads an item; the signature is not looked at. Items of more than 2,048 tags, or of more than a mebibyte of tags, are
   * not read: ANS-104 allows 128, and arbundles writes no item with more than 2,046.
   *
   * @example
   * const item = await DataItem.parse(new Uint8Array(await response.arrayBuffer()))
   * const { valid, problems } = await item.verify()
   *
   * @throws {AoError} `BAD_ARGUMENT`, `BAD_ITEM`, `UNSUPPORTED`
   */
  static parse(raw: ArrayBuffer | Uint8Array): Promise<DataItem>
  /** base64url of the SHA-256 of the signature. */
  readonly id: string
  /** Of ANS-104; 1 is Arweave RSA. */
  readonly signatureType: number
  /** base64url */
  readonly signature: string
  /** Public key, base64url. */
  readonly owner: string
  /** Address of the owner: base64url of the SHA-256 of the public key. */
  readonly address: string
  /** base64url; empty when there is none. */
  readonly target: string
  /** Bytes of the anchor; empty when there is none. */
  readonly anchor: Bytes
  /** Names and values as text; bytes that are not UTF-8 show as U+FFFD. */
  readonly tags: Tag[]
  /** The same as bytes. */
  readonly rawTags: { name: Bytes; value: Bytes }[]
  /** A view into `raw`. */
  readonly data: Bytes
  /** The whole item as it goes over the wire. */
  readonly raw: Bytes
  /**
   * Checks the signature and the form. Strict, the default, accepts only what every verifier of the network accepts;
   * `strict: false` accepts a correctly signed item with oddities and lists these.
   */
  verify(options?: { strict?: boolean }): Promise<Verification>
}

/** A value for {@link deepHash}: bytes, text (as UTF-8), or a list of such values. */
export type DeepHashChunk = string | Uint8Array | readonly DeepHashChunk[]

/**
 * Arweave's deep hash: 48 bytes of SHA-384.
 *
 * @example
 * const hash = await deepHash(['dataitem', '1', new Uint8Array([1, 2, 3])])
 *
 * @throws {AoError} `BAD_ARGUMENT` for values of other types, and for lists nested more than 64 deep
 */
export function deepHash(chunk: DeepHashChunk): Promise<Bytes>
