// Data items made by hand from the layout of ANS-104, so that unusual ones can have a valid signature.
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

/** Avro's long: zigzag, seven bits a byte, the low ones first. */
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
/** Avro also allows the count to be negative, and the size in bytes to follow it. */
export const sizedBlock = (tags, size = records(tags).length) =>
  Buffer.concat([varint(-tags.length), varint(size), records(tags)])

/** A signed item. `tags` are the bytes of the tag section, `count` is the count in the header. */
export async function craft({ tags = Buffer.alloc(0), count = 0, data = 'hi', target = [0], salt, size, lie } = {}) {
  const content = utf8(data)
  // The chunk list of section 3: the owner, target and anchor as they stand, the tag section as raw bytes.
  const hash = await arbundles.deepHash([
    ...[utf8('dataitem'), utf8('1'), utf8('1'), owner, Buffer.from(target.slice(1)), Buffer.alloc(0), tags, content]
  ])
  const signature = pss(Buffer.from(hash), salt)
  if (lie) signature[0] ^= 1
  const head = [Buffer.from([1, 0]), signature, owner, Buffer.from(target), Buffer.from([0])]
  return Buffer.concat([...head, long(count), long(size ?? tags.length), tags, content])
}
