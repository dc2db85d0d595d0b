// Keys of Arweave wallets.

import { run } from '../wasm/modules.js'
import type { Jwk } from './types.js'

/**
 * Generates an RSA-4096 key. Takes seconds.
 *
 * @example
 * const jwk = await generateJwk()
 * const address = await jwkToAddress(jwk)
 *
 * @throws {AoError} `UNSUPPORTED` without SubtleCrypto: on plain http pages other than localhost, and in jsdom
 */
export const generateJwk = (): Promise<Jwk> => run(({ lib }) => lib.generateJwk() as Promise<Jwk>)

/**
 * Computes the Arweave address of a key: base64url of the SHA-256 of its modulus.
 *
 * @example
 * const address = await jwkToAddress(JSON.parse(keyFile))
 *
 * @throws {AoError} `BAD_KEY` when the key cannot be read
 */
export const jwkToAddress = (jwk: Jwk): Promise<string> => run(({ lib }) => lib.jwkToAddress(jwk))
