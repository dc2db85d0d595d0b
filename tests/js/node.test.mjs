// HyperBEAM nodes beyond what aoconnect asks of them: state, waiting, streams, other nodes, and nodes that fail.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide } from './support/package.mjs'
import { arbundles, idOf, verifies } from './support/peers.mjs'
import { recorder } from './support/record.mjs'
import { evaluation, json, node, text } from './support/replies.mjs'

const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const URL = 'https://node.test'
const signer = aoxide.createSigner(jwk)
const form = '?require-codec=application/json&accept-bundle=true'

/** A client in mainnet mode of a node with these parts, and what it asked. */
function client(parts = {}, options = {}) {
  const { fetch, requests } = recorder(typeof parts === 'function' ? parts : node(parts))
  const ao = aoxide.connect({ MODE: 'mainnet', URL, signer, fetch, ...options })
  return { ao, requests }
}

/** Answers in turn, the last one for ever. */
const inTurn = (...answers) => {
  let asked = 0
  return (...request) => answers[Math.min(asked++, answers.length - 1)](...request)
}

const unreachable = () => {
  throw new TypeError('fetch failed')
}

/** Answers never, but hears the signal. */
const hanging = () => new Promise(() => {})

describe('state', () => {
  for (const [options, path] of [
    [undefined, 'now'],
    [{ path: 'cache/balances' }, 'now/cache/balances'],
    [{ path: ['cache', 'a/b c', '..', 'é'] }, 'now/cache/a%2Fb%20c/%252E%252E/%C3%A9'],
    [{ path: 'cache', at: 'compute' }, 'compute/cache'],
    [{ path: 'cache', at: 'now' }, 'now/cache'],
    [{ path: 'results/outbox', slot: 12 }, 'compute&slot=12/results/outbox'],
    [{ slot: '12' }, 'compute&slot=12']
  ]) {
    test(`of ${JSON.stringify(options)}`, async () => {
      const { ao, requests } = client({ state: () => json({ a: 'b' }) })
      assert.deepEqual(await ao.state(process, options), { a: 'b' })
      assert.deepEqual(
        requests.map(({ method, url, headers }) => [method, url, headers]),
        [['GET', `${URL}/${process}~process@1.0/${path}${form}`, { accept: 'application/json' }]]
      )
    })
  }

  for (const [answer, value] of [
    [{ body: 'text' }, 'text'],
    [{ body: '21', 'ao-types': 'body="integer"' }, 21],
    [{ body: '21', status: '200', 'ao-types': 'body="integer", status="integer"' }, 21],
    [{ body: '{"a":[1]}', 'content-type': 'application/json' }, { a: [1] }],
    [
      { body: '{"a":[1]}', 'content-type': 'application/json', other: 'x' },
      { body: '{"a":[1]}', 'content-type': 'application/json', other: 'x' }
    ],
    [
      { a: '1', b: '1', 'ao-types': 'a="integer"' },
      { a: 1, b: '1' }
    ],
    [{ a: '9007199254740993', 'ao-types': 'a="integer"' }, { a: 9007199254740993n }],
    [
      { a: '1.5e3', b: 'true', c: 'null', d: 'ok', 'ao-types': 'a="float", b="atom", c="atom", d="atom"' },
      { a: 1500, b: true, c: null, d: 'ok' }
    ],
    [{ b: 'false', 'ao-types': 'b=atom' }, { b: false }],
    [{ 'ao-types': 'a="empty-list", b="empty-message", c="empty-binary"' }, { a: [], b: {}, c: '' }],
    [{ a: '"(ao-type-integer) 1", "two", "a \\"b\\""', 'ao-types': 'a="list"' }, { a: [1, 'two', 'a "b"'] }],
    [{ a: { 2: 'y', 1: 'x', 10: 'z' }, 'ao-types': 'a="list"' }, { a: ['x', 'y', 'z'] }],
    [{ 1: 'x', 2: 'y', 'ao-types': '.="list"' }, ['x', 'y']],
    [
      { Balance: '1', 'a key': '2', 'ao-types': 'balance="integer", a%20key="integer"' },
      { Balance: 1, 'a key': 2 }
    ],
    [
      { a: { b: '1', 'ao-types': 'b="integer"', commitments: { x: 1 } }, commitments: {}, hashpath: 'h', priv: {} },
      { a: { b: 1 } }
    ],
    [
      { a: 1, b: true, c: null, d: [1, { e: '2', 'ao-types': 'e="integer"' }] },
      { a: 1, b: true, c: null, d: [1, { e: 2 }] }
    ],
    [
      [1, 'a'],
      [1, 'a']
    ],
    [21, 21],
    ['x', 'x'],
    [null, null]
  ]) {
    test(`decodes ${JSON.stringify(answer)}`, async () => {
      const { ao } = client({ state: () => json(answer) })
      assert.deepEqual(await ao.state(process, { path: 'cache' }), value)
    })
  }

  test('what is not there, and what is no state', async () => {
    const { ao } = client({ state: () => text('not_found', 404) })
    await assert.rejects(ao.state(process, { path: 'cache/x' }), {
      code: 'HTTP_STATUS',
      details: { status: 404, url: `${URL}/${process}~process@1.0/now/cache/x${form}`, body: 'not_found' }
    })
    const broken = client({ state: () => text('<html>') })
    await assert.rejects(broken.ao.state(process), { code: 'BAD_RESPONSE' })
    for (const bad of [{ slot: 'x' }, { slot: 1.5 }, { slot: -1 }, { path: 5 }, { path: [5] }]) {
      const { ao, requests } = client()
      await assert.rejects(ao.state(process, bad), (error) => assertAoError(error, 'BAD_ARGUMENT') ?? true)
      assert.equal(requests.length, 0)
    }
    await assert.rejects(ao.state('abc'), { code: 'BAD_ID' })
    await assert.rejects(ao.state(), { code: 'BAD_ARGUMENT' })
  })
})

