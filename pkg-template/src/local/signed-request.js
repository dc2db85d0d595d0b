// Signed HTTP requests to a local network: verified by the module for HTTP message signatures, which is fetched for the first.

import { run } from '../httpsig/module.js'

const encoder = new TextEncoder()

/**
 * `{ owner, signature, fields }` of a request whose signature is valid, or `{ problem }`. Fields are those that the signature
 * covers: single values as text, and others as JSON.
 */
export async function readSigned(lines, body, now) {
  let decoded
  try {
    decoded = await run(({ lib }) => lib.decodeMessage(lines, body, now / 1000))
  } catch (error) {
    // What cannot be read is the sender's fault; what cannot be loaded is not.
    if (!['BAD_RESPONSE', 'BAD_ARGUMENT'].includes(error.code)) throw error
    return { problem: error.message }
  }
  const { message, signatures, problems } = decoded
  const isKey = ({ label, algorithm }) => label.startsWith('comm-') && algorithm === 'rsa-pss-sha512'
  const signed = signatures.find((signature) => signature.valid && isKey(signature))
  if (!signed) return { problem: [...signatures.flatMap(({ problems }) => problems), ...problems][0]?.message }
  const header = lines.filter(([name]) => name.toLowerCase() === 'signature').map(([, value]) => value)
  return {
    owner: fromBase64(signed.keyId.replace(/^publickey:/, '')),
    signature: fromBase64(new RegExp(`(?:^|,)\\s*${signed.label}=:([^:]*):`).exec(header.join(', '))?.[1] ?? ''),
    fields: signed.covered.filter((name) => Object.hasOwn(message, name)).map((name) => [name, bytesOf(message[name])])
  }
}

/** Standard base64, or base64url. */
const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

function bytesOf(value) {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'object') return encoder.encode(JSON.stringify(value, plain))
  return encoder.encode(String(value))
}

const decoder = new TextDecoder()
const plain = (_, value) => {
  if (value instanceof Uint8Array) return decoder.decode(value)
  return typeof value === 'bigint' ? String(value) : value
}
