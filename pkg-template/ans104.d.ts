/** ANS-104 data items: make, sign, read and verify them. */
import type { Data, Signer, Tag } from './index.js'

/** What a new item is made of. `target` is base64url of 32 bytes, `anchor` is 32 bytes of UTF-8. */
export interface DataItemFields {
  data?: Data
  target?: string
  anchor?: string | Uint8Array
  tags?: Tag[]
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
  /** @throws {AoError} `BAD_TAGS`, `BAD_ANCHOR`, `BAD_ID`, or `SIGNER` when the signer fails */
  sign(signer: Signer): Promise<DataItem>
}

/** A signed data item. */
export class DataItem {
  private constructor()
  /**
   * @example
   * const item = await DataItem.create({ data: 'hello', tags: [{ name: 'Type', value: 'Note' }] }).sign(signer)
   */
  static create(fields: DataItemFields): Draft
  /** Reads an item; the signature is not looked at. @throws {AoError} `BAD_ITEM`, `UNSUPPORTED` */
  static parse(raw: ArrayBuffer | Uint8Array): Promise<DataItem>
  /** base64url of the SHA-256 of the signature. */
  readonly id: string
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
  readonly anchor: Uint8Array
  /** Names and values as text; bytes that are not UTF-8 show as U+FFFD. */
  readonly tags: Tag[]
  /** The same as bytes. */
  readonly rawTags: { name: Uint8Array; value: Uint8Array }[]
  /** A view into `raw`. */
  readonly data: Uint8Array
  /** The whole item as it goes over the wire. */
  readonly raw: Uint8Array
  /**
   * Checks the signature and the form. Strict, the default, accepts only what every verifier of the network accepts;
   * `strict: false` accepts a correctly signed item with oddities and lists these.
   */
  verify(options?: { strict?: boolean }): Promise<Verification>
}

/** A value for {@link deepHash}: bytes, text (as UTF-8), or a list of such values. */
export type DeepHashChunk = string | Uint8Array | DeepHashChunk[]

/** Arweave's deep hash: 48 bytes of SHA-384. */
export function deepHash(chunk: DeepHashChunk): Promise<Uint8Array>
