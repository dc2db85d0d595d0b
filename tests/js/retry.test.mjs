// Signals, time limits, retries and hooks.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jwk } from './support/key.mjs'
import { aoxide } from './support/package.mjs'
import { idOf } from './support/peers.mjs'

const id = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'
const signer = aoxide.createSigner(jwk)
const ask = { process: id, message: id }
const quick = (attempts) => ({ attempts, backoff: 2 })

const status = (code, headers) => () => new Response(`status ${code}`, { status: code, headers })
const good = () => new Response('{"Output":"good"}')
const broken = () => {
  throw new TypeError('offline')
}

/** A `fetch` that returns the responses in order and repeats the last one. */
function network(...answers) {
  const seen = []
  const fetch = async (url, init) => {
    seen.push({ url, ...init })
    return answers[Math.min(seen.length, answers.length) - 1](url, init)
  }
  return { seen, fetch }
}

/** A `fetch` that never responds, and rejects when the signal aborts, as the real one does. */
const hanging = (_, { signal }) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new DOMException('gone', 'AbortError'))))

test('message: a retry sends the same item', async () => {
  const { seen, fetch } = network(status(503), broken, status(429), good)
  const ao = aoxide.connect({ fetch })
  let asked = 0
  const counting = (...args) => {
    asked++
    return signer(...args)
  }
  const message = await ao.message({ process: id, signer: counting, retry: quick(4) })
  assert.equal(asked, 1)
  assert.equal(seen.length, 4)
  for (const { body } of seen) assert.equal(idOf(body), message)
})

test('a call makes one attempt by default', async () => {
  const { seen, fetch } = network(status(503), good)
  await assert.rejects(aoxide.connect({ fetch }).result(ask), { code: 'HTTP_STATUS' })
  assert.equal(seen.length, 1)
})

for (const [what, answers, tries, code] of [
  ['after the last try the error is told', [status(503)], 3, 'HTTP_STATUS'],
  ['a network that stays broken is told', [broken], 3, 'HTTP_NETWORK'],
  ['a refusal is not tried again', [status(400), good], 1, 'HTTP_STATUS'],
  ['what is no JSON is not tried again', [() => new Response('<html>'), good], 1, 'BAD_RESPONSE'],
  ['half a second too long is too long', [status(429, { 'retry-after': '30.5' }), good], 1, 'HTTP_STATUS'],
  ['a wait that is too long is not waited for', [status(429, { 'retry-after': '3600' }), good], 1, 'HTTP_STATUS']
]) {
  test(what, async () => {
    const { seen, fetch } = network(...answers)
    await assert.rejects(aoxide.connect({ fetch }).result({ ...ask, retry: quick(3) }), { name: 'AoError', code })
    assert.equal(seen.length, tries)
  })
}

test('Retry-After is honoured, as seconds and as a date', async () => {
  for (const [header, least] of [
    [() => '1', 950],
    [() => '0.25', 245],
    [() => ' 1.5 ', 1450],
    // Dates have whole seconds, so the wait may be up to one second shorter.
    [() => new Date(Date.now() + 2000).toUTCString(), 900],
    [() => 'Thu, 01 Jan 1970 00:00:00 GMT', 0]
  ]) {
    const { seen, fetch } = network(() => status(503, { 'retry-after': header() })(), good)
    const began = performance.now()
    await aoxide.connect({ fetch }).result({ ...ask, retry: { attempts: 2, backoff: 60_000, longestWait: 60_000 } })
    const took = performance.now() - began
    assert.equal(seen.length, 2)
    assert.ok(took >= least && took < 10_000, `${header()}: ${took} ms`)
  }
})

test('retry.statuses is taken from the call, else from connect', async () => {
  const { seen, fetch } = network(status(404), status(404), good)
  const ao = aoxide.connect({ fetch, retry: { ...quick(3), statuses: [404] } })
  assert.deepEqual(await ao.result(ask), { Output: 'good' })
  assert.equal(seen.length, 3)
  const other = network(status(404), good)
  await assert.rejects(aoxide.connect({ fetch: other.fetch, retry: quick(3) }).result({ ...ask, retry: 1 }))
  assert.equal(other.seen.length, 1)
})

test('an aborted signal prevents the request', async () => {
  const { seen, fetch } = network(good)
  const reason = { any: 'value' }
  const call = aoxide.connect({ fetch }).message({ process: id, signer, signal: AbortSignal.abort(reason) })
  await assert.rejects(call, (thrown) => thrown === reason)
  await sleep(20)
  assert.equal(seen.length, 0)
})

test('a signal ends a request, and fetch gets an aborted signal', async () => {
  const { seen, fetch } = network(hanging)
  const controller = new AbortController()
  const call = aoxide.connect({ fetch }).result({ ...ask, signal: controller.signal, retry: quick(5) })
  while (seen.length === 0) await sleep(1)
  controller.abort('enough')
  await assert.rejects(call, (thrown) => thrown === 'enough')
  assert.ok(seen[0].signal.aborted)
  await sleep(30)
  assert.equal(seen.length, 1, 'it was tried again')
})

