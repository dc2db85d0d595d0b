// HTTP messages of mainnet mode on a failing network. A retry sends the same message, which is signed once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAoError } from './support/compare.mjs'
import { idOfMessage, verifiesMessage } from './support/messages.mjs'
import { URL, client, counting, hanging, inTurn, signer } from './support/node.mjs'
import { aoxide } from './support/package.mjs'
import { text, unreachable } from './support/replies.mjs'

const path = '/~test@1.0/say'
const verifies = ({ headers, body }) => verifiesMessage(headers, body)

/** The comparable parts of a request. */
const onWire = ({ method, headers, body }) =>
  JSON.stringify([method, headers, body && Buffer.from(body).toString('hex')])

test('a retry sends the same bytes, and the message is signed once', async () => {
  const asked = counting()
  const other = inTurn(
    () => text('busy', 425),
    unreachable,
    () => text('busy', 429),
    () => text('good')
  )
  const { ao, requests } = client({ other }, { signer: asked })
  const response = await ao.request({ path, map: { a: 'x' }, data: 'hello', retry: { attempts: 4, backoff: 1 } })
  assert.deepEqual([await response.text(), asked.count, requests.length], ['good', 1, 4])
  assert.equal(new Set(requests.map(onWire)).size, 1)
  assert.ok(verifies(requests[3]))
})

test('after the last attempt the call resolves with the last response', async () => {
  let count = 0
  const { ao, requests } = client({ other: () => text(`busy ${++count}`, 503) })
  const response = await ao.request({ path, retry: { attempts: 3, backoff: 1 } })
  assert.deepEqual([response.status, await response.text(), requests.length], [503, 'busy 3', 3])
  const lost = client({ other: inTurn(() => text('busy', 503), unreachable) })
  await assert.rejects(lost.ao.request({ path, retry: { attempts: 3, backoff: 1 } }), (error) => {
    assertAoError(error, 'HTTP_NETWORK')
    assert.match(error.details.id, /^[\w-]{43}$/)
    return true
  })
})

test('responses of earlier attempts are cancelled, so that their connections close', async () => {
  const given = []
  const busy = () => {
    const cancelled = given.length
    given.push(false)
    const body = new ReadableStream({ cancel: () => void (given[cancelled] = true) })
    return new Response(body, { status: 503 })
  }
  const { ao } = client({ other: inTurn(busy, busy, () => text('good')) })
  assert.equal(await (await ao.request({ path, retry: { attempts: 3, backoff: 1 } })).text(), 'good')
  assert.deepEqual(given, [true, true])
})

test('after a failure at one node the next one gets the same bytes', async () => {
  const asked = counting()
  const places = ['https://a.node.test', 'https://b.node.test/base/', 'https://c.node.test']
  const { ao, requests } = client(
    ({ url }) => (url.startsWith(places[0]) ? unreachable() : url.startsWith(places[1]) ? text('', 429) : text(url)),
    { signer: asked, URL: places }
  )
  const first = await ao.request({ path: `${path}?a=b`, method: 'POST', Action: 'x' })
  assert.equal(await first.text(), 'https://c.node.test/~test@1.0/say?a=b')
  assert.deepEqual(
    requests.map(({ url }) => url.replace('/~test@1.0/say?a=b', '')),
    ['https://a.node.test', 'https://b.node.test/base', 'https://c.node.test']
  )
  assert.deepEqual([asked.count, new Set(requests.map(onWire)).size], [1, 1])
  // The node that answered gets the next request first.
  await ao.request({ path })
  assert.ok(requests[3].url.startsWith(places[2]))
})

