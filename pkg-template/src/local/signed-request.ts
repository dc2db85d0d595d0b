// Verifies signed HTTP requests to a local network. The module for HTTP message signatures is downloaded for the first one.

import { AoError } from '../errors.js'
import type { Reply } from '../httpsig/types.js'
import { run } from '../httpsig/module.js'
import type { SignedRequest } from './service.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Verifies a request. Returns the fields that its signature covers (text as it is, other values as JSON), or the problem.
 *
 * @param now Milliseconds; for signatures that expire.
 * @throws `HTTP_NETWORK` when the module cannot be downloaded.
 */
export async function readSigned(
  headers: [name: string, value: string][],
  body: Uint8Array,
  now: number
): Promise<SignedRequest> {
  let decoded: Reply
  try {
    decoded = (await run(({ lib }) => lib.decodeMessage(headers, body, now / 1000))) as Reply
  } catch (error) {
    // Errors in the request are answered; others, such as a failed download, are thrown.
    if (!(error instanceof AoError) || !['BAD_RESPONSE', 'BAD_ARGUMENT'].includes(error.code)) throw error
    return { problem: error.message }
  }
  const { message, signatures, problems } = decoded
  const signed = signatures.find(
    ({ valid, label, algorithm }) => valid && label.startsWith('comm-') && algorithm === 'rsa-pss-sha512'
  )
  if (!signed) return { problem: [...signatures.flatMap(({ problems }) => problems), ...problems][0]?.message }
  const header = headers.filter(([name]) => name.toLowerCase() === 'signature').map(([, value]) => value)
  return {
    owner: fromBase64(signed.keyId.replace(/^publickey:/, '')),
    signature: fromBase64(new RegExp(`(?:^|,)\\s*${signed.label}=:([^:]*):`).exec(header.join(', '))?.[1] ?? ''),
    fields: signed.covered.filter((name) => Object.hasOwn(message, name)).map((name) => [name, bytesOf(message[name])])
  }
}

/** Decodes standard base64, and base64url. */
const fromBase64 = (text: string) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'object') return encoder.encode(JSON.stringify(value, plain))
  return encoder.encode(String(value))
}

const plain = (_: string, value: unknown) => {
  if (value instanceof Uint8Array) return decoder.decode(value)
  return typeof value === 'bigint' ? String(value) : value
}
