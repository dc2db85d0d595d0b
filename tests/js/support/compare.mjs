// Makes the same call through aoconnect and through aoxide, and compares requests, values and errors.
import assert from 'node:assert/strict'
import { aoxide } from './package.mjs'
import { aoconnect, decode, idOf, verifies } from './peers.mjs'
import { jwk } from './key.mjs'
import { recorder, withClock, withGlobalFetch } from './record.mjs'

export const NOW = 1_750_000_000_000

/** In mainnet mode, aoxide gives every item a unique tag (row 38). Cases about it set `anchors`. */
const UNIQUE = /^salt=[\w-]{32}$/

export const urls = { MU_URL: 'https://mu.test', CU_URL: 'https://cu.test', GATEWAY_URL: 'https://gateway.test' }

// aoconnect creates at most 100 signers a minute.
const signers = { aoconnect: aoconnect.createSigner(jwk), aoxide: aoxide.createSigner(jwk) }
const libraries = { aoconnect, aoxide }

export const ids = {
  process: 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA',
  message: 'Mj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA',
  module: 'Oj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA',
  scheduler: 'Sj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
}

// Schedulers are cached beyond a case, so a case that looks one up gets its own process.
let serial = 0
const freshProcess = () => Buffer.alloc(32, String(++serial).padStart(8, '0')).toString('base64url')

/** The comparable part of a GraphQL request: its variables, and which fields of the response it selects. */
function graphql(body) {
  const { query, variables } = JSON.parse(body)
  const text = query.replace(/#.*/g, '').replace(/\s+/g, ' ')
  return { variables, transactions: /\btransactions ?\(/.test(text), tags: /tags ?\{ ?name ?,? ?value ?\}/.test(text) }
}

function jsonOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Decodes bodies. Signatures are random, so each id of an item is replaced with a name. */
function normalise({ requests, value, signed, anchors }) {
  const names = new Map(signed.map((raw, index) => [idOf(raw), `<item ${index + 1}>`]))
  const rename = (text) => [...names].reduce((result, [id, name]) => result.replaceAll(id, name), text)
  const item = (raw) => {
    const decoded = decode(raw)
    return anchors ? decoded : { ...decoded, anchor: '', tags: decoded.tags.filter((tag) => !UNIQUE.test(tag)) }
  }
  const plain = (node) => {
    if (typeof node === 'string') return rename(node)
    if (node instanceof Uint8Array) return isItem(node) ? item(node) : { bytes: Buffer.from(node).toString('hex') }
    if (Array.isArray(node)) return node.map(plain)
    if (node === null || typeof node !== 'object') return node
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, plain(inner)]))
  }
  return {
    requests: requests.map(({ body, ...request }) => ({
      ...request,
      url: rename(request.url),
      body: typeof body !== 'string' ? plain(body) : body.includes('"query"') ? graphql(body) : jsonOf(body)
    })),
    value: plain(value)
  }
}

// Every item starts with its signature type, two bytes.
const isItem = (bytes) => bytes.length > 116 && bytes[0] > 0 && bytes[0] < 8 && bytes[1] === 0

/** In mainnet mode `connect` gets the signer. */
const withSigner = (options, name) => {
  if (options?.MODE !== 'mainnet') return options
  // Without it, aoxide requests the node's version before it signs an HTTP message: see hyperbeam-recorded.test.mjs.
  return { signer: signers[name], ...(name === 'aoxide' && { dialect: 'current' }), ...options }
}

/**
 * Rewrites aoxide's requests as aoconnect sends them: a schedule without the process in the query (row 48), and the newest
 * result in place of the result of a slot (row 50).
 */
const asAoconnect = (requests) =>
  requests.map((request) => ({
    ...request,
    url: request.url
      .replace(/(\?from=.*)&process-id=[\w-]{43}$/, '$1')
      .replace(/\/compute&slot=([^/]+)\/results\b/, '/compute/results=$1')
  }))

/** @returns requests, and either `value` or `error`; `raws` are the items that were sent or returned. */
export async function observe(
  name,
  { call, replies, options, unsigned, anchors = options?.MODE !== 'mainnet' },
  process
) {
  const { fetch, requests } = recorder((request, count) => replies(request, count))
  const ctx = { ...ids, fresh: process, jwk, signer: signers[name], library: libraries[name], fetch }
  const outcome = await withGlobalFetch(fetch, () =>
    withClock(NOW, async () => {
      try {
        const ao = libraries[name].connect({ ...urls, ...withSigner(options, name), fetch })
        return { value: await call(ao, ctx) }
      } catch (error) {
        return { error }
      }
    })
  )
  const candidates = [...requests.map(({ body }) => body), outcome.value?.raw].filter(
    (body) => body instanceof Uint8Array
  )
  const raws = unsigned ? [] : candidates
  for (const raw of raws) assert.ok(await verifies(raw), `${name} signed an item that does not verify in arbundles`)
  return { ...normalise({ requests, value: outcome.value, signed: raws, anchors }), error: outcome.error, raws }
}

/** Asserts that an error is an AoError with a code. */
export function assertAoError(error, code) {
  assert.ok(error instanceof aoxide.AoError, `not an AoError: ${error?.stack ?? error}`)
  assert.ok(error instanceof Error)
  assert.equal(error.name, 'AoError')
  if (code) assert.equal(error.code, code, error.message)
  else assert.match(error.code, /^[A-Z][A-Z_]+$/)
}

function assertSameError(theirs, ours) {
  assertAoError(ours.error)
  // The messages of aoxide contain those of aoconnect, and may add a cause and advice.
  for (const text of theirs.error.message.split(' | ')) {
    assert.ok(ours.error.message.includes(text), `aoconnect throws "${text}", aoxide "${ours.error.message}"`)
  }
  assert.deepEqual(asAoconnect(ours.requests), theirs.requests, 'requests before the failure')
}

function assertOutcome(name, { error, value, requests }, expected) {
  if ('error' in expected) {
    assert.ok(error, `${name} returns ${JSON.stringify(value)}`)
    if (name === 'aoxide') assertAoError(error, expected.code)
    if (expected.error instanceof RegExp) assert.match(error.message ?? String(error), expected.error)
    else if (typeof expected.error === 'function') expected.error(error)
    else assert.equal(error.message ?? error, expected.error)
  } else {
    assert.ifError(error)
    if ('value' in expected) assert.deepEqual(value, expected.value)
  }
  if (expected.sent !== undefined) assert.equal(requests.length, expected.sent, JSON.stringify(requests))
  if ('check' in expected) expected.check({ error, value, requests })
}

/**
 * Runs a case through both. Without `differs` the outcomes must be equal. With it, each must fit its own side of
 * the difference, so that the case fails as soon as either library changes.
 */
export async function compare(entry) {
  const process = freshProcess()
  const theirs = await observe('aoconnect', entry, process)
  const ours = await observe('aoxide', entry, process)
  if (entry.differs) {
    assertOutcome('aoconnect', theirs, entry.differs.aoconnect)
    assertOutcome('aoxide', ours, entry.differs.aoxide)
    return
  }
  if (theirs.error) {
    assert.ok(ours.error, `aoconnect throws "${theirs.error.message}", aoxide returns ${JSON.stringify(ours.value)}`)
    assertSameError(theirs, ours)
    return
  }
  assert.ifError(ours.error)
  assert.deepEqual(asAoconnect(ours.requests), theirs.requests)
  assert.deepEqual(ours.value, theirs.value)
  if (entry.check) for (const seen of [theirs, ours]) entry.check(seen)
}
