// Checks of arguments that `aoxide/compute` and `aoxide/local` share.

import { AoError } from '../errors.js'

/**
 * Copies bytes: the caller may change his later. Returns `undefined` for a value that is not bytes.
 *
 * The bytes may be of another realm: the windows that test runners simulate have classes of their own.
 */
export function copyOf(bytes: unknown, name: string): Uint8Array<ArrayBuffer> | undefined {
  const kind = Object.prototype.toString.call(bytes)
  try {
    if (kind === '[object ArrayBuffer]') return new Uint8Array((bytes as ArrayBuffer).slice(0))
    if (kind === '[object Uint8Array]') return Uint8Array.from(bytes as Uint8Array)
  } catch (cause) {
    // Their buffer was transferred or resized.
    const message = `'${name}': The bytes cannot be read: ${(cause as Error).message}. Pass a copy of them.`
    throw new AoError('BAD_ARGUMENT', message, { cause })
  }
  return undefined
}

/** Checks the type of an option that may be left out. */
export function optional<T>(value: T, name: string, type: 'string' | 'function'): T {
  if (value !== undefined && typeof value !== type) throw expected(name, type, value)
  return value
}

export function expected(name: string, type: string, value: unknown): AoError {
  const received = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return new AoError('BAD_ARGUMENT', `'${name}': Expected ${type}, received ${received}.`)
}