describe('schedule, and definitions', () => {
  test('a message is scheduled and not pushed', async () => {
    const { ao, requests } = client({ schedule: () => json({ slot: 9 }) })
    const { id, slot } = await ao.schedule(process, { data: 'd', tags: [{ name: 'A', value: 'b' }] })
    assert.deepEqual([slot, id], [9, idOf(requests[0].body)])
    assert.equal(requests[0].url, `${URL}/${process}~process@1.0/schedule`)
    assert.ok(await verifies(requests[0].body))
  })
})

describe('waiting', () => {
  const slow = () =>
    inTurn(
      () => text('not yet', 404),
      unreachable,
      () => text('busy', 503),
      () => json({ raw: evaluation })
    )

  test('result waits for a slow node, and for a slow unit', async () => {
    const retry = { backoff: 2 }
    const { ao, requests } = client({ result: slow() })
    assert.deepEqual((await ao.result({ process, slot: 5, wait: true, retry })).Output, evaluation.Output)
    assert.equal(requests.length, 4)
    const unit = recorder(
      inTurn(
        () => text('not yet', 404),
        () => text('busy', 503),
        () => json(evaluation)
      )
    )
    const legacy = aoxide.connect({ fetch: unit.fetch })
    assert.deepEqual(await legacy.result({ process, message: process, wait: true, retry }), evaluation)
    assert.equal(unit.requests.length, 3)
  })

  test('not for ever, not for what is refused, and not unasked', async () => {
    const { ao } = client({ result: () => text('', 404) })
    const retry = { backoff: 2 }
    await assert.rejects(ao.result({ process, slot: 5, wait: true, timeout: 40, retry }), { code: 'TIMEOUT' })
    await assert.rejects(ao.result({ process, slot: 5, wait: true, retry: { ...retry, attempts: 2 } }), {
      code: 'HTTP_STATUS'
    })
    await assert.rejects(ao.result({ process, slot: 5 }), { code: 'HTTP_STATUS' })
    const refusing = client({ result: () => text('', 400) })
    await assert.rejects(refusing.ao.result({ process, slot: 5, wait: true, retry }), { code: 'HTTP_STATUS' })
    assert.equal(refusing.requests.length, 1)
  })
})

