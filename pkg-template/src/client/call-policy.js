// One call: ended by its caller's signal or by its time limit, and made once for all who ask the same at the same time.

import { AoError } from '../errors.js'

/** Milliseconds of the longest timers: 24 days. */
const LONGEST = 2 ** 31 - 1

/** Starts `call` with `input`, and a signal of its own in it. Rejects at once when the caller's signal says so. */
export function bounded(input, usualTimeout, call) {
  const { signal, timeout = usualTimeout } = input ?? {}
  if (signal === undefined && timeout === undefined) return call(input)
  return new Promise((resolve, reject) => {
    check(signal, timeout)
    if (signal?.aborted) throw signal.reason
    const controller = new AbortController()
    // Neither the timer nor the listener may outlive the call, which can end before what it called does.
    const release = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const end = (reason) => {
      release()
      reject(reason)
      // Not the caller's reason, which may be anything: some `fetch` only takes errors.
      controller.abort()
    }
    let id
    const onSigned = (signed, how) => {
      id = signed
      input?.onSigned?.(signed, how)
    }
    const onAbort = () => end(signal.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    // A timer that is set for longer goes off at once.
    const timer =
      timeout === undefined || timeout > LONGEST ? undefined : setTimeout(() => end(tooLate(timeout, id)), timeout)
    call({ ...input, signal: controller.signal, onSigned })
      .then(resolve, reject)
      .finally(release)
  })
}

function check(signal, timeout) {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new AoError('BAD_ARGUMENT', "'signal': Expected AbortSignal. Give the `signal` of an AbortController.")
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw new AoError('BAD_ARGUMENT', "'timeout': Expected number, of milliseconds.")
  }
}

function tooLate(timeout, id) {
  const advice = 'What was sent may still arrive; ask for its result before you send it again.'
  const details = id === undefined ? { timeout } : { timeout, id }
  return new AoError('TIMEOUT', `No answer within ${timeout} ms. ${advice}`, { details })
}

/** Milliseconds for which a call is joined; one that takes longer may be lost. */
const FRESH = 3000

/**
 * A way to make calls so that those who ask the same at the same time share one, which ends when all of them left. After
 * `clear`, no call joins one that began before.
 */
export function sharing() {
  const underWay = new Map()
  const forget = (shared) => underWay.get(shared.key) === shared && underWay.delete(shared.key)
  const share = (verb, input, call) => {
    const key = keyOf(verb, input)
    if (key === undefined) return call(input)
    let shared = underWay.get(key)
    if (!shared || Date.now() - shared.began > FRESH) {
      const controller = new AbortController()
      shared = { key, controller, callers: 0, began: Date.now() }
      underWay.set(key, shared)
      shared.answer = call({ ...input, signal: controller.signal }).finally(() => forget(shared))
    }
    shared.callers++
    const leave = () => {
      if (--shared.callers > 0) return
      forget(shared)
      shared.controller.abort()
    }
    const signal = input?.signal
    if (signal?.aborted) leave()
    else if (signal) {
      signal.addEventListener('abort', leave, { once: true })
      const release = () => signal.removeEventListener('abort', leave)
      shared.answer.then(release, release)
    }
    return shared.answer
  }
  return { share, clear: () => underWay.clear() }
}

/** What is asked, as text; nothing for what text cannot tell apart. */
function keyOf(verb, input) {
  const { signal, timeout, onSigned, ...asked } = input ?? {}
  const { data, signer } = asked
  if (signer || (data && typeof data === 'object')) return undefined
  try {
    return JSON.stringify([verb, asked])
  } catch {
    return undefined
  }
}

/** The options of a call that waits until there is something. */
export function patiently({ wait, ...input }, usualTimeout) {
  if (!wait) return input
  const statuses = [202, 404, 408, 425, 429, 500, 502, 503, 504]
  const usual = { attempts: 1e9, backoff: 500, longestWait: 10_000, statuses }
  const retry = typeof input.retry === 'number' ? { attempts: input.retry } : input.retry
  return { ...input, timeout: input.timeout ?? usualTimeout ?? 60_000, retry: { ...usual, ...retry } }
}
