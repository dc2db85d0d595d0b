// Requests of mainnet mode in HTTP's own form: what is posted verifies, and survives what data items survive.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAoError } from './support/compare.mjs'
import { address, jwk, owner } from './support/key.mjs'
import { idOfMessage, verifiesMessage } from './support/messages.mjs'
import { URL, client, hanging, inTurn, signer } from './support/node.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { json, text, unreachable } from './support/replies.mjs'

const { decodeReply, encodeRequest } = await subpath('httpsig')
const hbsig = await import('hbsig')

const path = '/~test@1.0/say'
const verifies = ({ headers, body }) => verifiesMessage(headers, body)

/** Counts how often it is asked. */
function counting(answer = signer) {
  const counted = (...asked) => {
    counted.count++
    return answer(...asked)
  }
  counted.count = 0
  return counted
}

/** What differs between two requests is a difference on the wire. */
const onWire = ({ method, headers, body }) =>
  JSON.stringify([method, headers, body && Buffer.from(body).toString('hex')])

describe('what is posted', () => {
  const fields = { Action: 'Eval', count: 3, 'not-there': undefined, null: null }

  test('verifies in our own decoder, in node:crypto and in hbsig', async () => {
    const { ao, requests } = client()
    const response = await ao.request({ path, method: 'POST', ...fields })
    assert.equal(await response.text(), 'other')
    const [sent] = requests
    assert.deepEqual([sent.url, sent.method, sent.body], [`${URL}${path}`, 'POST', undefined])
    assert.ok(verifies(sent))
    const { message, signatures, problems } = await decodeReply(sent.headers, sent.body)
    assert.deepEqual([message, problems], [{ action: 'Eval', count: 3, 'signing-format': 'httpsig' }, []])
    const [{ valid, address: who, covered }] = signatures
    assert.deepEqual([valid, who, covered], [true, address, ['action', 'ao-types', 'count', 'signing-format']])
    const theirs = await hbsig.verify({ ...sent, url: sent.url }, owner)
    assert.ok(theirs.verified, theirs.error)
  })

  test('with all kinds of values, is read as it was given', async () => {
    const { ao, requests } = client()
    const given = {
      'x-text': 'é→',
      flag: true,
      number: 1.5,
      big: 10n ** 20n,
      bytes: Uint8Array.of(0, 255, 10),
      map: { deep: { er: 'x' }, list: [1, 'two', { three: 3 }] },
      long: 'l'.repeat(5000)
    }
    await ao.request({ path, ...given, data: new Blob(['hello']) })
    const [sent] = requests
    assert.equal(sent.method, 'POST')
    assert.ok(verifies(sent))
    const { message, signatures, problems } = await decodeReply(sent.headers, sent.body)
    assert.deepEqual(problems, [])
    assert.deepEqual(message, { ...given, data: 'hello', 'signing-format': 'httpsig' })
    assert.ok(signatures[0].valid)
    assert.deepEqual([...signatures[0].covered].sort(), [...Object.keys(message), 'ao-types'].sort())
  })

  test('is what encodeRequest makes of the same fields', async () => {
    for (const more of [{}, { data: 'hello' }, { map: { a: 'x' } }]) {
      const { ao, requests } = client({}, { signer: undefined })
      await ao.request({ path, Action: 'Info', ...more })
      const { data, ...rest } = more
      const given = { Action: 'Info', ...rest, 'signing-format': 'httpsig' }
      const { url, method, headers, body } = await encodeRequest({ url: URL, path, fields: given, data })
      const [{ redirect, ...sent }] = requests
      assert.equal(redirect, 'follow')
      assert.deepEqual(sent, { url, method, headers, body: body && Uint8Array.from(body) })
    }
  })

  test('without a signer, is not signed; a read neither', async () => {
    const { ao, requests } = client({}, { signer: undefined })
    await ao.request({ path: '/~meta@1.0/info?require-codec=application/json' })
    await ao.request({ path, method: 'POST', data: 'hello' })
    await client({}).ao.request({ path, signer: null })
    const unsigned = requests.map(({ method, headers, body }) => [method, 'signature' in headers, body?.length])
    assert.deepEqual(unsigned, [
      ['GET', false, undefined],
      ['POST', false, 5]
    ])
  })

  test('fits a node of September 2025, if connect says that it is one', async () => {
    const { ao, requests } = client({}, { dialect: '2025-09' })
    await ao.request({ path, action: 'x', data: 'hello' })
    assert.match(
      requests[0].headers['signature-input'],
      /=\("action" "ao-body-key" "content-digest" "signing-format"\);/
    )
    assert.ok(verifies(requests[0]))
    const other = client({}, { dialect: '2024' })
    await assert.rejects(other.ao.request({ path }), { code: 'BAD_ARGUMENT', message: /'dialect'/ })
    assert.equal(other.requests.length, 0)
  })

  test('the options of a call are no fields', async () => {
    const { ao, requests } = client()
    const options = { signer, signal: new AbortController().signal, timeout: 5000, retry: 2, signedReads: true }
    await ao.request({ path, ...options, wait: 'a field' })
    assert.deepEqual((await decodeReply(requests[0].headers)).message, {
      'signing-format': 'httpsig',
      wait: 'a field'
    })
  })

  test('HEAD and other methods pass through fetch', async () => {
    const server = createServer((request, response) => response.writeHead(200, { said: request.method }).end('body'))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const ao = aoxide.connect({ MODE: 'mainnet', URL: `http://127.0.0.1:${server.address().port}` })
      for (const method of ['head', 'PATCH', 'OPTIONS', 'delete', 'Put']) {
        const response = await ao.request({ path, method, Action: 'x' })
        assert.equal(response.headers.get('said'), method.toUpperCase())
        assert.equal(await response.text(), method === 'head' ? '' : 'body')
      }
    } finally {
      server.close()
    }
  })
})

