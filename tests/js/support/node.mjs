// A client of a scripted HyperBEAM node.
import { jwk } from './key.mjs'
import { aoxide } from './package.mjs'
import { recorder } from './record.mjs'
import { node } from './replies.mjs'

export const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
export const URL = 'https://node.test'
export const signer = aoxide.createSigner(jwk)
/** The query of every unsigned read. */
export const form = '?require-codec=application/json&accept-bundle=true'

/** Creates a client in mainnet mode for a scripted node with these parts. `requests` records its requests. */
export function client(parts = {}, options = {}) {
  const { fetch, requests } = recorder(typeof parts === 'function' ? parts : node(parts))
  const ao = aoxide.connect({ MODE: 'mainnet', URL, signer, dialect: 'current', fetch, ...options })
  return { ao, requests }
}

/** Calls the functions in order, one per request, and repeats the last one. */
export const inTurn = (...responses) => {
  let calls = 0
  return (...request) => responses[Math.min(calls++, responses.length - 1)](...request)
}

/** A response that never arrives. */
export const hanging = () => new Promise(() => {})

/** Wraps a function, and counts its calls in `count`. */
export function counting(answer = signer) {
  const counted = (...args) => {
    counted.count++
    return answer(...args)
  }
  counted.count = 0
  return counted
}