test('a signal ends the wait between two attempts', async () => {
  const { seen, fetch } = network(status(503))
  const controller = new AbortController()
  const retry = { attempts: 9, backoff: 40 }
  const call = aoxide.connect({ fetch }).result({ ...ask, signal: controller.signal, retry })
  while (seen.length === 0) await sleep(1)
  await sleep(5)
  controller.abort()
  await assert.rejects(call, { name: 'AbortError' })
  await sleep(100)
  assert.equal(seen.length, 1)
})

test('when a signal aborts during signing, nothing is sent', async () => {
  const { seen, fetch } = network(good)
  const controller = new AbortController()
  let release
  const slow = async (...args) => {
    await new Promise((resolve) => (release = resolve))
    return signer(...args)
  }
  const call = aoxide.connect({ fetch }).message({ process: id, signer: slow, signal: controller.signal })
  while (!release) await sleep(1)
  controller.abort()
  await assert.rejects(call, { name: 'AbortError' })
  release()
  await sleep(60)
  assert.equal(seen.length, 0)
})

test('timeout: the call rejects, and the timer is cleared when the call ends', async () => {
  const { fetch } = network(hanging)
  const ao = aoxide.connect({ fetch, timeout: 30 })
  await assert.rejects(ao.result(ask), { name: 'AoError', code: 'TIMEOUT', details: { timeout: 30 } })
  await assert.rejects(ao.result({ ...ask, timeout: 10 }), { details: { timeout: 10 } })
  const quickly = aoxide.connect({ fetch: async () => good(), timeout: 5000 })
  assert.deepEqual(await quickly.result(ask), { Output: 'good' })
})

test('a timeout beyond the range of timers has no effect', async () => {
  const { seen, fetch } = network(async () => sleep(20, good()))
  const ao = aoxide.connect({ fetch })
  for (const timeout of [Infinity, 2 ** 31, 1e300])
    assert.deepEqual(await ao.result({ ...ask, timeout }), { Output: 'good' })
  const retry = { attempts: 2, tryTimeout: Infinity, backoff: 1 }
  assert.deepEqual(await ao.result({ ...ask, retry }), { Output: 'good' })
  assert.equal(seen.length, 4)
})

test('when Retry-After is always 0, attempts still pause', async () => {
  const { seen, fetch } = network(status(429, { 'retry-after': '0' }))
  const call = aoxide.connect({ fetch }).result({ ...ask, retry: { attempts: 1e9, backoff: 100 }, timeout: 500 })
  await assert.rejects(call, { code: 'TIMEOUT' })
  assert.ok(seen.length >= 2 && seen.length < 20, `${seen.length}`)
})

test('a call that is aborted right after it was made calls no signer and makes no request', async () => {
  for (const [mode, more] of [
    ['legacy', {}],
    ['mainnet', { MODE: 'mainnet', URL: 'https://node.test' }]
  ]) {
    const { seen, fetch } = network(good)
    const ao = aoxide.connect({ fetch, ...more })
    let asked = 0
    const counting = () => asked++
    const fields = { process: id, slot: 5, message: id, signer: counting, path: '/x' }
    for (const verb of ['message', 'result', 'dryrun', ...(mode === 'mainnet' ? ['request'] : [])])
      for (const signer of [counting, undefined]) {
        const controller = new AbortController()
        const call = ao[verb]({ ...fields, signer, signal: controller.signal })
        controller.abort('enough')
        await assert.rejects(call, (thrown) => thrown === 'enough')
      }
    await sleep(50)
    assert.deepEqual([asked, seen.length], [0, 0], mode)
  }
})

test('hooks are called for every request, and their errors are ignored', async () => {
  const { fetch } = network(broken, status(503), good)
  const requests = []
  const responses = []
  const ao = aoxide.connect({
    fetch,
    onRequest: (event) => {
      requests.push(event)
      throw new Error('from the hook')
    },
    onResponse: (event) => responses.push(event)
  })
  await ao.message({ process: id, signer, retry: quick(3) })
  assert.equal(requests.length, 3)
  assert.equal(requests[0].method, 'POST')
  assert.equal(requests[0].headers['Content-Type'], 'application/octet-stream')
  assert.ok(requests[0].body instanceof Uint8Array)
  assert.deepEqual(
    responses.map(({ status, error }) => status ?? error.message),
    ['offline', 503, 200]
  )
  for (const { milliseconds } of responses) assert.equal(typeof milliseconds, 'number')
})

for (const bad of [
  { signal: 5 },
  { signal: {} },
  { timeout: '5' },
  { timeout: -1 },
  { timeout: NaN },
  { retry: 'often' },
  { retry: -1 },
  { retry: { attempts: 'two' } },
  { retry: { backoff: -5 } }
]) {
  test(`${JSON.stringify(bad)} is refused`, async () => {
    const { seen, fetch } = network(good)
    await assert.rejects(aoxide.connect({ fetch }).result({ ...ask, ...bad }), {
      name: 'AoError',
      code: 'BAD_ARGUMENT'
    })
    assert.equal(seen.length, 0)
  })
}
