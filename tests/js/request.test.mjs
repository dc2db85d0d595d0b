// HTTP messages of mainnet mode: posted messages verify, and failures reject as those of data items do.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { address, jwk, owner } from './support/key.mjs'
import { verifiesMessage } from './support/messages.mjs'
import { URL, client, counting, inTurn, signer } from './support/node.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { json, text, unreachable } from './support/replies.mjs'

const { decodeReply, encodeRequest } = await subpath('httpsig')
const hbsig = await import('hbsig')

const path = '/~test@1.0/say'
const verifies = ({ headers, body }) => verifiesMessage(headers, body)

describe('a posted message', () => {
  const fields = { Action: 'Eval', count: 3, 'not-there': undefined, null: null }

  test('verifies in aoxide, in node:crypto and in hbsig', async () => {
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

  test('with values of all types is decoded to the same values', async () => {
    const { ao, requests } = client()
    const given = {
      'x-text': 'é→',
      flag: true,
      number: 1.5,
      big: 10n ** 15n - 1n,
      map: { deep: { er: 'x' }, list: [1, 'two', { three: 3 }], bytes: Uint8Array.of(0, 255, 10) },
      long: 'l'.repeat(5000)
    }
    await ao.request({ path, ...given, data: new Blob(['hello']) })
    const [sent] = requests
    assert.equal(sent.method, 'POST')
    assert.ok(verifies(sent))
    const { message, signatures, problems } = await decodeReply(sent.headers, sent.body)
    assert.deepEqual(problems, [])
    assert.deepEqual(message, { ...given, big: 1e15 - 1, data: 'hello', 'signing-format': 'httpsig' })
    assert.ok(signatures[0].valid)
    assert.deepEqual([...signatures[0].covered].sort(), [...Object.keys(message), 'ao-types'].sort())
  })

  test('equals the result of encodeRequest for the same fields', async () => {
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

  test('is not signed without a signer, and neither is a read', async () => {
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

  test('has the form of a node of September 2025 when connect names that version', async () => {
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

  test('does not contain the options of the call', async () => {
    const { ao, requests } = client()
    const options = { signer, signal: new AbortController().signal, timeout: 5000, retry: 2, signedReads: true }
    await ao.request({ path, ...options, wait: 'a field' })
    assert.deepEqual((await decodeReply(requests[0].headers)).message, {
      'signing-format': 'httpsig',
      wait: 'a field'
    })
  })

  test('may use HEAD and other methods', async () => {
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
  test('are the node’s own Response, unread, whatever the status', async () => {
    for (const status of [200, 201, 400, 404, 500]) {
      const { ao } = client({ other: () => json({ status }, status) })
      const response = await ao.request({ path })
      assert.ok(response instanceof Response)
      assert.deepEqual([response.status, response.bodyUsed, await response.json()], [status, false, { status }])
    }
  })

  /** A node on a real connection that signs its replies and repeats some of its headers. */
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

  test('with a signature are decoded and verified in one step', async () => {
    const ao = aoxide.connect({ MODE: 'mainnet', URL: base })
    for (const path of ['/yes', '/no']) {
      const { message, signatures, problems } = await decodeReply(await ao.request({ path }))
      const { balance, map, data, 'x-two': two } = message
      assert.deepEqual([balance, map, data, two, problems], [21, { a: 'x' }, 'hello', '1, 2', []])
      assert.deepEqual([signatures.length, signatures[0].valid, signatures[0].address], [1, true, address])
      assert.ok(!signatures[0].covered.includes('x-two'))
    }
  })

  test('that are truncated or were read before reject with a code', async () => {
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
  test('a wallet is called once', async () => {
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

  test('a wallet that cannot sign the message is reported with the reason, and nothing is sent', async () => {
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

  test('a message that cannot be sent is refused before the wallet is called', async () => {
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
      { date: new Date() }
    ]
    for (const fields of bad) await assert.rejects(ao.request({ path, ...fields }), { code: 'BAD_ARGUMENT' })
    // The same for messages that nodes cannot verify or would refuse.
    for (const fields of [{ line: ' x ' }, { text: 'a\nb' }, { path: '/x~process@1.0/schedule', body: 'x' }])
      await assert.rejects(ao.request({ path, ...fields }), { code: 'UNSUPPORTED' })
    await assert.rejects(encodeRequest({ url: URL, method: 'GET', data: 'x', signer: asked }), { code: 'BAD_ARGUMENT' })
    assert.deepEqual([asked.count, requests.length], [0, 0])
  })

  test('a Response that a signer throws is not returned as the response of the node', async () => {
    const refusal = new aoxide.AoError('HTTP_STATUS', 'the device says 500', { details: { status: 500 } })
    const { ao, requests } = client({}, { signer: () => Promise.reject(refusal) })
    for (const format of ['httpsig', 'ans104'])
      await assert.rejects(ao.request({ path, 'signing-format': format }), { code: 'HTTP_STATUS' })
    assert.equal(requests.length, 0)
  })

  test('when a signer fails, the error has what it threw as its cause', async () => {
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
