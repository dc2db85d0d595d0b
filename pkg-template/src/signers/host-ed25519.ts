// Ed25519 by SubtleCrypto. Chromium has it since version 137, Firefox since 129, Safari since 17, Node.js since 18.

type Sign = (message: Uint8Array) => Promise<Uint8Array>

/** A private key in PKCS#8 (RFC 8410), up to its 32 bytes. */
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]

/** What imports and signs, or `undefined` where there is none. */
const signers = new WeakMap<object, Promise<Sign | undefined>>()

/** Signs with the seed, of 32 bytes. `undefined` where the runtime has no Ed25519. `key` is the object that the seed is of. */
export function hostEd25519(key: object, seed: Uint8Array): Promise<Sign | undefined> {
  const known = signers.get(key) ?? imported(seed).catch(() => undefined)
  signers.set(key, known)
  return known
}

async function imported(seed: Uint8Array): Promise<Sign> {
  // Insecure pages have no `subtle`.
  const { subtle } = globalThis.crypto
  const key = await subtle.importKey('pkcs8', Uint8Array.of(...PKCS8, ...seed), 'Ed25519', false, ['sign'])
  return async (message) => new Uint8Array(await subtle.sign('Ed25519', key, Uint8Array.from(message)))
}
