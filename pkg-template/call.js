// One call: ended by its caller's signal or by its time limit.

import { AoError } from './error.js'

/** Starts `call` with `input`, and a signal of its own in it. Rejects at once when the caller's signal says so. */
export function bounded(input, usualTimeout, call) {
  const { signal, timeout = usualTimeout } = input ?? {}
  if (signal === undefined && timeout === undefined) return call(input)
  return new Promise((resolve, reject) => {
    check(signal, timeout)
    if (signal?.aborted) throw signal.reason
    const controller = new AbortController()
    const end = (reason) => {
      reject(reason)
      // Not the caller's reason, which may be anything: some `fetch` only takes errors.
      controller.abort()
    }
    const onAbort = () => end(signal.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer = timeout === undefined ? undefined : setTimeout(() => end(tooLate(timeout)), timeout)
    call({ ...input, signal: controller.signal })
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      })
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

function tooLate(timeout) {
  const advice = 'What was sent may still arrive; ask for its result before you send it again.'
  return new AoError('TIMEOUT', `No answer within ${timeout} ms. ${advice}`, { details: { timeout } })
}
