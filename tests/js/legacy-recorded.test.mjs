// Legacy mode against recorded responses of permaweb's messenger, scheduler and compute units. The client must send the
// recorded requests and return the recorded values.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { decode } from './support/peers.mjs'
import { index, itemOf, recordedUnits, replies, sent } from './support/recorded-legacy.mjs'

const { DataItem } = await subpath('ans104')

const { alice, bob } = index.processes
const signer = aoxide.createSigner(jwk)
const reached = new Set()
let units
let ao

before(async () => void (units = await recordedUnits()))
after(() => units.stop())
beforeEach(() => {
  ao = aoxide.connect(units.urls)
})

/** The reply with this id. */
const recorded = (id) => replies.find((reply) => reply.id === id)

const valueOf = ({ body }) => JSON.parse(body)

/** Asserts that an error has the unit's status and text, and the advice, if given. */
function assertUnitError(error, { status, body }, advice) {
  assertAoError(error, 'HTTP_STATUS')
  assert.deepEqual([error.details.status, error.details.body], [status, body])
  assert.ok(error.message.includes(`${status}: ${body.slice(0, 290)}`), error.message)
  if (advice) assert.match(error.message, advice)
}

/** Whether a request has an id that is not the base64url of 32 bytes. Only the client checks this. */
const hasInvalidId = ({ request }) => /BBBB|ZZZZ/.test(request.path)

/** Makes a call that must get this reply, and checks its outcome. */
async function check(reply, call, { value = valueOf, advice } = {}) {
  units.prefer = reply.id
  if (hasInvalidId(reply)) {
    await assert.rejects(call, { code: 'BAD_ID' })
    assert.deepEqual(units.unexpected, [])
    return
  }
  const outcome = await call().then(
    (value) => ({ value }),
    (error) => ({ error })
  )
  assert.deepEqual(units.unexpected.splice(0), [], reply.id)
  assert.ok(units.reached.has(reply.id), `${reply.id} was not requested`)
  reached.add(reply.id)
  if (reply.status >= 300) {
    assert.ok(outcome.error, `${reply.id} returned ${JSON.stringify(outcome.value)}`)
    assertUnitError(outcome.error, reply, advice)
  } else {
    assert.ifError(outcome.error)
    assert.deepEqual(outcome.value, value(reply), reply.id)
  }
}

/** The path and the parameters of a recorded request. */
function partsOf({ unit, request: { method, path } }) {
  const { pathname, searchParams } = new URL(path, 'http://unit')
  return { unit, method, path: pathname.slice(1), query: Object.fromEntries(searchParams) }
}

const NOT_FOUND = /Check the ids\. New messages take a while\. An assigned message has the id of its assignment$/