describe('send', () => {
  test('gives the result, the id and the slot, and says how far it is', async () => {
    const { ao, requests } = client({
      result: inTurn(
        () => text('', 404),
        () => json({ json: { body: JSON.stringify(evaluation) } })
      )
    })
    const seen = []
    const onProgress = (event) => {
      seen.push(event)
      throw new Error('from the listener')
    }
    const { id, slot, Output } = await ao.send({ process, data: 'd', onProgress, retry: { backoff: 1 } })
    assert.deepEqual([id, slot, Output], [idOf(requests[0].body), 7, evaluation.Output])
    assert.deepEqual(seen, [
      { stage: 'signed', id },
      { stage: 'sent', id, slot },
      { stage: 'done', id, slot }
    ])
  })

  test('in legacy mode too', async () => {
    const { fetch, requests } = recorder(({ url }) => (url.includes('/result/') ? json(evaluation) : json({})))
    const seen = []
    const { id, Output } = await aoxide
      .connect({ fetch })
      .send({ process, signer, data: 'd', onProgress: ({ stage }) => seen.push(stage) })
    assert.deepEqual([id, Output, seen], [idOf(requests[0].body), evaluation.Output, ['signed', 'sent', 'done']])
  })

  test('an error after sending names the message', async () => {
    const { ao, requests } = client({ result: () => text('no', 400) })
    await assert.rejects(ao.send({ process, data: 'd' }), (error) => {
      assertAoError(error, 'HTTP_STATUS')
      assert.deepEqual([error.details.id, error.details.slot, error.details.status], [idOf(requests[0].body), 7, 400])
      return true
    })
  })
})

describe('stream', () => {
  /** A node whose process gets a message each time that somebody looks. */
  const growing = () => {
    let newest = 4
    return client({
      slot: () => text(String(newest++)),
      result: ({ url }) => json({ raw: { Output: /results=(\d+)/.exec(url)[1] } })
    })
  }
  const take = async (stream, count) => {
    const taken = []
    for await (const edge of stream) {
      taken.push(edge)
      if (taken.length === count) break
    }
    return taken.map(({ cursor, node }) => [cursor, node.Output])
  }

  for (const [from, first] of [
    [undefined, 5],
    ['2', 3],
    ['', 0]
  ]) {
    test(`of a node, from ${from}`, async () => {
      const { ao } = growing()
      const expected = Array.from({ length: 6 }, (_, at) => [String(first + at), String(first + at)])
      assert.deepEqual(await take(ao.stream({ process, from, interval: 1 }), 6), expected)
    })
  }

  test('of a compute unit', async () => {
    const all = ['a', 'b', 'c', 'd', 'e']
    let there = 2
    const { fetch, requests } = recorder(({ url }) => {
      const query = new globalThis.URL(url).searchParams
      const known = all.slice(0, there)
      if (query.get('sort') === 'DESC') return json({ edges: [{ cursor: known.at(-1), node: evaluation }] })
      const after = known.slice(query.has('from') ? known.indexOf(query.get('from')) + 1 : 0)
      there = Math.min(there + 1, all.length)
      return json({ edges: after.map((cursor) => ({ cursor, node: { ...evaluation, Output: cursor } })) })
    })
    const ao = aoxide.connect({ fetch })
    assert.deepEqual(
      (await take(ao.stream({ process, interval: 1 }), 3)).map(([cursor]) => cursor),
      ['c', 'd', 'e']
    )
    assert.match(requests[0].url, /sort=DESC&limit=1$/)
    there = 2
    assert.deepEqual((await take(ao.stream({ process, from: '', interval: 1 }), 5)).at(0), ['a', 'a'])
  })

  test('a signal ends it, during a look and between two', async () => {
    for (const part of ['slot', 'result']) {
      const { ao } = client({
        slot: () => text('4'),
        ...(part === 'slot' ? {} : { slot: inTurn(() => text('4'), hanging) })
      })
      const controller = new AbortController()
      setTimeout(() => controller.abort('enough'), 30)
      await assert.rejects(
        take(ao.stream({ process, interval: 5, signal: controller.signal }), 1),
        (thrown) => thrown === 'enough'
      )
    }
  })

  test('a node that fails for a moment does not end it, one that fails for good does', async () => {
    const shaky = client({
      slot: inTurn(
        () => text('4'),
        () => text('', 502),
        () => text('5')
      )
    })
    assert.equal(
      (await take(shaky.ao.stream({ process, interval: 1, retry: { attempts: 3, backoff: 1 } }), 1))[0][0],
      '5'
    )
    const dead = client({ slot: () => text('', 502) })
    await assert.rejects(take(dead.ao.stream({ process, retry: 1 }), 1), { code: 'HTTP_STATUS' })
  })
})

