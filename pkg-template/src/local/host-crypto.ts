// Cryptography of Node.js that answers at once. SubtleCrypto hands each signature to another thread, which takes longer than a
// small signature itself.

import { builtin } from '../wasm/instantiate.js'

/** What the bindings ask for: see `HostCrypto` in src/bindings/local.rs. They do themselves what is answered with nothing. */
export interface HostCrypto {
  sign(message: Uint8Array): Uint8Array | undefined
  verifies(n: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** Public keys that are kept ready. */
const MAX_KEYS = 64

/**
 * The cryptography of this runtime, or `undefined` where only SubtleCrypto has any.
 *
 * @param jwk The network's key.
 */
export function hostCrypto(jwk: object): HostCrypto | undefined {
  const [crypto, buffer] = [builtin('node:crypto'), builtin('node:buffer')]
  if (!crypto || !buffer) return undefined
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_AUTO: saltLength } = crypto.constants
  const signing = attempt(() => crypto.createPrivateKey({ key: jwk, format: 'jwk' }))
  const keys = new Map<string, object>()
  const publicKey = (n: string) => {
    const known = keys.get(n)
    if (known) return known
    if (keys.size === MAX_KEYS) keys.clear()
    const key = crypto.createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
    keys.set(n, key)
    return key
  }
  return {
    sign: (message) => signing && attempt(() => crypto.sign(null, message, signing)),
    verifies: (n, message, signature) =>
      attempt(() => {
        const key = publicKey(buffer.Buffer.from(n).toString('base64url'))
        return crypto.verify('sha256', message, { key, padding, saltLength }, signature)
      }) === true
  }
}

/** What `job` returns; `undefined` where it throws. */
function attempt<T>(job: () => T): T | undefined {
  try {
    return job()
  } catch {
    return undefined
  }
}
