// Remembers which signers this package made from a key, so that the WebAssembly module can sign with the key itself.

import type { Jwk, MadeSigner } from './types.js'

const keys = new WeakMap<object, Jwk>()

/** Marks a signer as made from a key. */
export function brand(signer: MadeSigner, jwk: Jwk): MadeSigner {
  keys.set(signer, jwk)
  return signer
}

/** The key that a signer was made from; `undefined` for wallets and for functions of others. */
export const keyOf = (signer: object): Jwk | undefined => keys.get(signer)
