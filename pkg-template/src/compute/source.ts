// Reads a module's bytes: from the caller, from an address, or from Arweave.

import { AoError } from '../errors.js'
import type { Tag } from '../types.js'
import { copyOf } from './arguments.js'
import type { LoadOptions, ModuleSource, TaggedModule } from './types.js'

const GATEWAY_URL = 'https://arweave.net'
const ID = /^[\w-]{43}$/

/**
 * Reads a module's bytes. Those of the caller are copied, since the caller may change them, and a worker that is started
 * again needs them again.
 *
 * @throws `BAD_ARGUMENT`, `HTTP_STATUS`, `HTTP_NETWORK`; the signal's reason.
 */
export async function bytesOf(
  source: ModuleSource,
  options: Pick<LoadOptions, 'gateway' | 'fetch' | 'signal' | 'onProgress'>
): Promise<Uint8Array> {
  const { gateway = GATEWAY_URL, fetch = globalThis.fetch, signal, onProgress } = options
  const given = copyOf(source, 'module') ?? copyOf((source as Partial<TaggedModule> | null)?.bytes, 'module')
  if (given) return given
  onProgress?.({ phase: 'fetching' })
  // jsdom has no `Response`.
  const isResponse = typeof Response === 'function' && source instanceof Response
  const response = isResponse ? source : await request(addressOf(source, gateway), fetch, signal)
  return bodyOf(response, signal)
}

/** The value of the tag `Module-Format`, for a module that comes with its tags. */
export function formatOf(source: ModuleSource): string | undefined {
  const tags = (source as Partial<TaggedModule> | null)?.tags
  return Array.isArray(tags) ? (tags as Tag[]).find((tag) => tag?.name === 'Module-Format')?.value : undefined
}

function addressOf(source: unknown, gateway: string): string {
  if (source instanceof URL) return source.href
  if (typeof source !== 'string') {
    const received = source === null ? 'null' : typeof source
    throw new AoError('BAD_ARGUMENT', `'module': Expected bytes, Response, URL, address or id, received ${received}.`)
  }
  return ID.test(source) ? `${gateway.replace(/\/+$/, '')}/raw/${source}` : source
}

async function request(url: string, fetch: typeof globalThis.fetch, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, signal ? { signal } : {})
  } catch (cause) {
    throw interrupted(`${url} could not be reached: ${(cause as Error | undefined)?.message}`, signal, cause)
  }
}

async function bodyOf(response: Response, signal?: AbortSignal): Promise<Uint8Array> {
  const { ok, status, url } = response
  if (!ok) {
    const body = await response.text().catch(() => '')
    const message = `${url || 'The server'} answered with status ${status} instead of a module`
    throw new AoError('HTTP_STATUS', message, { details: { status, url, body } })
  }
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (cause) {
    throw interrupted(`The module's bytes did not arrive: ${(cause as Error | undefined)?.message}`, signal, cause)
  }
}

function interrupted(message: string, signal: AbortSignal | undefined, cause: unknown): unknown {
  if (signal?.aborted) return signal.reason
  return new AoError('HTTP_NETWORK', `${message}. Check the address and the connection.`, { cause })
}