describe('the scheduler unit', () => {
  const gets = replies
    .map((reply) => ({ reply, ...partsOf(reply) }))
    .filter(({ unit, method }) => unit + method === 'suGET')

  test('getMessages: returns pages by time and by nonce, with and without a limit', async () => {
    let count = 0
    for (const { reply, path, query } of gets) {
      const { 'process-id': processId, 'from-nonce': fromNonce, 'to-nonce': toNonce, from, to, limit } = query
      if (path !== processId || 'show-anchor' in query) continue
      count++
      await check(reply, () => ao.getMessages({ processId, from, to, limit, fromNonce, toNonce }), {
        advice: NOT_FOUND
      })
    }
    assert.equal(count, 21)
  })

  test('getMessages: paging to the end yields every entry once', async () => {
    const whole = valueOf(recorded('su-alice-all')).edges
    const byTime = []
    for (let from, more = true; more;) {
      const page = await ao.getMessages({ processId: alice, limit: '20', ...(from && { from }) })
      byTime.push(...page.edges)
      from = page.edges.at(-1).cursor
      more = page.page_info.has_next_page
    }
    const byNonce = []
    for (let fromNonce = '0', more = true; more;) {
      const page = await ao.getMessages({ processId: alice, limit: '20', fromNonce })
      byNonce.push(...page.edges)
      fromNonce = page.edges.at(-1).cursor
      more = page.page_info.has_next_page
    }
    const nodes = (edges) => edges.map(({ node }) => node)
    assert.deepEqual(units.unexpected, [])
    assert.deepEqual(byTime, whole)
    assert.deepEqual(nodes(byNonce), nodes(whole.slice(1)))
  })

  test('getMessageById: finds an entry by its message and by its assignment', async () => {
    let count = 0
    for (const { reply, path, query } of gets) {
      if (path.length !== 43 || path === query['process-id'] || !query['process-id']) continue
      count++
      const ids = { processId: query['process-id'], messageId: path }
      await check(reply, () => ao.getMessageById(ids), { advice: NOT_FOUND })
    }
    assert.equal(count, 28)
  })

  test('getLastSlot: returns the newest slot, also when it takes several pages', async () => {
    const all = valueOf(recorded('su-alice-all')).edges
    const newest = ({ assignment }) => assignment.tags.find(({ name }) => name === 'Nonce').value
    // `from` is the time of the call, which no recording has: a scheduler that counts as the recorded one did.
    const fetch = async (url) => {
      const { pathname, searchParams } = new URL(url)
      assert.equal(pathname, `/${searchParams.get('process-id')}`)
      const [from, limit] = [Number(searchParams.get('from')), Number(searchParams.get('limit'))]
      const of = pathname.slice(1) === alice ? entries : []
      const edges = of.filter(({ cursor }) => Number(cursor) > from).slice(0, limit)
      asks.push(edges.length)
      return Response.json({ page_info: { has_next_page: edges.length === limit }, edges })
    }
    const asks = []
    const latest = newest(valueOf(recorded('su-alice-latest')))
    let entries = all
    const client = aoxide.connect({ SU_URL: 'http://su.test', fetch })
    const since = Date.now()
    assert.equal(await client.getLastSlot({ processId: alice, since }), latest)
    assert.equal(await client.getLastSlot({ processId: bob, since }), undefined)
    entries = Array.from({ length: 300 }, (_, at) => {
      const node = { ...all[0].node, assignment: { tags: [{ name: 'Nonce', value: String(at) }] } }
      return { cursor: String(1_795_702_640_000 + at), node }
    })
    asks.length = 0
    assert.equal(await client.getLastSlot({ processId: alice, since }), '299')
    assert.deepEqual(asks, [100, 100, 100, 0])
  })

  test('getLastSlot: ends when the scheduler repeats the same page', async () => {
    const node = { assignment: { tags: [{ name: 'Nonce', value: '7' }] } }
    const edges = Array.from({ length: 100 }, () => ({ cursor: '5', node }))
    const fetch = async () => Response.json({ page_info: { has_next_page: true }, edges })
    assert.equal(await aoxide.connect({ SU_URL: 'http://su.test', fetch }).getLastSlot({ processId: alice }), '7')
  })
})

