// Messages between a thread (client.ts) and a worker of this package (server.ts). Only data that a message port can copy.

import { AoError, type AoErrorCode } from '../errors.js'

/** From the thread to the worker. */
export type Request =
  /** The first message. The worker answers `started` or `failed`. */
  | { type: 'start'; module: WebAssembly.Module; stop: StopFlag | undefined }
  /** Calls a method of the worker's service. The worker answers `result`, `error` or `crash`, with the same id. */
  | { type: 'call'; id: number; method: string; args: readonly unknown[] }
  /** Answers a question of the worker. */
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'refusal'; id: number; error: ErrorData }

/**
 * Tells a worker to end what it runs, where `terminate` does not end a loop of WebAssembly. The buffer holds a number, which
 * becomes 1. On pages that are not isolated there is none: WebKit ends a terminated worker when the worker calls JavaScript.
 */
export interface StopFlag {
  buffer: SharedArrayBuffer | undefined
}

/** From the worker to the thread. */
export type Answer =
  | { type: 'started' }
  | { type: 'failed'; message: string }
  /** What the service reports, in the order in which it happened, before the answer of the call that it happened in. */
  | { type: 'events'; events: readonly unknown[] }
  /** A question of the service. The thread answers `answer` or `refusal`, with the same id. */
  | { type: 'question'; id: number; args: readonly unknown[] }
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; error: ErrorData }
  /** The service lost its state and answers no further calls. */
  | { type: 'crash'; id: number; message: string }

/** An `AoError` as data: message ports do not keep classes. */
export interface ErrorData {
  code: AoErrorCode
  message: string
  details?: AoError['details'] | undefined
  cause?: unknown
}

/** The service lost its state, or its worker ended. The connection cannot be used any more. */
export class Crash extends Error {}

/** The arguments of a method of a service. */
export type Args<S, M extends keyof S> = S[M] extends (...args: infer A) => unknown ? A : never

/** What a call of a method resolves with. */
export type Result<S, M extends keyof S> = S[M] extends (...args: never[]) => infer R ? Awaited<R> : never

/** Calls a method of a service by its name. The types of the arguments were checked where the call was written. */
export function invoke(service: object, method: string, args: readonly unknown[]): unknown {
  return (service as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...args)
}

export const errorOf = ({ code, message, details = {}, cause }: ErrorData): AoError =>
  new AoError(code, message, { details, cause })

/** Errors without a code are faults of this package. */
export function errorData(thrown: unknown): ErrorData {
  const { code = 'CRASH', message, details, cause } = thrown as Partial<AoError> & Error
  return { code, message, details, cause }
}
