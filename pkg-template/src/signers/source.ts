// Recognises what a signer is made from.

import type { SignerSource } from './types.js'

/** What the parameter of `createSigner` is. What is nothing else counts as an Arweave wallet, which may come later. */
export function sourceOf(given: unknown): SignerSource {
  if (typeof given === 'string') return 'ethereum-key'
  const fields = (given ?? {}) as Record<string, unknown>
  if (fields.crv === 'Ed25519' || fields.length === 64) return 'ed25519-key'
  if (fields.crv === 'secp256k1') return 'ethereum-key'
  if (fields.kty || fields.n) return 'arweave-key'
  if (fields.collectSignatures) return 'aptos-keys'
  if (fields.request && !fields.signDataItem) return 'ethereum-wallet'
  if (fields.signMessage && !fields.signDataItem) {
    if (fields.account) return 'aptos-wallet'
    if ('publicKey' in fields) return 'solana-wallet'
  }
  return 'arweave-wallet'
}
