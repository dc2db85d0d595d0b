// Unusual responses: redirected POSTs, bodies without an end, unread bodies. Also which requests bypass caches.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { URL as NODE, client, inTurn } from './support/node.mjs'
import { aoxide } from './support/package.mjs'
import { idOf } from './support/peers.mjs'
import { evaluation, text, unreachable } from './support/replies.mjs'
import { withServer } from './support/server.mjs'

const id = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'
const signer = aoxide.createSigner(jwk)

async function bodyOf(request) {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

describe('a redirect', { timeout: 60_000 }, () => {
  /** Redirects requests under `/moved`. Answers others with `posted` if they have a body, else with `got`. */
  const moving = (status, posted, got) => async (request, response) => {
    if (request.url.startsWith('/moved')) {
      request.resume()
      return response.writeHead(status, { location: request.url.replace('/moved', '/there') }).end('moved')
    }
    const body = await bodyOf(request)
    const { headers = {}, ...answer } = request.method === 'GET' ? got : posted(body)
    response.writeHead(200, headers).end(JSON.stringify(answer))
  }
  const got = { message: 'the page of a unit' }
  const receipt = (body) => ({ id: idOf(body), message: 'Processing DataItem' })
  const slot = () => ({ slot: 7 })
  /** Hides redirects, as browsers do. (Node.js 20 cannot send bytes twice.) */
  const inBrowser = (url, { body, ...init }) =>
    globalThis.fetch(url, { ...init, redirect: 'follow', body: body instanceof Uint8Array ? new Blob([body]) : body })

  for (const [runtime, fetch] of [
    ['Node.js', undefined],
    ['a browser', inBrowser]
  ]) {
    const legacy = (url) => aoxide.connect({ MU_URL: `${url}/moved`, CU_URL: `${url}/moved`, fetch })
    const mainnet = (url) => aoxide.connect({ MODE: 'mainnet', URL: `${url}/moved`, signer, fetch })
    for (const [name, connected, call, posted, isItem] of [
      ['message', legacy, (ao) => ao.message({ process: id, signer }), receipt, true],
      ['monitor', legacy, (ao) => ao.monitor({ process: id, signer }), receipt, true],
      ['assign', legacy, (ao) => ao.assign({ process: id, message: id }), () => ({ id })],
      ['dryrun', legacy, (ao) => ao.dryrun({ process: id }), () => evaluation],
      ['message', mainnet, (ao) => ao.message({ process: id, returnMessageId: true }), slot, true],
      ['schedule', mainnet, (ao) => ao.schedule(id), slot, true],
      ['request', mainnet, (ao) => ao.request({ path: '/x', data: 'hello' }), () => ({ headers: { slot: '7' } }), true]
    ]) {
      const mode = connected === legacy ? 'legacy' : 'mainnet'
      for (const status of [301, 302, 303]) {
        test(`in ${runtime}, ${mode} ${name}: a ${status} drops the body, so the call rejects`, () =>
          withServer(moving(status, posted, got), async (url) => {
            const error = await call(connected(url)).then(
              (value) => assert.fail(`gave ${JSON.stringify(value)}`),
              (thrown) => thrown
            )
            assertAoError(error, 'BAD_RESPONSE')
            assert.match(error.message, /redirected the POST to .*\/there.* Give the address that does not redirect/)
            assert.match(error.details.redirected, /\/there/)
            if (isItem) assert.match(error.details.id, /^[\w-]{43}$/)
          }))
      }
      for (const status of [307, 308]) {
        test(`in ${runtime}, ${mode} ${name}: a ${status} keeps the body`, () =>
          withServer(moving(status, posted, got), async (url) => {
            await call(connected(url))
          }))
      }
    }

    for (const status of [301, 302, 303, 307, 308]) {
      test(`in ${runtime}, reads follow a ${status}`, () =>
        withServer(moving(status, assert.fail, { ...evaluation, raw: evaluation }), async (url) => {
          assert.deepEqual((await legacy(url).result({ process: id, message: id })).Output, evaluation.Output)
          assert.deepEqual((await mainnet(url).result({ process: id, slot: 1 })).Output, evaluation.Output)
          const response = await mainnet(url).request({ path: '/x' })
          assert.deepEqual([response.status, response.redirected], [200, true])
        }))
    }
  }

  test('a request whose response names no slot: Node.js sees that the body was kept', () =>
    withServer(
      moving(307, (body) => ({ length: body.length }), got),
      async (url) => {
        const ao = aoxide.connect({ MODE: 'mainnet', URL: `${url}/moved`, signer })
        assert.deepEqual(await (await ao.request({ path: '/x', data: 'hello' })).json(), { length: 5 })
      }
    ))

  for (const [what, location, code] of [
    ['to itself', '/moved', 'BAD_RESPONSE'],
    ['to what is no address of the web', 'data:application/json,{"id":"x"}', 'HTTP_STATUS'],
    ['to what is no address', 'http://[', 'HTTP_STATUS'],
    ['to nowhere', undefined, 'HTTP_STATUS']
  ]) {
    test(`${what} rejects with ${code}`, async () => {
      let asked = 0
      const listener = (request, response) => {
        asked++
        request.resume()
        response.writeHead(307, location && { location }).end('{"id":"x"}')
      }
      await withServer(listener, async (url) => {
        const ao = aoxide.connect({ MU_URL: `${url}/moved` })
        await assert.rejects(ao.message({ process: id, signer }), { name: 'AoError', code })
        assert.equal(asked, location === '/moved' ? 21 : 1)
      })
    })
  }

  test('an error status after a redirect rejects with HTTP_STATUS', () =>
    withServer(
      (request, response) => {
        request.resume()
        if (request.url === '/there') response.writeHead(500).end('broken')
        else response.writeHead(307, { location: '/there' }).end()
      },
      async (url) => {
        for (const fetch of [undefined, inBrowser])
          await assert.rejects(aoxide.connect({ MU_URL: url, fetch }).message({ process: id, signer }), {
            code: 'HTTP_STATUS',
            message: /500: broken/
          })
      }
    ))

  test('the body of a refused redirect is cancelled', async () => {
    let cancelled = false
    const { ao } = client({
      other: () => {
        const response = new Response(new ReadableStream({ cancel: () => void (cancelled = true) }))
        return Object.defineProperties(response, {
          redirected: { value: true },
          url: { value: 'https://elsewhere.test/' }
        })
      }
    })
    await assert.rejects(ao.request({ path: '/x', data: 'hello' }), { code: 'BAD_RESPONSE' })
    assert.ok(cancelled)
  })
})

describe('a response that is too large', { timeout: 120_000 }, () => {
  const ask = { process: id, message: id }
  const withLimit = (url, responseLimit) => aoxide.connect({ CU_URL: url, responseLimit })

  /** Sends until the client closes the connection. `closed` then resolves with the number of bytes. */
  function endless(status = 200) {
    let ended
    const closed = new Promise((resolve) => (ended = resolve))
    const listener = (_, response) => {
      let sent = 0
      const piece = Buffer.alloc(1 << 20, ' ')
      const send = () => {
        do sent += piece.length
        while (!response.destroyed && response.write(piece))
      }
      response.on('drain', send).on('close', () => ended(sent))
      response.writeHead(status)
      send()
    }
    return { listener, closed }
  }

  test('is not read to the end, and its connection is closed', async () => {
    const { listener, closed } = endless()
    await withServer(listener, async (url) => {
      await assert.rejects(withLimit(url, 3 << 20).result(ask), (error) => {
        assertAoError(error, 'BAD_RESPONSE')
        assert.match(error.message, /more than 3145728 bytes\. Raise `responseLimit`/)
        assert.deepEqual(error.details, { status: 200, url: `${url}/result/${id}?process-id=${id}` })
        return true
      })
      assert.ok((await closed) < 64 << 20)
    })
  })

  test('is refused over 64 MiB by default, and other calls go on', async () => {
    const { listener, closed } = endless()
    await withServer(listener, async (url) => {
      let answer
      const fetch = (target, init) =>
        target.startsWith(url) ? globalThis.fetch(target, init) : new Promise((resolve) => (answer = resolve))
      const other = aoxide.connect({ CU_URL: 'https://cu.test', fetch }).result(ask)
      await assert.rejects(withLimit(url).result(ask), { code: 'BAD_RESPONSE' })
      assert.ok((await closed) >= 64 << 20)
      answer(Response.json(evaluation))
      assert.deepEqual(await other, evaluation)
    })
  })

  test('is refused in mainnet mode; the response of `request` has no limit', async () => {
    const { ao } = client(
      { state: () => text('x'.repeat(101)), other: () => text('x'.repeat(101)) },
      { responseLimit: 100 }
    )
    await assert.rejects(ao.state(id), { code: 'BAD_RESPONSE' })
    assert.equal((await (await ao.request({ path: '/x' })).text()).length, 101)
  })

  test('according to its Content-Length is not read', async () => {
    let read = 0
    const body = new ReadableStream(
      { pull: () => void read++, cancel: () => void (read = 'cancelled') },
      { highWaterMark: 0 }
    )
    const fetch = async () => new Response(body, { headers: { 'content-length': '11' } })
    const ao = aoxide.connect({ fetch, responseLimit: 10 })
    await assert.rejects(ao.result(ask), { code: 'BAD_RESPONSE' })
    assert.equal(read, 'cancelled')
  })

  test('with an error status keeps its beginning, and the request is retried', async () => {
    const { listener } = endless(503)
    await withServer(listener, async (url) => {
      let seen = 0
      const onResponse = ({ status }) => (seen += status === 503)
      const ao = aoxide.connect({ CU_URL: url, responseLimit: 2 << 20, onResponse })
      await assert.rejects(ao.result({ ...ask, retry: { attempts: 2, backoff: 1 } }), (error) => {
        assertAoError(error, 'HTTP_STATUS')
        assert.ok(error.details.body.length <= 2 << 20)
        return true
      })
      assert.equal(seen, 2)
    })
  })

  for (const [what, responseOf] of [
    ['a stream', (body) => new Response(body)],
    ['text alone', (body) => ({ ok: true, status: 200, text: async () => body })],
    ['JSON alone', (body) => ({ ok: true, status: 200, json: async () => JSON.parse(body) })]
  ]) {
    test(`the limit is exact: ${what}`, async () => {
      const body = JSON.stringify({ Output: 'x'.repeat(20) })
      const call = (responseLimit) => aoxide.connect({ fetch: async () => responseOf(body), responseLimit }).result(ask)
      assert.deepEqual(await call(body.length), JSON.parse(body))
      await assert.rejects(call(body.length - 1), { code: 'BAD_RESPONSE' })
    })
  }

  for (const responseLimit of ['5', -1, NaN, null, {}]) {
    test(`${String(responseLimit)} is refused as responseLimit`, async () => {
      await assert.rejects(withLimit('https://cu.test', responseLimit).result(ask), (error) => {
        assertAoError(error, 'BAD_ARGUMENT')
        assert.match(error.message, /'responseLimit'/)
        return true
      })
    })
  }

  test('text is decoded as Response.text decodes it', async () => {
    const bytes = Buffer.from('\ufeff{"Output":"é€😀?"}')
    bytes[bytes.indexOf('?')] = 0xff
    const pieces = () =>
      new ReadableStream({
        start(stream) {
          for (const byte of bytes) stream.enqueue(Uint8Array.of(byte))
          stream.close()
        }
      })
    const expected = JSON.parse(await new Response(pieces()).text())
    assert.equal(expected.Output, 'é€😀\ufffd')
    const fetch = async () => new Response(pieces())
    assert.deepEqual(await aoxide.connect({ fetch }).result(ask), expected)
  })

  test('a body that fails or yields no bytes rejects with HTTP_NETWORK', async () => {
    for (const start of [(stream) => stream.error(new Error('gone')), (stream) => stream.enqueue('text')]) {
      const fetch = async () => ({ status: 200, headers: new Headers(), body: new ReadableStream({ start }) })
      await assert.rejects(aoxide.connect({ fetch }).result(ask), { code: 'HTTP_NETWORK' })
    }
  })
})

describe('unread bodies', () => {
  const unread = (given) => () => {
    const at = given.push(false) - 1
    return new Response(new ReadableStream({ cancel: () => void (given[at] = true) }), { status: 503 })
  }

  test('are cancelled before a retry, and when the call rejects', async () => {
    const given = []
    const atSecond = []
    const { ao } = client({
      other: inTurn(unread(given), () => {
        atSecond.push(...given)
        unreachable()
      })
    })
    await assert.rejects(ao.request({ path: '/x', retry: { attempts: 2, backoff: 1 } }), { code: 'HTTP_NETWORK' })
    assert.deepEqual([atSecond, given], [[true], [true]])
  })

  test('are cancelled when the call is aborted between two attempts', async () => {
    const given = []
    const { ao } = client({ other: unread(given) })
    const call = ao.request({ path: '/x', timeout: 300, retry: { attempts: 2, backoff: 60_000, longestWait: 60_000 } })
    await assert.rejects(call, { code: 'TIMEOUT' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepEqual(given, [true])
  })
})

test('reads of nodes bypass caches, and legacy requests are as in aoconnect', async () => {
  const caches = []
  const fetch =
    (answer) =>
    async (url, { method = 'GET', cache }) => {
      caches.push([method, cache])
      return answer(url)
    }
  const answer = (url) =>
    url.includes('/slot/current') ? new Response('7') : Response.json({ slot: 7, raw: evaluation, body: 1 })
  const ao = aoxide.connect({ MODE: 'mainnet', URL: NODE, signer, dialect: 'current', fetch: fetch(answer) })
  for (const call of [
    () => ao.result({ process: id, slot: 7 }),
    () => ao.dryrun({ process: id }),
    () => ao.results({ process: id }),
    () => ao.state(id),
    () => ao.request({ path: '/x' })
  ])
    await call()
  assert.deepEqual(caches.splice(0), Array(6).fill(['GET', 'no-store']))
  await ao.message({ process: id })
  const legacy = aoxide.connect({ fetch: fetch(() => Response.json(evaluation)) })
  await legacy.result({ process: id, message: id })
  await legacy.dryrun({ process: id })
  assert.deepEqual(caches, [
    ['POST', undefined],
    ['GET', undefined],
    ['POST', undefined]
  ])
})
