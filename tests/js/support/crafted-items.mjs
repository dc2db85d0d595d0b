// Builds data items byte by byte from the layout of ANS-104, so that unusual and invalid items can have a valid signature.
import { constants, createPrivateKey, sign } from 'node:crypto'
import { jwk, owner } from './key.mjs'
import { arbundles } from './peers.mjs'

const key = createPrivateKey({ key: jwk, format: 'jwk' })
const utf8 = (text) => Buffer.from(text)

/** RSA-PSS with SHA-256, as Arweave's signature type 1. */
export const pss = (bytes, saltLength = 32) =>
  sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })

export const long = (value) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

/** Encodes a `long` of Avro: zigzag, seven bits per byte, the lowest first. */
export function varint(value) {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1
  const bytes = []
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

const field = (value) => Buffer.concat([varint(value.length), value])
export const records = (tags) =>
  Buffer.concat(tags.flatMap(([name, value]) => [field(Buffer.from(name)), field(Buffer.from(value))]))

export const end = Buffer.from([0])
export const block = (tags) => Buffer.concat([varint(tags.length), records(tags)])
/** A block in Avro's other form: the count is negative, and the size in bytes follows it. */
export const sizedBlock = (tags, size = records(tags).length) =>
  Buffer.concat([varint(-tags.length), varint(size), records(tags)])

/** Creates a signed item. `tags` are the bytes of the tag section, `count` is the count in the header. */
export async function craftItem({
  tags = Buffer.alloc(0),
  count = 0,
  data = 'hi',
  target = [0],
  salt,
  size,
  badSignature
} = {}) {
  const content = utf8(data)
  // The list of chunks by section 3 of ANS-104. The tag section is hashed as raw bytes.
  const hash = await arbundles.deepHash([
    ...[utf8('dataitem'), utf8('1'), utf8('1'), owner, Buffer.from(target.slice(1)), Buffer.alloc(0), tags, content]
  ])
  const signature = pss(Buffer.from(hash), salt)
  if (badSignature) signature[0] ^= 1
  const head = [Buffer.from([1, 0]), signature, owner, Buffer.from(target), Buffer.from([0])]
  return Buffer.concat([...head, long(count), long(size ?? tags.length), tags, content])
}