describe('reads that are shared', () => {
  test('the same read at the same time is one request, and each gets a value of its own', async () => {
    const { ao, requests } = client({ result: async () => (await sleep(20), json({ raw: evaluation })) })
    const answers = await Promise.all([1, 2, 3].map(() => ao.result({ process, slot: 5 })))
    assert.equal(requests.length, 1)
    answers[0].Messages.length = 0
    assert.equal(answers[1].Messages.length, 1)
    await ao.result({ process, slot: 5 })
    assert.equal(requests.length, 2)
    await Promise.all([ao.result({ process, slot: 6 }), ao.result({ process, slot: 7 }), ao.dryrun({ process })])
    assert.equal(requests.length, 5)
  })

  test('in legacy mode too; what is sent never is', async () => {
    const { fetch, requests } = recorder(async () => (await sleep(20), json(evaluation)))
    const ao = aoxide.connect({ fetch })
    await Promise.all([1, 2].map(() => ao.dryrun({ process, data: 'd' })))
    assert.equal(requests.length, 1)
    await Promise.all([1, 2].map((byte) => ao.dryrun({ process, data: Uint8Array.of(64 + byte) })))
    assert.equal(requests.length, 3)
    await Promise.all([1, 2].map(() => ao.message({ process, signer, data: 'd' })))
    assert.equal(requests.length, 5)
  })

  test('one caller’s end is not the other’s; the last one’s is the request’s', async () => {
    let release
    const signals = []
    const fetch = (_, { signal }) => {
      signals.push(signal)
      return new Promise((resolve, reject) => {
        release = () => resolve(json({ raw: evaluation }))
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
      })
    }
    const ao = aoxide.connect({ MODE: 'mainnet', URL, fetch })
    const controller = new AbortController()
    const ask = { process, slot: 5 }
    const left = ao.result({ ...ask, signal: controller.signal })
    const late = ao.result({ ...ask, timeout: 20 })
    const stays = ao.result(ask)
    while (signals.length === 0) await sleep(1)
    controller.abort('left')
    await assert.rejects(left, (thrown) => thrown === 'left')
    await assert.rejects(late, { code: 'TIMEOUT' })
    assert.ok(!signals[0].aborted)
    release()
    assert.deepEqual((await stays).Output, evaluation.Output)
    assert.equal(signals.length, 1)

    const bounds = [1, 2].map(() => new AbortController())
    const both = bounds.map(({ signal }) => ao.result({ ...ask, signal }))
    while (signals.length === 1) await sleep(1)
    for (const bound of bounds) bound.abort()
    for (const call of both) await assert.rejects(call, { name: 'AbortError' })
    assert.ok(signals[1].aborted)
    const again = ao.result(ask)
    while (signals.length === 2) await sleep(1)
    release()
    await again
  })
})