describe('the compute unit', () => {
  const ofUnit = replies.map((reply) => ({ reply, ...partsOf(reply) })).filter(({ unit }) => unit === 'cu')

  test('result: returns each recorded result, and rejects for messages that the unit does not find', async () => {
    let count = 0
    for (const { reply, path, query } of ofUnit) {
      const [route, message] = path.split('/')
      if (route !== 'result' || !query['process-id']) continue
      count++
      await check(reply, () => ao.result({ process: query['process-id'], message }), { advice: NOT_FOUND })
    }
    assert.equal(count, 72)
  })

  test('results: pages by cursor in both orders', async () => {
    let count = 0
    for (const { reply, path, query } of ofUnit) {
      const [route, process] = path.split('/')
      if (route !== 'results') continue
      count++
      const { limit, ...rest } = query
      await check(reply, () => ao.results({ process, ...rest, ...(limit && { limit: Number(limit) }) }))
    }
    assert.equal(count, 16)
  })

  test('dryrun: returns the result, and rejects when the unit reports a broken schedule', async () => {
    let count = 0
    for (const { reply, path } of ofUnit) {
      if (path !== 'dry-run' || reply.request.body === '{}') continue
      count++
      const { Id, Owner, Anchor, Data, Tags, Target } = JSON.parse(reply.request.body)
      const message = { process: Target, Id, Owner, anchor: Anchor, data: Data, tags: Tags }
      await check(reply, () => ao.dryrun(message), { advice: /Ask another compute unit \(`CU_URL`\)$/ })
    }
    assert.equal(count, 10)
  })

  test('result: 202 for a running evaluation rejects, and with `wait` is requested again', async () => {
    // The response of a unit with a `BUSY_THRESHOLD`.
    const busy = { message: `Evaluation of process "${alice}" to "latest" is in progress.` }
    let asks = 0
    const fetch = async () => Response.json(++asks < 3 ? busy : { Output: 'done' }, { status: asks < 3 ? 202 : 200 })
    const client = aoxide.connect({ fetch })
    const message = bob
    for (const call of [() => client.result({ process: alice, message }), () => client.dryrun({ process: alice })]) {
      asks = 0
      await assert.rejects(call, (error) => {
        assertUnitError(error, { status: 202, body: JSON.stringify(busy) }, /Ask again later, or pass `wait`$/)
        return true
      })
    }
    asks = 0
    const wait = { process: alice, message, wait: true, retry: { backoff: 1 } }
    assert.deepEqual([await client.result(wait), asks], [{ Output: 'done' }, 3])
  })

  test("result: 425 for a slot before the unit's checkpoint is requested from another unit", async () => {
    const body = '{"error":"message at nonce 3 not found cached, and earlier than latest known nonce 8"}'
    const client = aoxide.connect({ fetch: async () => new Response(body, { status: 425 }) })
    await assert.rejects(client.result({ process: bob, message: bob }), (error) => {
      assertUnitError(error, { status: 425, body }, /Ask another compute unit \(`CU_URL`\)$/)
      return true
    })
  })
})

