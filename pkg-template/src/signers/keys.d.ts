/** Wallet keys. */
import type { AoError } from '../errors.js'

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

/**
 * A new RSA-4096 key. Takes seconds.
 *
 * @example
 * const jwk = await generateJwk()
 * const address = await jwkToAddress(jwk)
 *
 * @throws {AoError} `UNSUPPORTED` without SubtleCrypto (on plain http pages other than localhost)
 */
export function generateJwk(): Promise<Jwk>

/** The Arweave address of a key: base64url of the SHA-256 of its modulus. @throws {AoError} `BAD_KEY` */
export function jwkToAddress(jwk: Jwk): Promise<string>