test('hooks are called for every attempt, and their errors are ignored', async () => {
  const events = []
  const { ao } = client(
    {
      other: inTurn(
        unreachable,
        () => text('busy', 425),
        () => text('good')
      )
    },
    {
      onRequest(event) {
        events.push(event)
        throw new Error('from the hook')
      },
      onResponse: ({ status, error, milliseconds }) => events.push([status ?? error.message, typeof milliseconds])
    }
  )
  await ao.request({ path, Action: 'x', data: 'hello', retry: { attempts: 3, backoff: 1 } })
  const requests = events.filter((event) => !Array.isArray(event))
  assert.equal(requests.length, 3)
  assert.deepEqual([requests[0].method, requests[0].url], ['POST', `${URL}${path}`])
  assert.ok(requests[0].body instanceof Uint8Array)
  assert.ok(verifies(requests[0]))
  assert.deepEqual(events.filter(Array.isArray), [
    ['fetch failed', 'number'],
    [425, 'number'],
    [200, 'number']
  ])
})

test('a timeout rejects with the id of the message that may have arrived', async () => {
  const { ao, requests } = client({ other: hanging })
  const warm = await client().ao.request({ path })
  assert.ok(warm.ok)
  await assert.rejects(ao.request({ path, Action: 'x', timeout: 500 }), (error) => {
    assertAoError(error, 'TIMEOUT')
    assert.equal(error.details.id, idOfMessage(requests[0].headers))
    return true
  })
})

test('a signal ends the call: before it starts, while it is signed, while it is sent, and between two attempts', async () => {
  const before = client()
  const reason = { any: 'reason' }
  const asked = counting()
  const early = before.ao.request({ path, signer: asked, signal: AbortSignal.abort(reason) })
  await assert.rejects(early, (thrown) => thrown === reason)

  const during = client()
  const controller = new AbortController()
  let release
  const slow = async (...args) => {
    await new Promise((resolve) => (release = resolve))
    return signer(...args)
  }
  const signing = during.ao.request({ path, signer: slow, signal: controller.signal })
  while (!release) await sleep(1)
  controller.abort('enough')
  await assert.rejects(signing, (thrown) => thrown === 'enough')
  release()
  await sleep(60)
  assert.deepEqual([before.requests.length, asked.count, during.requests.length], [0, 0, 0])

  for (const answer of [hanging, () => text('busy', 503)]) {
    const { ao, requests } = client({ other: answer })
    const controller = new AbortController()
    const retry = { attempts: 9, backoff: 60 }
    const call = ao.request({ path, Action: 'x', signal: controller.signal, retry })
    while (requests.length === 0) await sleep(1)
    await sleep(5)
    controller.abort('enough')
    await assert.rejects(call, (thrown) => thrown === 'enough')
    await sleep(150)
    assert.equal(requests.length, 1)
  }
})

test('an attempt without a response is aborted, and the next one starts', async () => {
  const events = []
  const signals = []
  const fetch = async (url, { signal }) => {
    signals.push(signal)
    if (signals.length > 2) return text('good')
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const onResponse = ({ status, error }) => events.push(status ?? error.name)
  const ao = aoxide.connect({ MODE: 'mainnet', URL, signer, dialect: 'current', fetch, onResponse })
  const retry = { attempts: 3, backoff: 1, tryTimeout: 30 }
  for (const more of [{}, { timeout: 60_000, signal: new AbortController().signal }]) {
    signals.length = events.length = 0
    const response = await ao.request({ path, Action: 'x', retry, ...more })
    assert.equal(await response.text(), 'good')
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, true, false]
    )
    assert.deepEqual(events, ['Error', 'Error', 200])
    for (const { reason } of signals.slice(0, 2)) assert.equal(reason.name, 'AbortError')
  }
  // The caller's signal still ends the current attempt.
  signals.length = 0
  const controller = new AbortController()
  const call = ao.request({ path, retry: { attempts: 3, tryTimeout: 60_000 }, signal: controller.signal })
  while (signals.length === 0) await sleep(1)
  controller.abort('enough')
  await assert.rejects(call, (thrown) => thrown === 'enough')
  assert.ok(signals[0].aborted)
})
