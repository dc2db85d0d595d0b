// The contract between this package and the functions that sign for it.

import type { Bytes, Tag } from '../types.js'

/** An RSA key of an Arweave wallet, as a wallet's key file holds it. `n`, `e` and `d` are enough. */
export interface Jwk {
  kty: string
  n: string
  e: string
  d?: string
  p?: string
  q?: string
  dp?: string
  dq?: string
  qi?: string
}

/** The part of `window.arweaveWallet` (Wander, ArConnect) that signing needs. */
export interface ArweaveWallet {
  connect(permissions: string[], appInfo?: object, gateway?: object): Promise<unknown>
  signDataItem(item: ItemFields): Promise<ArrayBufferLike | Uint8Array>
  /** Only HTTP messages need these three. */
  getActivePublicKey?(): Promise<string>
  getActiveAddress?(): Promise<string>
  signMessage?(data: Uint8Array, options?: { hashAlgorithm?: 'SHA-512' }): Promise<ArrayLike<number> | ArrayBufferLike>
}

/** An Ed25519 key or an Ethereum key. `d` is the private key, base64url. */
export interface OtherJwk {
  kty: 'OKP' | 'EC'
  crv: 'Ed25519' | 'secp256k1'
  d: string
}

/** A wallet of Ethereum, by EIP-1193: `window.ethereum`. */
export interface EthereumWallet {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>
}

/** A wallet of Solana. */
export interface SolanaWallet {
  publicKey: { toBytes(): Uint8Array } | null
  connect?(): Promise<unknown>
  signMessage(message: Uint8Array): Promise<Uint8Array | { signature: Uint8Array }>
}

/** A wallet of Aptos. Text is hexadecimal. */
export interface AptosWallet {
  account(): Promise<{ publicKey: string | Uint8Array }>
  signMessage(request: { message: string; nonce: string }): Promise<{
    signature: string | Uint8Array
    fullMessage?: string
  }>
}

/** Ed25519 keys of Aptos that sign together. */
export interface MultiAptosKeys {
  /** At most 32, of 32 bytes each. */
  publicKeys: Uint8Array[]
  /** How many of them must sign. */
  threshold: number
  /** Signs 48 bytes with some of the keys. `bitmap` has the index of the key of each signature. */
  collectSignatures(message: Uint8Array): Promise<{ signatures: Uint8Array[]; bitmap: number[] }>
}

/**
 * Keys and wallets of other networks than Arweave. An Ethereum key may be text: `0x` and 64 hexadecimal digits. An Ed25519 key
 * may be 64 bytes, as in Solana's key files.
 */
export type OtherWallet =
  | `0x${string}`
  | Uint8Array
  | readonly number[]
  | OtherJwk
  | EthereumWallet
  | SolanaWallet
  | AptosWallet
  | MultiAptosKeys

/** What signers for other networks than Arweave are made from. */
export type OtherSource =
  'ed25519-key' | 'ethereum-key' | 'ethereum-wallet' | 'solana-wallet' | 'aptos-wallet' | 'aptos-keys'

/** What `createSigner` took its parameter for. */
export type SignerSource = 'arweave-key' | 'arweave-wallet' | OtherSource

/** The fields of an item, in the form that wallets take. */
export interface ItemFields {
  data: string | Uint8Array
  tags: Tag[]
  target?: string
  anchor?: string
}

/** Argument of `create` for a signer that signs bytes: requests the bytes to sign for this public key. */
export interface CreateWithKey {
  /** As bytes, or as base64url. */
  publicKey: string | Uint8Array
  /** ANS-104 signature type. Default: 1 (Arweave RSA). */
  type?: number
  alg?: string
  /** Arweave address of the key. */
  address?: string
}

/** Argument of `create` for a signer that builds the whole item itself, as browser wallets do: requests the item's fields. */
export interface CreatePassthrough {
  passthrough: true
  alg?: string
}

/**
 * The function that a signer is called with. It rejects with an {@link AoError} when the item cannot be made.
 *
 * It also has the item's fields as properties, for signers of the older form that do not call it:
 * `({ data, tags, target, anchor }) => ({ id, raw })`. HTTP messages do not have them. `data` is what the caller gave.
 */
export interface Create extends ItemFields {
  (fields: CreatePassthrough): Promise<ItemFields>
  /** @returns the bytes to sign: 48 bytes for a data item, the signature base for an HTTP message */
  (fields: CreateWithKey): Promise<Bytes>
}

/** A `create` of another library, which may return without a promise. */
export interface AnyCreate {
  (fields: CreatePassthrough): ItemFields | Promise<ItemFields>
  (fields: CreateWithKey): Uint8Array | Promise<Uint8Array>
}

/**
 * The result of a signer: the signature over the bytes of `create({ publicKey })`, or the whole item, made from the fields of
 * `create({ passthrough: true })` or from those of `create` itself. Both are verified before anything is sent. The item must
 * have the requested target, anchor, data and protocol tags, and the `id`, if there is one.
 */
export type SignerAnswer =
  { signature: string | Uint8Array; address?: string } | { id?: string; raw: ArrayBuffer | Uint8Array }

/**
 * Signs one data item, or one HTTP message. This is aoconnect's contract, so signers can be exchanged between the two
 * libraries. `kind` is `'ans104'` (RSA-PSS with SHA-256), or `'httpsig'` for the functions of `aoxide/httpsig` (RSA-PSS with
 * SHA-512; the signer returns a `signature`).
 *
 * @example
 * const signer: Signer = async (create) => {
 *   const message = await create({ publicKey, type: 1 })
 *   return { signature: await myDevice.sign(message) }
 * }
 */
export type Signer = (create: Create, kind?: string) => SignerAnswer | Promise<SignerAnswer>

/** A signer made by `createSigner`. Other libraries with the same contract can use it too. */
export interface MadeSigner {
  (create: AnyCreate, kind?: string): Promise<SignerAnswer>
  /** What it was made from. */
  readonly source: SignerSource
}
