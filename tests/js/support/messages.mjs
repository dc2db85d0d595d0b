// Verifies signed HTTP messages by RFC 9421 with node:crypto, independently of aoxide.
import assert from 'node:assert/strict'
import { constants, createHash, createPublicKey, verify } from 'node:crypto'
import { jwk } from './key.mjs'

const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
export const sha256 = (bytes, encoding) => createHash('sha256').update(bytes).digest(encoding)
/** The `Content-Digest` of a body. */
export const digestOf = (body) => `sha-256=:${sha256(body, 'base64')}:`

const signatureOf = ({ signature }) => Buffer.from(signature.replace(/^[^:]*:|:$/g, ''), 'base64')

/** The id of a message: the SHA-256 of its signature. */
export const idOfMessage = (headers) => sha256(signatureOf(headers), 'base64url')

/** Whether the key of the tests signed the fields of a message and its body. */
export function verifiesMessage(headers, body) {
  if (body?.length) assert.equal(headers['content-digest'], digestOf(body))
  const [, label, names, params] = /^(comm-[\w-]+)=\(([^)]*)\)(.*)$/.exec(headers['signature-input'])
  assert.match(params, /^;alg="rsa-pss-sha512";(bundle="true";)?keyid="publickey:/)
  assert.equal(label, `comm-${idOfMessage(headers).toLowerCase()}`)
  assert.equal(names.includes('"content-digest"'), Boolean(body?.length))
  const lines = names.split(' ').map((name) => `${name}: ${headers[name.slice(1, -1)]}`)
  const base = Buffer.from([...lines, `"@signature-params": (${names})${params}`].join('\n'), 'latin1')
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }
  return verify('sha512', base, { key: publicKey, ...pss }, signatureOf(headers))
}