describe('several addresses', () => {
  const path = `${process}~process@1.0`
  const hosts = (requests) => requests.map(({ url }) => new globalThis.URL(url).host[0])
  const nodes = ['https://a.node.test', 'https://b.node.test', 'https://c.node.test']
  const failingAt =
    (...bad) =>
    (request, count) =>
      bad.some((letter) => request.url.startsWith(`https://${letter}.`)) ? unreachable() : node()(request, count)

  test('what fails at one node goes to the next, byte by byte', async () => {
    const { ao, requests } = client(failingAt('a', 'b'), { URL: nodes })
    const id = await ao.message({ process, data: 'd', returnMessageId: true })
    assert.deepEqual(hosts(requests), ['a', 'b', 'c'])
    for (const { body } of requests) assert.deepEqual(body, requests[0].body)
    assert.equal(id, idOf(requests[0].body))
    await ao.result({ process, slot: 5 })
    assert.deepEqual(hosts(requests).slice(3), ['c'])
    assert.equal(requests[3].url, `https://c.node.test/${path}/compute/results=5${form}`)
  })

  test('when all have failed the last failure is told, after as many rounds as were asked for', async () => {
    const { ao, requests } = client(failingAt('a', 'b', 'c'), { URL: nodes })
    await assert.rejects(ao.message({ process, retry: { attempts: 2, backoff: 1 } }), { code: 'HTTP_NETWORK' })
    assert.equal(requests.length, 6)
    assert.equal(new Set(requests.map(({ body }) => idOf(body))).size, 1)
  })

  test('a node that does not answer is passed over', async () => {
    const { ao, requests } = client((request, count) => (count === 1 ? hanging() : node()(request, count)), {
      URL: nodes
    })
    assert.equal(await ao.message({ process, retry: { tryTimeout: 20 } }), 7)
    assert.deepEqual(hosts(requests), ['a', 'b'])
  })

  test('a refusal is an answer', async () => {
    const { ao, requests } = client({ result: () => text('', 400) }, { URL: nodes })
    await assert.rejects(ao.result({ process, slot: 5 }), { code: 'HTTP_STATUS' })
    assert.equal(requests.length, 1)
  })

  test('each unit of the legacy network', async () => {
    const { fetch, requests } = recorder(({ url, method }) => {
      if (!url.includes('-2.test')) return text('', 502)
      if (url.includes('graphql')) return json({ data: { transactions: { edges: [{ node: { tags: [] } }] } } })
      return method === 'GET' && url.startsWith('https://su') ? json({ edges: [] }) : json(evaluation)
    })
    const two = (unit) => [`https://${unit}-1.test/`, `https://${unit}-2.test`]
    const ao = aoxide.connect({ fetch, MU_URL: two('mu'), CU_URL: two('cu'), SU_URL: two('su'), GATEWAY_URL: two('g') })
    await ao.message({ process, signer })
    await ao.result({ process, message: process })
    await ao.getLastSlot({ processId: process })
    await assert.rejects(ao.spawn({ module: process, scheduler: process, signer }), { code: 'NOT_FOUND' })
    assert.deepEqual(
      requests.map(({ url }) => new globalThis.URL(url).host),
      ['mu', 'cu', 'su', 'g'].flatMap((unit) => [`${unit}-1.test`, `${unit}-2.test`])
    )
    assert.deepEqual(requests[0].body, requests[1].body)
  })

  test('lists that are none are refused', async () => {
    for (const options of [{ URL: 5 }, { URL: [5] }, { URL: {} }]) {
      await assert.rejects(client({}, options).ao.result({ process, slot: 5 }), { code: 'BAD_ARGUMENT' })
    }
  })
})