describe('the messenger unit', () => {
  const posts = replies.filter(({ unit }) => unit === 'mu')
  const accepted = posts.filter(({ id, status }) => status === 202 && sent.get(id).item)
  const idIn = (reply) => valueOf(reply).id
  /** An item that the client cannot verify: it is signed with an Ethereum key. */
  const isForeign = (raw) => decode(raw).signatureType !== 1
  const protocol = ['Data-Protocol', 'Variant', 'Type', 'SDK', 'Module', 'Scheduler']

  /** The arguments for a recorded item, and a wallet that returns this item. */
  function inputOf(raw) {
    const { target, anchor, tags, data } = decode(raw)
    const given = tags.map((text) => /^([^=]*)=(.*)$/s.exec(text).slice(1))
    const valueOfTag = (wanted) => given.find(([name]) => name === wanted)?.[1]
    return {
      process: target,
      data: new Uint8Array(Buffer.from(data, 'hex')),
      tags: given.filter(([name]) => !protocol.includes(name)).map(([name, value]) => ({ name, value })),
      ...(anchor && { anchor: Buffer.from(anchor, 'base64url').toString() }),
      module: valueOfTag('Module'),
      scheduler: valueOfTag('Scheduler'),
      async signer(create) {
        await create({ passthrough: true })
        return { raw }
      }
    }
  }
  const isText = (bytes) =>
    Buffer.from(bytes, 'base64url').toString('base64url') === bytes &&
    !Buffer.from(bytes, 'base64url').toString().includes('\ufffd')

  test('sendSignedMessage: sends each accepted item, and sending it again is no error', async () => {
    let count = 0
    for (const reply of accepted) {
      const { item: id } = sent.get(reply.id)
      const raw = itemOf(id)
      if (isForeign(raw)) continue
      count++
      await check(reply, () => ao.sendSignedMessage({ id, raw }), { value: idIn })
    }
    assert.equal(count, 49)
    const twice = recorded('mu-52-twice-b')
    const { item: id } = sent.get(twice.id)
    assert.equal(await ao.sendSignedMessage({ id, raw: itemOf(id) }), id)
    assert.ok(units.reached.has(twice.id))
    reached.add(twice.id)
  })

  test('sendSignedMessage: an item that the unit would not verify is refused before sending', async () => {
    const raw = itemOf(sent.get('mu-03-eval-one').item)
    raw[raw.length - 1] ^= 1
    const { item: id } = sent.get('mu-03-eval-one')
    await assert.rejects(ao.sendSignedMessage({ id, raw }), { code: 'BAD_SIGNATURE' })
    await assert.rejects(ao.sendSignedMessage({ id, raw: Buffer.from('this is no item') }), { code: 'BAD_ITEM' })
    assert.deepEqual(units.unexpected, [])
  })

  test('message, signMessage: make the recorded items with a wallet', async () => {
    const fresh = await recordedUnits()
    try {
      const ao = aoxide.connect(fresh.urls)
      let count = 0
      for (const reply of accepted) {
        const { item: id } = sent.get(reply.id)
        const raw = itemOf(id)
        const { target, anchor } = decode(raw)
        if (isForeign(raw) || !target || !isText(anchor)) continue
        count++
        const { signer, process, data, tags, anchor: given } = inputOf(raw)
        const input = { signer, process, data, tags, ...(given && { anchor: given }) }
        assert.deepEqual((await ao.signMessage(input)).raw, raw)
        assert.equal(await ao.message(input), idIn(reply))
        assert.ok(fresh.reached.has(reply.id))
      }
      assert.equal(count, 45)
      assert.deepEqual(fresh.unexpected, [])
    } finally {
      await fresh.stop()
    }
  })

  test('message with its slot: requests the entry from the scheduler', async () => {
    const fresh = await recordedUnits()
    try {
      const raw = itemOf(sent.get('mu-03-eval-one').item)
      const { signer, process, data, tags } = inputOf(raw)
      const wanted = { returnAssignmentSlot: true, returnMessageId: true }
      const given = await aoxide.connect(fresh.urls).message({ signer, process, data, tags, ...wanted })
      assert.deepEqual(given, { slot: '1', id: sent.get('mu-03-eval-one').item })
      assert.deepEqual([fresh.unexpected, [...fresh.reached]], [[], ['mu-03-eval-one', 'su-message-2']])
    } finally {
      await fresh.stop()
    }
  })

  test('send: returns the result of the message', async () => {
    const fresh = await recordedUnits()
    try {
      const raw = itemOf(sent.get('mu-03-eval-one').item)
      const { signer, process, data, tags } = inputOf(raw)
      const given = await aoxide.connect(fresh.urls).send({ signer, process, data, tags })
      const { item: id } = sent.get('mu-03-eval-one')
      assert.deepEqual(given, { id, ...valueOf(recorded('cu-alice-result-01')) })
      assert.deepEqual(fresh.unexpected, [])
    } finally {
      await fresh.stop()
    }
  })

  test('stream: yields the results in order', async () => {
    const { edges } = valueOf(recorded('cu-bob-results-asc'))
    const seen = []
    for await (const edge of ao.stream({ process: bob, from: '' })) {
      seen.push(edge)
      if (seen.length === edges.length) break
    }
    assert.deepEqual(seen, edges)
  })

  test("message: an item that the unit refuses rejects with the unit's text, advice and the id", async () => {
    const tag = (text) => ({ name: text.split('=')[0], value: text.split('=')[1] })
    const signed = async (target, ...tags) => DataItem.create({ target, tags: tags.map(tag), data: 'x' }).sign(signer)
    const { raw, id } = await signed(alice, 'Data-Protocol=ao', 'Variant=ao.TN.1')
    const other = await signed(alice, 'Type=Message', 'Variant=ao.TN.1')
    const unknown = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
    for (const [name, call, advice] of [
      ['mu-48-no-type', () => ao.sendSignedMessage({ id, raw })],
      ['mu-49-no-protocol', () => ao.sendSignedMessage({ id: other.id, raw: other.raw })],
      [
        'mu-50-link-tag',
        () => ao.message({ process: alice, signer, tags: [{ name: 'thing+link', value: 'x' }] }),
        /\+link.{5}$/
      ],
      ['mu-55-unknown-process', () => ao.message({ process: unknown, signer }), /Check the id of the process/]
    ]) {
      let details
      await check(recorded(name), () => call().catch((error) => ({ details } = error) && Promise.reject(error)), {
        advice
      })
      assert.match(details.id, /^[\w-]{43}$/)
    }
  })

  test('spawn: makes items with the fields of the recorded processes', async () => {
    let count = 0
    for (const reply of accepted) {
      const raw = itemOf(sent.get(reply.id).item)
      if (decode(raw).target) continue
      count++
      const { data, tags, module, scheduler } = inputOf(raw)
      let id
      const named = () => {
        assert.match(id, /^[\w-]{43}$/)
        return id
      }
      const onSigned = (signed) => (id = signed)
      await check(reply, () => ao.spawn({ data, tags, module, scheduler, signer, onSigned }), { value: named })
    }
    assert.equal(count, 3)
    await assert.rejects(ao.spawn({ module: bob, scheduler: index.scheduler, signer }), { code: 'NOT_FOUND' })
  })

  for (const [unit, url] of [
    ['messenger', 'MU_URL'],
    ['scheduler', 'SU_URL']
  ])
    test(`assign at the ${unit} unit: returns the id, or rejects with the unit's text and advice`, async () => {
      const advice = {
        'mu-26-assign-exclude': /Messenger units do not take `exclude`\. Leave it out/,
        'mu-30-assign-base-layer-exclude': /Messenger units do not take `exclude`\. Leave it out/,
        'mu-29-assign-base-layer': /The scheduler unit refused it\. Check `message`, `process` and `baseLayer`/
      }
      const ao = aoxide.connect({ ...units.urls, MU_URL: units.urls[url] })
      let count = 0
      for (const reply of replies) {
        const { method, query, unit } = partsOf(reply)
        if (method !== 'POST' || `${unit.toUpperCase()}_URL` !== url || !query.assign || !query['process-id']) continue
        count++
        const input = {
          process: query['process-id'],
          message: query.assign,
          baseLayer: 'base-layer' in query,
          ...(query.exclude && { exclude: query.exclude.split(',') })
        }
        await check(reply, () => ao.assign(input), { value: idIn, advice: advice[reply.id] })
      }
      assert.equal(count, 6)
    })

  test('assign: leaves an empty `exclude` out, because the unit refuses it', async () => {
    const { query } = partsOf(recorded('mu-25-assign'))
    const given = await ao.assign({ process: query['process-id'], message: query.assign, exclude: [] })
    assert.equal(given, idIn(recorded('mu-25-assign')))
    assert.deepEqual(units.unexpected, [])
  })

  test('a scheduler unit as messenger: an item that it has already counts as sent', async () => {
    const { item: id } = sent.get('mu-03-eval-one')
    const ao = aoxide.connect({ ...units.urls, MU_URL: units.urls.SU_URL })
    assert.equal(await ao.sendSignedMessage({ id, raw: itemOf(id) }), id)
    assert.ok(units.reached.has('su-post-duplicate'))
    reached.add('su-post-duplicate')
  })
})

