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

/** A client in mainnet mode of a node with these parts, and its requests. */
export function client(parts = {}, options = {}) {
  const { fetch, requests } = recorder(typeof parts === 'function' ? parts : node(parts))
  const ao = aoxide.connect({ MODE: 'mainnet', URL, signer, dialect: 'current', fetch, ...options })
  return { ao, requests }
}

/** Gives its answers in order and repeats the last one. */
export const inTurn = (...answers) => {
  let asked = 0
  return (...request) => answers[Math.min(asked++, answers.length - 1)](...request)
}

/** Never answers. */
export const hanging = () => new Promise(() => {})

/** Counts its calls. */
export function counting(answer = signer) {
  const counted = (...asked) => {
    counted.count++
    return answer(...asked)
  }
  counted.count = 0
  return counted
}
