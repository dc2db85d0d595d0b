// A client of a HyperBEAM node that a test plays.
import { jwk } from './key.mjs'
import { aoxide } from './package.mjs'
import { recorder } from './record.mjs'
import { node } from './replies.mjs'

export const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
export const URL = 'https://node.test'
export const signer = aoxide.createSigner(jwk)
/** What every unsigned read has behind its path. */
export const form = '?require-codec=application/json&accept-bundle=true'

/** A client in mainnet mode of a node with these parts, and what it asked. */
export function client(parts = {}, options = {}) {
  const { fetch, requests } = recorder(typeof parts === 'function' ? parts : node(parts))
  const ao = aoxide.connect({ MODE: 'mainnet', URL, signer, dialect: 'current', fetch, ...options })
  return { ao, requests }
}

/** Answers in turn, the last one for ever. */
export const inTurn = (...answers) => {
  let asked = 0
  return (...request) => answers[Math.min(asked++, answers.length - 1)](...request)
}

/** Answers never. */
export const hanging = () => new Promise(() => {})

/** Counts how often it is asked. */
export function counting(answer = signer) {
  const counted = (...asked) => {
    counted.count++
    return answer(...asked)
  }
  counted.count = 0
  return counted
}
