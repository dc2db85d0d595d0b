// Where a module's bytes come from: from the caller, from an address, or from Arweave.

import { AoError } from './error.js'

const GATEWAY_URL = 'https://arweave.net'
const ID = /^[\w-]{43}$/

/** The bytes, in memory of our own: the caller may change his, and a worker that starts anew needs them again. */
export async function bytesOf(source, { gateway = GATEWAY_URL, fetch = globalThis.fetch, signal, onProgress }) {
  if (source instanceof ArrayBuffer) return new Uint8Array(source.slice(0))
  if (source instanceof Uint8Array) return Uint8Array.from(source)
  onProgress?.({ phase: 'fetching' })
  return fetched(source instanceof Response ? source : await request(addressOf(source, gateway), fetch, signal), signal)
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
