// Anchors that make messages unique.
import { session } from './session.js'

/**
 * Anchor for a message of the current key, as `{ anchor }`; `{}` where none is needed.
 *
 * A signature of Ed25519 has no salt: the same message would have the same id again, and a scheduler takes an id only once.
 */
export function freshAnchor() {
  if (session.key?.jwk?.crv !== 'Ed25519') return {}
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  // 32 characters.
  return { anchor: btoa(String.fromCodePoint(...bytes)) }
}
