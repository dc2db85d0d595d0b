// Writes the seeds of the fuzz targets, tests/fuzz/corpus, from tests/vectors: `node tests/fuzz/make-seeds.mjs`.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib'

const vectors = new URL('../vectors/', import.meta.url)
const corpus = new URL('corpus/', import.meta.url)
const read = (name) => readFileSync(new URL(name, vectors))
const json = (name) => JSON.parse(name.endsWith('.gz') ? gunzipSync(read(name)) : read(name))

/** libFuzzer mutates small inputs best. */
const MAX_SIZE = 6000
const MAX_SEEDS = 24

/** Writes a target's seeds, named by their hashes as libFuzzer does: the smallest of them. */
function seeds(target, inputs) {
  const folder = new URL(`${target}/`, corpus)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = new Map()
  for (const input of inputs) {
    const bytes = Buffer.from(input)
    if (bytes.length <= MAX_SIZE) files.set(createHash('sha1').update(bytes).digest('hex'), bytes)
  }
  const smallest = [...files].sort(([, a], [, b]) => a.length - b.length).slice(0, MAX_SEEDS)
  if (smallest.length === 0) throw new Error(`${target} has no seeds`)
  for (const [name, bytes] of smallest) writeFileSync(new URL(name, folder), bytes)
  console.log(`${target}: ${smallest.length} of ${files.size}`)
}

// Items of every type.
const signed = json('signatures.json').map(({ raw }) => Buffer.from(raw, 'base64'))
const others = readdirSync(new URL('items/', vectors))
  .filter((name) => name.endsWith('.bin'))
  .map((name) => read(`items/${name}`))
const legacy = Object.values(json('legacy/items.json.gz')).map((raw) => Buffer.from(raw, 'base64'))
const smallLegacy = legacy.filter((raw) => raw.length < 2500).slice(0, 4)
seeds('items', [...signed, ...others.slice(0, 8), ...smallLegacy])
seeds('signatures', [...signed, ...smallLegacy.slice(0, 1)])

// Bundles: a number of 256 bits, then the size and the id of each item, then the items.
function bundleOf(items) {
  const number = (value) => {
    const bytes = Buffer.alloc(32)
    bytes.writeUInt32LE(value)
    return bytes
  }
  const signatureOf = (raw) => raw.subarray(2, 2 + { 1: 512, 6: 2052, 3: 65, 7: 65 }[raw.readUInt16LE(0)] || 66)
  const idOf = (raw) => createHash('sha256').update(signatureOf(raw)).digest()
  const entries = items.flatMap((raw) => [number(raw.length), idOf(raw)])
  return Buffer.concat([number(items.length), ...entries, ...items])
}
const small = [...signed].sort((a, b) => a.length - b.length)
seeds('bundles', [
  bundleOf([]),
  bundleOf(small.slice(0, 1)),
  bundleOf(small.slice(0, 3)),
  bundleOf(small.slice(3, 9)),
  bundleOf([small[0], small[0]])
])

// Tag sections: the count, then the section.
const TYPE_1 = 2 + 512 + 512
function tagsOf(raw) {
  if (raw.readUInt16LE(0) !== 1 || raw[TYPE_1] > 1) return []
  const anchor = TYPE_1 + 1 + 32 * raw[TYPE_1]
  const count = anchor + 1 + 32 * raw[anchor]
  if (raw[anchor] > 1) return []
  const length = Number(raw.readBigUInt64LE(count + 8))
  return [Buffer.concat([raw.subarray(count, count + 2), raw.subarray(count + 16, count + 16 + length)])]
}
seeds('tags', [
  ...[...others, ...legacy.slice(0, 8)].flatMap(tagsOf),
  '\x01\0\x01\x08\x02a\x02b\0',
  '\x02\0\x02\x02a\x02b\x02\x02c\x02d\0',
  '\x01\0\x02\x02a\x02b'
])