describe('a node that fails, over a real connection', () => {
  /** Answers on a free port as `answer` says, for as long as `use` takes. */
  async function serving(server, use) {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const ao = aoxide.connect({ MODE: 'mainnet', URL: `http://127.0.0.1:${server.address().port}`, signer })
    try {
      return await use(ao)
    } finally {
      server.closeAllConnections?.()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  for (const [what, status, code] of [
    ['an invalid request', 400, 'HTTP_STATUS'],
    ['a page that says that there is none', 404, 'HTTP_STATUS'],
    ['a tampered signature', 500, 'HTTP_STATUS'],
    ['a page of success', 200, 'BAD_RESPONSE']
  ]) {
    test(`${what}: ${status}`, () =>
      serving(
        createServer((_, response) =>
          response.writeHead(status, { 'content-type': 'text/html' }).end('<html>said</html>')
        ),
        async (ao) => {
          for (const call of [
            () => ao.message({ process }),
            () => ao.result({ process, slot: 5 }),
            () => ao.state(process)
          ]) {
            await assert.rejects(call(), (error) => {
              assertAoError(error, code)
              assert.equal(error.details.body, '<html>said</html>')
              return true
            })
          }
        }
      ))
  }

  test('newlines in the values of headers', () =>
    serving(
      createSocketServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => socket.end('HTTP/1.1 500 Oh\r\nerror: a\nb\n  c\r\n: x\r\ncontent-length: 0\r\n\r\n'))
      }),
      async (ao) => {
        await assert.rejects(ao.message({ process }), (error) => {
          assertAoError(error, 'HTTP_NETWORK')
          assert.match(error.details.id, /^[\w-]{43}$/)
          return true
        })
      }
    ))

  test('a push that goes on and on: the time limit ends it, and its id goes on from there', () => {
    let sent
    return serving(
      createServer((request, response) => {
        if (!request.url.endsWith('/push')) return response.end(JSON.stringify({ raw: evaluation }))
        const pieces = []
        request.on('data', (piece) => pieces.push(piece)).on('end', () => (sent = Buffer.concat(pieces)))
      }),
      async (ao) => {
        const error = await ao.message({ process, timeout: 300 }).catch((thrown) => thrown)
        assertAoError(error, 'TIMEOUT')
        assert.deepEqual(error.details, { timeout: 300, id: idOf(sent) })
        assert.deepEqual((await ao.result({ process, message: error.details.id })).Output, evaluation.Output)
      }
    )
  })

  test('an answer that breaks off', () =>
    serving(
      createServer((_, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"slot":')
        setTimeout(() => response.destroy(), 10)
      }),
      (ao) => assert.rejects(ao.message({ process }), { code: 'HTTP_NETWORK' })
    ))

  test('bytes arrive as bytes', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    let sent
    return serving(
      createServer((request, response) => {
        const pieces = []
        request
          .on('data', (piece) => pieces.push(piece))
          .on('end', () => {
            sent = Buffer.concat(pieces)
            response.end('{"slot":1}')
          })
      }),
      async (ao) => {
        for (const data of [bytes, new Blob([bytes]), bytes.buffer]) {
          await ao.message({ process, data })
          assert.deepEqual(new Uint8Array(sent.subarray(-256)), bytes)
          assert.ok(await verifies(sent))
        }
      }
    )
  })
})

test('a wallet that makes the item keeps the anchor, and is asked once', async () => {
  let asked = 0
  const wallet = {
    async connect() {},
    async signDataItem({ data, tags, target, anchor }) {
      asked++
      const keySigner = new arbundles.ArweaveSigner(jwk)
      const item = arbundles.createData(data, keySigner, { tags, target, anchor })
      await item.sign(keySigner)
      return item.getRaw()
    }
  }
  const { ao, requests } = client({}, { signer: aoxide.createSigner(wallet) })
  await ao.message({ process, data: 'd' })
  assert.equal(await ao.result({ process, slot: 5 }).then(({ GasUsed }) => GasUsed), evaluation.GasUsed)
  assert.equal(asked, 1)
  assert.ok(await verifies(requests[0].body))
  assert.equal(new arbundles.DataItem(Buffer.from(requests[0].body)).rawAnchor.length, 32)
})

test('hooks, time limits and patience are there in mainnet mode too', async () => {
  const urls = []
  const { ao, requests } = client(
    {
      result: inTurn(
        () => text('', 503),
        () => json({ raw: evaluation })
      )
    },
    { onRequest: ({ url }) => urls.push(url), retry: { attempts: 2, backoff: 1 }, timeout: 5000 }
  )
  await ao.result({ process, slot: 5 })
  assert.deepEqual(
    urls,
    requests.map(({ url }) => url)
  )
  assert.equal(urls.length, 2)
  const stuck = client({ result: hanging })
  await assert.rejects(stuck.ao.result({ process, slot: 5, timeout: 10 }), { code: 'TIMEOUT' })
})

test('what connect gives', () => {
  const { ao } = client()
  assert.equal(ao.MODE, 'mainnet')
  assert.equal(ao.createSigner(), signer)
  assert.equal(ao.createDataItemSigner(), signer)
  assert.equal(aoxide.connect({ MODE: 'mainnet' }).createSigner, aoxide.createSigner)
})
