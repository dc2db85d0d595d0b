// Where a module's bytes come from: from the caller, from an address, or from Arweave.

import { AoError } from '../errors.js'

const GATEWAY_URL = 'https://arweave.net'
const ID = /^[\w-]{43}$/

/** The bytes, in memory of our own: the caller may change his, and a worker that starts anew needs them again. */
export async function bytesOf(source, { gateway = GATEWAY_URL, fetch = globalThis.fetch, signal, onProgress }) {
  const given = copyOf(source, 'module')
  if (given) return given
  onProgress?.({ phase: 'fetching' })
  return fetched(source instanceof Response ? source : await request(addressOf(source, gateway), fetch, signal), signal)
}

/** Bytes of our own; nothing for a value that is no bytes. */
export function copyOf(bytes, name) {
  try {
    if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes.slice(0))
    if (bytes instanceof Uint8Array) return Uint8Array.from(bytes)
  } catch (cause) {
    // Their buffer was transferred or resized.
    const message = `'${name}': The bytes cannot be read: ${cause.message}. Give a copy of them.`
    throw new AoError('BAD_ARGUMENT', message, { cause })
  }
}

function addressOf(source, gateway) {
  if (source instanceof URL) return source.href
  if (typeof source !== 'string') {
    const received = source === null ? 'null' : typeof source
    throw new AoError('BAD_ARGUMENT', `'module': Expected bytes, Response, URL, address or id, received ${received}.`)
  }
  return ID.test(source) ? `${gateway.replace(/\/+$/, '')}/raw/${source}` : source
}

async function request(url, fetch, signal) {
  try {
    return await fetch(url, { signal })
  } catch (cause) {
    throw broken(`${url} could not be reached: ${cause?.message}`, signal, cause)
  }
}

async function fetched(response, signal) {
  const { ok, status, url } = response
  if (!ok) {
    const body = await response.text().catch(() => '')
    const message = `${url || 'The server'} answered with status ${status} instead of a module`
    throw new AoError('HTTP_STATUS', message, { details: { status, url, body } })
  }
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (cause) {
    throw broken(`The module's bytes did not arrive: ${cause?.message}`, signal, cause)
  }
}

function broken(message, signal, cause) {
  if (signal?.aborted) return signal.reason
  return new AoError('HTTP_NETWORK', `${message}. Check the address and the connection.`, { cause })
}