// HTTP messages of nodes, and their fields.
const messages = [
  ...json('httpsig/hyperbeam-replies.json'),
  ...json('httpsig/hyperbeam-2025-09.json'),
  ...Object.values(json('httpsig/rfc9421.json').messages)
]
const isText = (body) => typeof body === 'string'
seeds(
  'http_messages',
  messages.map(({ headers, body }) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}`).join('\n')
    return `${lines}\n\n${isText(body) ? body : ''}`
  })
)
const fields = json('httpsig/rfc8941.json')
seeds('structured_fields', [
  ...fields.valid.map(({ text }) => text),
  ...messages.flatMap(({ headers }) =>
    headers
      .filter(([name]) => /^(signature|signature-input|ao-types|content-digest)$/i.test(name))
      .map(([, value]) => value)
  )
])

// Multipart bodies, with the boundary that the target states.
const boundaryOf = ({ headers }) =>
  /boundary="?([^";]+)/.exec(headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1])?.[1]
const parts = messages
  .filter((message) => isText(message.body) && boundaryOf(message))
  .map((message) => message.body.replaceAll(boundaryOf(message), 'b'))
seeds('multipart', [
  ...parts,
  '--b\r\ncontent-disposition: form-data; name="a"\r\nx: 1\r\n\r\nbody\r\n--b--',
  '--b\r\ncontent-disposition: inline\r\n\r\nbody\r\n--b\r\ncontent-disposition: form-data; name="c/d"\r\nao-types: n="integer"\r\nn: 1\r\n--b--'
])

// Responses of units and nodes.
const bodies = [
  ...json('legacy/replies.json.gz').map(({ body }) => body),
  ...json('hyperbeam/schedules.json').map(({ body }) => body)
]
const shapes = new Map()
for (const body of bodies.filter(isText)) {
  // One of each shape: without its strings and numbers.
  const shape = body.replace(/"(?:[^"\\]|\\.)*"(?!\s*:)/g, '').replace(/\d/g, '')
  if (body.startsWith('{') && !shapes.has(shape)) shapes.set(shape, body)
}
seeds('unit_responses', [
  ...[...shapes.values()].filter((body) => body.length < MAX_SIZE),
  '{"results":{"json":{"body":"{\\"Messages\\":[],\\"Output\\":{}}"}}}',
  '{"results":{"output":{"data":"1"},"outbox":{"1":{"target":"a","tag":"b"}}}}'
])

// Schedules: of scheduler units, recorded and with Ed25519 keys, and of nodes.
const sha384 = (bytes) => createHash('sha384').update(bytes).digest()
const deepHash = (value) =>
  Array.isArray(value)
    ? value.reduce((hash, each) => sha384(Buffer.concat([hash, deepHash(each)])), sha384(`list${value.length}`))
    : sha384(Buffer.concat([sha384(`blob${Buffer.byteLength(value)}`), sha384(value)]))
const base64url = (bytes) => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes) => createHash('sha256').update(bytes).digest()
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8'
})
const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
/** Lengths in Avro's zigzag encoding. */
const prefixed = (text) => {
  const double = Buffer.byteLength(text) * 2
  return Buffer.concat([Buffer.from(double < 128 ? [double] : [(double & 127) | 128, double >> 7]), Buffer.from(text)])
}
function signedItem(tags, data) {
  const section = Buffer.concat([
    Buffer.from([tags.length * 2]),
    ...tags.flatMap(({ name, value }) => [prefixed(name), prefixed(value)]),
    Buffer.alloc(1)
  ])
  const signature = sign(null, deepHash(['dataitem', '1', '2', publicKey, '', '', section, data]), privateKey)
  const owner = { address: base64url(sha256(publicKey)), key: base64url(publicKey) }
  return { id: base64url(sha256(signature)), owner, tags, signature: base64url(signature), anchor: '', target: '' }
}
const tag = (name, value) => ({ name, value: String(value) })
const processTags = [tag('Data-Protocol', 'ao'), tag('Type', 'Process')]
const scheduled = [processTags, [tag('Data-Protocol', 'ao'), tag('Action', 'Eval')]]
let process
let chain
const edges = scheduled.map((tags, nonce) => {
  const message = { ...signedItem(tags, 'data'), data: 'data' }
  const first = process === undefined
  process ??= message.id
  chain = first ? sha256(Buffer.from(process, 'base64url')) : sha256(chain)
  const assignment = signedItem(
    [
      tag('Process', process),
      tag('Epoch', 0),
      tag('Nonce', nonce),
      tag('Hash-Chain', base64url(chain)),
      tag('Block-Height', 1_600_000),
      tag('Timestamp', 1_700_000_000_000 + nonce),
      tag('Type', 'Assignment'),
      tag('Message', message.id)
    ],
    ''
  )
  chain = Buffer.concat([Buffer.from(assignment.id, 'base64url'), chain])
  return { cursor: String(nonce), node: { message, assignment } }
})
const pageOf = (edges) => JSON.stringify({ page_info: { has_next_page: false }, edges })
seeds('schedules', [
  ...[[], edges, edges.slice(0, 1), edges.slice(1)].map((some) => `\0${pageOf(some)}`),
  ...bodies.filter((body) => isText(body) && body.includes('page_info')).map((body) => `\0${body}`),
  ...bodies.filter((body) => isText(body) && body.includes('"assignments"')).map((body) => `\x01${body}`)
])

// Queries to a gateway. Behind the zero byte are the variables.
seeds('graphql', [
  '{ transactions { edges { node { id } } } }',
  'query($ids: [ID!]!) { transactions(ids: $ids) { edges { node { id owner { address } tags { name value } } } } }\0{"ids":["a"]}',
  '{ transactions(tags: [{ name: "App-Name", values: ["Notes"] }], first: 5, sort: HEIGHT_ASC) { pageInfo { hasNextPage } edges { cursor node { id data { size type } } } } }',
  'query A { a: transaction(id: "x") { id } } ',
  'query Q($after: String = "x", $n: Int) { transactions(after: $after, first: $n, owners: ["o"], recipients: ["r"], block: { min: 1, max: 2000000 }) { ...f } } fragment f on T { edges { node { id } } }\0{"n":1}',
  '{ blocks(height: { min: 1 }, first: 2) { edges { node { id height timestamp } } } block(id: "x") { height } }',
  '{ transactions(tags: { name: "Content-Type", values: "text*", match: WILDCARD, op: NEQ }) { count edges { node { __typename } } } } # comment',
  '{ a(b: """\n  block \\""" text\n""", c: -1.5e3, d: {}, e: [null, true, ENUM]) @include(if: true) { ... on X { y } ... { z } } }'
])

// Snapshots: see the target for what the first byte says.
const numbers = Buffer.alloc(20)
numbers.writeBigUInt64LE(131072n, 0)
numbers.writeDoubleLE(10_042, 8)
numbers.writeUInt32LE(1, 16)
const page = Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.alloc(4096, 7)])
seeds('snapshots', [
  '\0aoxs',
  Buffer.concat([Buffer.from([1]), numbers, deflateRawSync(page)]),
  Buffer.concat([Buffer.from([2]), numbers, Buffer.from([2, 0, 0, 0, 7])]),
  Buffer.concat([Buffer.from([3]), gzipSync(Buffer.alloc(131072, 7))]),
  Buffer.concat([Buffer.from([4]), Buffer.alloc(32, 7)])
])
