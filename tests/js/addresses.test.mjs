// Several addresses for one unit, and reads that share a request.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { URL, client, form, hanging, process, signer } from './support/node.mjs'
import { aoxide } from './support/package.mjs'
import { idOf } from './support/peers.mjs'
import { recorder } from './support/record.mjs'
import { evaluation, json, node, text, unreachable } from './support/replies.mjs'

describe('several addresses of one unit', () => {
  const path = `${process}~process@1.0`
  const hosts = (requests) => requests.map(({ url }) => new globalThis.URL(url).host[0])
  const nodes = ['https://a.node.test', 'https://b.node.test', 'https://c.node.test']
  const failingAt =
    (...bad) =>
    (request, count) =>
      bad.some((letter) => request.url.startsWith(`https://${letter}.`)) ? unreachable() : node()(request, count)

  test('a request that fails at one node goes to the next, with the same bytes', async () => {
    const { ao, requests } = client(failingAt('a', 'b'), { URL: nodes })
    const id = await ao.message({ process, data: 'd', returnMessageId: true })
    assert.deepEqual(hosts(requests), ['a', 'b', 'c'])
    for (const { body } of requests) assert.deepEqual(body, requests[0].body)
    assert.equal(id, idOf(requests[0].body))
    await ao.result({ process, slot: 5 })
    assert.deepEqual(hosts(requests).slice(3), ['c'])
    assert.equal(requests[3].url, `https://c.node.test/${path}/compute&slot=5/results${form}`)
  })

  test('when every address fails in every round, the call rejects with the last failure', async () => {
    const { ao, requests } = client(failingAt('a', 'b', 'c'), { URL: nodes })
    await assert.rejects(ao.message({ process, retry: { attempts: 2, backoff: 1 } }), { code: 'HTTP_NETWORK' })
    assert.equal(requests.length, 6)
    assert.equal(new Set(requests.map(({ body }) => idOf(body))).size, 1)
  })

  test('when a node does not answer in time, the next one gets the request', async () => {
    const { ao, requests } = client((request, count) => (count === 1 ? hanging() : node()(request, count)), {
      URL: nodes
    })
    assert.deepEqual((await ao.result({ process, slot: 5, retry: { tryTimeout: 300 } })).Output, evaluation.Output)
    assert.deepEqual(hosts(requests), ['a', 'b'])
  })

  test('a 4xx response ends the call, and no other address gets the request', async () => {
    const { ao, requests } = client({ result: () => text('', 400) }, { URL: nodes })
    await assert.rejects(ao.result({ process, slot: 5 }), { code: 'HTTP_STATUS' })
    assert.equal(requests.length, 1)
  })

  test('each unit of the legacy network accepts several addresses', async () => {
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

  test('a read goes to the next compute unit, even when a messenger has the same address', async () => {
    const { fetch, requests } = recorder(({ url }) =>
      url.startsWith('https://all.test') ? text('', 502) : json(evaluation)
    )
    const MU_URL = 'https://all.test'
    const ao = aoxide.connect({ fetch, MU_URL, CU_URL: ['https://all.test', 'https://cu.test'] })
    await ao.result({ process, message: process })
    assert.deepEqual(
      requests.map(({ url }) => new globalThis.URL(url).host),
      ['all.test', 'cu.test']
    )
    // No messenger answers the requests for a compute unit.
    requests.length = 0
    const cu = 'https://all.test/cu'
    const other = aoxide.connect({ fetch, MU_URL: [MU_URL, 'https://mu.test'], CU_URL: cu })
    await assert.rejects(other.result({ process, message: process }), { code: 'HTTP_STATUS' })
    assert.equal(requests.length, 1)
    assert.ok(requests[0].url.startsWith(`${cu}/result/`))
  })

  test('a URL that is neither an address nor a list of addresses is refused', async () => {
    for (const options of [{ URL: 5 }, { URL: [5] }, { URL: {} }]) {
      await assert.rejects(client({}, options).ao.result({ process, slot: 5 }), { code: 'BAD_ARGUMENT' })
    }
  })
})

describe('shared reads', () => {
  test('two equal reads at the same time are one request, and each caller gets its own value', async () => {
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

  test('legacy mode shares reads and never shares writes', async () => {
    const { fetch, requests } = recorder(async () => (await sleep(20), json(evaluation)))
    const ao = aoxide.connect({ fetch })
    await Promise.all([1, 2].map(() => ao.dryrun({ process, data: 'd' })))
    assert.equal(requests.length, 1)
    await Promise.all([1, 2].map((byte) => ao.dryrun({ process, data: Uint8Array.of(64 + byte) })))
    assert.equal(requests.length, 3)
    await Promise.all([1, 2].map(() => ao.message({ process, signer, data: 'd' })))
    assert.equal(requests.length, 5)
  })

  for (const [mode, options, read, write] of [
    ['legacy', {}, (ao) => ao.dryrun({ process }), (ao) => ao.message({ process, signer })],
    [
      'mainnet',
      { MODE: 'mainnet', URL, signer },
      (ao) => ao.dryrun({ process }),
      (ao) => ao.schedule(process, { data: 'd' })
    ],
    [
      'mainnet, by a request that fails',
      { MODE: 'mainnet', URL, signer, dialect: 'current' },
      (ao) => ao.getLastSlot({ processId: process }),
      (ao) => assert.rejects(ao.request({ path: '/broken', method: 'POST', data: 'd' }), { code: 'HTTP_NETWORK' })
    ]
  ])
    test(`a read after a completed write does not join an older request: ${mode}`, async () => {
      const reads = []
      const fetch = async (url, { method, body }) => {
        if (url.endsWith('/broken')) throw new TypeError('fetch failed')
        if (body instanceof Uint8Array || url === 'https://su-router.ao-testnet.xyz?process-id=' + process)
          return json({ slot: 7, id: 'an-id' })
        const number = reads.length
        await new Promise((resolve) => reads.push(resolve))
        const Output = { data: `${method} ${number}` }
        return json({ ...evaluation, Output, raw: { ...evaluation, Output }, edges: [] })
      }
      const ao = aoxide.connect({ fetch, ...options })
      const begun = async (count) => {
        for (let waited = 0; reads.length < count && waited < 1000; waited++) await sleep(1)
        await sleep(5)
        assert.equal(reads.length, count)
      }
      const before = [read(ao), read(ao)]
      await begun(1)
      await write(ao)
      const after = [read(ao), read(ao)]
      await begun(2)
      for (const answer of reads) answer()
      const [old, alsoOld, fresh, alsoFresh] = await Promise.all([...before, ...after])
      assert.deepEqual([alsoOld, alsoFresh], [old, fresh])
      if (old) assert.notDeepEqual(fresh.Output, old.Output)
    })

  test('when one caller aborts, the other still gets its value; when the last one aborts, the request ends', async () => {
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