test('every recorded request that a verb can make was made', (t) => {
  const why = {
    'no verb asks for the anchors of assignments': ({ path, query }) =>
      query['show-anchor'] && path === query['process-id'],
    'no verb has this route': ({ path, query }) =>
      /^(processes\/.*|.*\/latest|timestamp|health|cron\/.*|state\/.*)$/.test(path) || (path === '' && !query.assign),
    'the client always names the process': ({ path, query }) =>
      (path === '' ? query.assign : /^(result\/)?[\w-]{43}$/.test(path)) && !query['process-id'],
    'the client always gives the fields of a dry run': ({ reply }) => reply.id === 'cu-dry-empty',
    'refused before it is sent': ({ reply }) => /-(tampered|garbage)$/.test(reply.id) || hasInvalidId(reply),
    'signed with a key of another kind than the client verifies': ({ reply }) => /-ethereum/.test(reply.id)
  }
  const tally = {}
  for (const reply of replies) {
    if (reached.has(reply.id)) continue
    const { method, ...rest } = partsOf(reply)
    const fitting = Object.keys(why).filter(
      (reason) => (method === 'GET' || !reason.includes('route')) && why[reason]({ reply, ...rest })
    )
    assert.notEqual(fitting.length, 0, `${reply.id} was not reached`)
    tally[fitting[0]] = (tally[fitting[0]] ?? 0) + 1
  }
  t.diagnostic(`${reached.size} of ${replies.length}; ${JSON.stringify(tally)}`)
  assert.equal(reached.size + Object.values(tally).reduce((sum, count) => sum + count), replies.length)
})