describe('replies', () => {
  test('are the node’s own, whatever their status, and nobody has read them', async () => {
    for (const status of [200, 201, 400, 404, 500]) {
      const { ao } = client({ other: () => json({ status }, status) })
      const response = await ao.request({ path })
      assert.ok(response instanceof Response)
      assert.deepEqual([response.status, response.bodyUsed, await response.json()], [status, false, { status }])
    }
  })

  /** Over a connection: a node that signs what it says, and repeats some of its headers. */
  let server
  let base
  before(async () => {
    const reply = await encodeRequest({ url: URL, fields: { balance: 21, map: { a: 'x' } }, data: 'hello', signer })
    server = createServer((request, response) => {
      const lines = [...Object.entries(reply.headers), ['Set-Cookie', 'a=b'], ['Set-Cookie', 'c=d'], ['X-Two', '1']]
      response.writeHead(request.url === '/no' ? 404 : 200, [...lines, ['x-two', '2']].flat())
      if (request.url !== '/cut') return response.end(Buffer.from(reply.body))
      response.write(Buffer.from(reply.body).subarray(0, 10))
      setTimeout(() => response.destroy(), 20)
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${server.address().port}`
  })
  after(() => server.close())

  test('that are signed are decoded and verified in one step', async () => {
    const ao = aoxide.connect({ MODE: 'mainnet', URL: base })
    for (const path of ['/yes', '/no']) {
      const { message, signatures, problems } = await decodeReply(await ao.request({ path }))
      const { balance, map, data, 'x-two': two } = message
      assert.deepEqual([balance, map, data, two, problems], [21, { a: 'x' }, 'hello', '1, 2', []])
      assert.deepEqual([signatures.length, signatures[0].valid, signatures[0].address], [1, true, address])
      assert.ok(!signatures[0].covered.includes('x-two'))
    }
  })

  test('that break off, or were read before, are typed errors', async () => {
    const ao = aoxide.connect({ MODE: 'mainnet', URL: base })
    await assert.rejects(decodeReply(await ao.request({ path: '/cut' })), (error) => {
      assertAoError(error, 'HTTP_NETWORK')
      assert.equal(error.details.url, `${base}/cut`)
      return true
    })
    const response = await ao.request({ path: '/yes' })
    const body = await response.text()
    await assert.rejects(decodeReply(response), { name: 'AoError', code: 'BAD_ARGUMENT' })
    assert.ok((await decodeReply(response.headers, body)).signatures[0].valid)
  })
})

describe('signers', () => {
  test('a wallet is asked once', async () => {
    const key = aoxide.createSigner(jwk)
    let asked = 0
    const wallet = {
      async connect() {},
      signDataItem: () => assert.fail('no item is signed'),
      getActivePublicKey: async () => jwk.n,
      getActiveAddress: async () => address,
      async signMessage(base) {
        asked++
        return (await key(async () => base, 'httpsig')).signature
      }
    }
    const { ao, requests } = client(
      {
        other: inTurn(
          () => text('busy', 503),
          unreachable,
          () => text('good')
        )
      },
      { signer: aoxide.createSigner(wallet) }
    )
    const response = await ao.request({ path, Action: 'x', retry: { attempts: 3, backoff: 1 } })
    assert.deepEqual([await response.text(), asked, requests.length], ['good', 1, 3])
    assert.ok(requests.every(verifies))
  })

  test('wallets that cannot sign it are told apart, and nothing is sent', async () => {
    const page = { async connect() {}, signDataItem() {} }
    const hashing = {
      ...page,
      getActivePublicKey: async () => jwk.n,
      getActiveAddress: async () => address,
      async signMessage(base) {
        const hash = createHash('sha512').update(base).digest()
        return (await signer(async () => hash, 'httpsig')).signature
      }
    }
    for (const wallet of [page, hashing]) {
      const { ao, requests } = client({}, { signer: aoxide.createSigner(wallet) })
      await assert.rejects(ao.request({ path, Action: 'x' }), (error) => {
        assertAoError(error, 'UNSUPPORTED')
        assert.match(error.message, /ANS-104/)
        return true
      })
      assert.equal(requests.length, 0)
    }
  })

  test('what cannot be sent, no wallet is asked to sign', async () => {
    const asked = counting()
    const { ao, requests } = client({}, { signer: asked })
    const bad = [
      { method: 'GET', data: 'x' },
      { method: 'HEAD', map: { a: 'x' } },
      { method: 'TRACE' },
      { retry: 'often' },
      { path: '' },
      { 'a b': 'x' },
      { host: 'x' },
      { line: ' x ' },
      { date: new Date() }
    ]
    for (const fields of bad) await assert.rejects(ao.request({ path, ...fields }), { code: 'BAD_ARGUMENT' })
    await assert.rejects(encodeRequest({ url: URL, method: 'GET', data: 'x', signer: asked }), { code: 'BAD_ARGUMENT' })
    assert.deepEqual([asked.count, requests.length], [0, 0])
  })

  test('a signer that fails is told, with what it threw', async () => {
    const refusal = new Error('the user said no')
    const { ao, requests } = client({}, { signer: () => Promise.reject(refusal) })
    await assert.rejects(ao.request({ path, Action: 'x' }), (error) => {
      assertAoError(error, 'SIGNER')
      assert.equal(error.cause, refusal)
      return true
    })
    assert.equal(requests.length, 0)
  })
})

describe('a bad network', () => {
  test('the same message is sent again, byte by byte, and signed once', async () => {
    const asked = counting()
    const other = inTurn(
      () => text('busy', 503),
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

  test('when all tries are used up, the last answer is the answer', async () => {
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

  test('answers that are not the last are given up, so that they keep no connection', async () => {
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

  test('what fails at one node is sent to the next, byte by byte the same', async () => {
    const asked = counting()
    const places = ['https://a.node.test', 'https://b.node.test/base/', 'https://c.node.test']
    const { ao, requests } = client(
      ({ url }) => (url.startsWith(places[0]) ? unreachable() : url.startsWith(places[1]) ? text('', 502) : text(url)),
      { signer: asked, URL: places }
    )
    const first = await ao.request({ path: `${path}?a=b`, method: 'POST', Action: 'x' })
    assert.equal(await first.text(), 'https://c.node.test/~test@1.0/say?a=b')
    assert.deepEqual(
      requests.map(({ url }) => url.replace('/~test@1.0/say?a=b', '')),
      ['https://a.node.test', 'https://b.node.test/base', 'https://c.node.test']
    )
    assert.deepEqual([asked.count, new Set(requests.map(onWire)).size], [1, 1])
    // Who answered is asked first from then on.
    await ao.request({ path })
    assert.ok(requests[3].url.startsWith(places[2]))
  })

  test('hooks hear of every try, and cannot break it', async () => {
    const events = []
    const { ao } = client(
      {
        other: inTurn(
          unreachable,
          () => text('busy', 503),
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
      [503, 'number'],
      [200, 'number']
    ])
  })

  test('a time limit ends it, and names the message that may have arrived', async () => {
    const { ao, requests } = client({ other: hanging })
    const warm = await client().ao.request({ path })
    assert.ok(warm.ok)
    await assert.rejects(ao.request({ path, Action: 'x', timeout: 500 }), (error) => {
      assertAoError(error, 'TIMEOUT')
      assert.equal(error.details.id, idOfMessage(requests[0].headers))
      return true
    })
  })

  test('a signal ends it: before it begins, while it is signed, on its way, and between two tries', async () => {
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

  test('a try without an answer is ended, and the next one has its turn', async () => {
    const events = []
    const signals = []
    const fetch = async (url, { signal }) => {
      signals.push(signal)
      if (signals.length > 2) return text('good')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const onResponse = ({ status, error }) => events.push(status ?? error.name)
    const ao = aoxide.connect({ MODE: 'mainnet', URL, signer, fetch, onResponse })
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
    // The caller's own signal still ends the try that is under way.
    signals.length = 0
    const controller = new AbortController()
    const call = ao.request({ path, retry: { attempts: 3, tryTimeout: 60_000 }, signal: controller.signal })
    while (signals.length === 0) await sleep(1)
    controller.abort('enough')
    await assert.rejects(call, (thrown) => thrown === 'enough')
    assert.ok(signals[0].aborted)
  })
})
