/** Signers: who signs data items, and what they are asked. */
import type { AoError } from '../errors.js'
import type { Bytes, Tag } from '../index.js'
import type { Jwk } from './keys.js'

/** The part of `window.arweaveWallet` (Wander, ArConnect) that signing needs. */
export interface ArweaveWallet {
  connect(permissions: string[], appInfo?: object, gateway?: object): Promise<unknown>
  signDataItem(item: ItemFields): Promise<ArrayBufferLike | Uint8Array>
  /** Only HTTP messages need these three. */
  getActivePublicKey?(): Promise<string>
  getActiveAddress?(): Promise<string>
  signMessage?(data: Uint8Array, options?: { hashAlgorithm?: 'SHA-512' }): Promise<ArrayLike<number> | ArrayBufferLike>
}

/** The fields of an item, as wallets take them. */
export interface ItemFields {
  data: string | Uint8Array
  tags: Tag[]
  target?: string
  anchor?: string
}

/** What a signer asks `create` for: either the bytes to sign for this public key … */
export interface CreateWithKey {
  /** As bytes, or as base64url. */
  publicKey: string | Uint8Array
  /** ANS-104 signature type; 1 (Arweave RSA), when left out, and the only one in this version. */
  type?: number
  alg?: string
}

/** … or the item's fields, to build and sign the whole item itself, as browser wallets do. */
export interface CreatePassthrough {
  passthrough: true
  alg?: string
}

/** The function that a signer is called with. It rejects with {@link AoError} when the item cannot be made. */
export interface Create {
  (fields: CreatePassthrough): Promise<ItemFields>
  /** @returns the bytes to sign: 48 of a data item, the text of an HTTP message */
  (fields: CreateWithKey): Promise<Bytes>
}

/** A `create` of another library: one that may answer at once. */
export interface AnyCreate {
  (fields: CreatePassthrough): ItemFields | Promise<ItemFields>
  (fields: CreateWithKey): Uint8Array | Promise<Uint8Array>
}

/**
 * What a signer gives back: the signature over the bytes of `create({ publicKey })`, or the whole item that it made of
 * the fields of `create({ passthrough: true })`. Both are verified before anything is sent, and the item must have the target,
 * the anchor, the data and the protocol tags that it was asked for.
 */
export type SignerAnswer =
  { signature: string | Uint8Array; address?: string } | { id?: string; raw: ArrayBuffer | Uint8Array }

/**
 * Signs one data item, or one HTTP message. This is aoconnect's contract, so signers can be exchanged between the two
 * libraries. `kind` is `'ans104'` (RSA-PSS with SHA-256), or `'httpsig'` for the functions of `aoxide/httpsig` (RSA-PSS with
 * SHA-512; the signer answers with a `signature`).
 *
 * @example
 * const signer: Signer = async (create) => {
 *   const message = await create({ publicKey, type: 1 })
 *   return { signature: await myDevice.sign(message) }
 * }
 */
export type Signer = (create: Create, kind?: string) => SignerAnswer | Promise<SignerAnswer>

/** A signer that {@link createSigner} made. It serves other libraries too. */
export type MadeSigner = (create: AnyCreate, kind?: string) => Promise<SignerAnswer>

/**
 * Makes a signer of an RSA key (in any runtime, browsers included) or of a browser wallet. A function is taken to be
 * a signer already, and comes back as it is.
 *
 * A wallet is looked at when it signs, not before: its methods may come later. Wallets also put themselves into the page
 * after its first scripts have run; so `undefined` and `null` stand for `globalThis.arweaveWallet` as it is at each signature.
 *
 * @example
 * const signer = createSigner(JSON.parse(keyFile))
 * @example
 * const signer = createSigner(window.arweaveWallet)
 *
 * @throws {AoError} `BAD_ARGUMENT` when it is given text or another simple value, or a key without `kty` or `n`. The call that
 * signs rejects with `BAD_KEY` when the key cannot be used, and with `SIGNER` when there is no wallet yet.
 */
export function createSigner(wallet: Jwk | ArweaveWallet | null | undefined): MadeSigner
export function createSigner(wallet: Jwk | ArweaveWallet | Signer | null | undefined): Signer
