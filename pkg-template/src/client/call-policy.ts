// Policies around a call: abort and deadline, sharing between equal reads, waiting for a result.

import { AoError } from '../errors.js'
import type { CallOptions, RetryOptions, Signature, WaitOption } from './options.js'

/** What a verb is called with. It is checked in the WebAssembly module, so here it may be anything. */
export type Input = CallOptions & WaitOption & Readonly<Record<string, unknown>>

/** Makes a call with this input. */
export type Call = (input: Input | undefined) => Promise<unknown>

/** Longest delay of a timer in milliseconds (24 days). A longer one fires at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/**
 * Starts `call` with a signal of its own, and rejects when the caller's signal is aborted or the deadline has passed. A signal
 * that is aborted already prevents the call.
 */
export function bounded(input: Input | undefined, defaultTimeout: number | undefined, call: Call): Promise<unknown> {
  const { signal, timeout = defaultTimeout } = input ?? {}
  if (signal === undefined && timeout === undefined) return call(input)
  return new Promise((resolve, reject) => {
    check(signal, timeout)
    if (signal?.aborted) throw signal.reason
    const controller = new AbortController()
    // The call can reject before its requests end: neither the timer nor the listener may stay.
    const release = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const end = (reason: unknown) => {
      release()
      reject(reason)
      // The caller's reason may be any value, and some `fetch` take only errors.
      controller.abort()
    }
    let id: string | undefined
    const onSigned = (signed: string, how: Signature) => {
      id = signed
      input?.onSigned?.(signed, how)
    }
    const onAbort = () => end(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const timer =
      timeout === undefined || timeout > LONGEST_DELAY
        ? undefined
        : setTimeout(() => end(tooLate(timeout, id)), timeout)
    call({ ...input, signal: controller.signal, onSigned })
      .then(resolve, reject)
      .finally(release)
  })
}

function check(signal: AbortSignal | undefined, timeout: number | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new AoError('BAD_ARGUMENT', "'signal': Expected AbortSignal. Pass the `signal` of an AbortController.")
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw new AoError('BAD_ARGUMENT', "'timeout': Expected number, of milliseconds.")
  }
}

function tooLate(timeout: number, id: string | undefined): AoError {
  const advice = 'What was sent may still arrive; ask for its result before you send it again.'
  const details = id === undefined ? { timeout } : { timeout, id }
  return new AoError('TIMEOUT', `No answer within ${timeout} ms. ${advice}`, { details })
}

/** Milliseconds for which other calls may join a pending one. The response to an older request may be lost. */
const JOINABLE = 3000

/** A pending read and its callers. */
interface SharedCall {
  key: string
  controller: AbortController
  callers: number
  started: number
  result: Promise<unknown>
}

/** Lets equal reads share one request. */
export interface Sharing {
  share(verb: string, input: Input | undefined, call: Call): Promise<unknown>
  /** After this, no call joins one that started before. */
  clear(): void
}

/** Equal reads that are pending at the same time share one request. It is aborted when all its callers have aborted. */
export function sharing(): Sharing {
  const pending = new Map<string, SharedCall>()
  const forget = (shared: SharedCall) => pending.get(shared.key) === shared && pending.delete(shared.key)
  const share = (verb: string, input: Input | undefined, call: Call) => {
    const key = keyOf(verb, input)
    if (key === undefined) return call(input)
    let shared = pending.get(key)
    if (!shared || Date.now() - shared.started > JOINABLE) {
      const controller = new AbortController()
      const result = call({ ...input, signal: controller.signal }).finally(() => forget(started))
      const started: SharedCall = { key, controller, callers: 0, started: Date.now(), result }
      pending.set(key, started)
      shared = started
    }
    const joined = shared
    joined.callers++
    const leave = () => {
      if (--joined.callers > 0) return
      forget(joined)
      joined.controller.abort()
    }
    const signal = input?.signal
    if (signal?.aborted) leave()
    else if (signal) {
      signal.addEventListener('abort', leave, { once: true })
      const release = () => signal.removeEventListener('abort', leave)
      joined.result.then(release, release)
    }
    return joined.result
  }
  return { share, clear: () => pending.clear() }
}

/** The request as text. `undefined` for requests that text cannot tell apart. */
function keyOf(verb: string, input: Input | undefined): string | undefined {
  const { signal, timeout, onSigned, ...request } = input ?? {}
  const { data, signer } = request
  if (signer || (data && typeof data === 'object')) return undefined
  try {
    return JSON.stringify([verb, request])
  } catch {
    return undefined
  }
}

/** The options of a call that waits for a result: with `wait`, those of a patient retry. */
export function untilAvailable({ wait, ...input }: Input, defaultTimeout: number | undefined): Input {
  if (!wait) return input
  const statuses = [202, 404, 408, 425, 429, 500, 502, 503, 504]
  const usual: RetryOptions = { attempts: 1e9, backoff: 500, longestWait: 10_000, statuses }
  const retry = typeof input.retry === 'number' ? { attempts: input.retry } : input.retry
  return { ...input, timeout: input.timeout ?? defaultTimeout ?? 60_000, retry: { ...usual, ...retry } }
}

/** Opens something on the first call, and again after a failure. Calls meanwhile wait for the same promise. */
export function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined
  return () =>
    (opening ??= open().catch((error) => {
      opening = undefined
      throw error
    }))
}
