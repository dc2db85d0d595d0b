// Calls of mainnet mode that aoconnect does not have: schedule, wait, send and stream.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { URL, client, hanging, inTurn, process, signer } from './support/node.mjs'
import { aoxide } from './support/package.mjs'
import { arbundles, idOf, verifies } from './support/peers.mjs'
import { recorder } from './support/record.mjs'
import { evaluation, json, text, unreachable } from './support/replies.mjs'

describe('schedule', () => {
  test('the message gets a slot and is not pushed', async () => {
    const { ao, requests } = client({ schedule: () => json({ slot: 9 }) })
    const { id, slot } = await ao.schedule(process, { data: 'd', tags: [{ name: 'A', value: 'b' }] })
    assert.deepEqual([slot, id], [9, idOf(requests[0].body)])
    assert.equal(requests[0].url, `${URL}/${process}~process@1.0/schedule`)
    assert.ok(await verifies(requests[0].body))
  })
})

describe('wait', () => {
  const slow = () =>
    inTurn(
      () => text('not yet', 404),
      unreachable,
      () => text('busy', 503),
      () => json({ raw: evaluation })
    )

  test('result with `wait` waits for a slow node and for a slow unit', async () => {
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

  test('result gives up in time, does not wait after a refusal, and does not wait without `wait`', async () => {
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
  test('returns the result, the id and the slot, and reports its progress', async () => {
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

  test('works in legacy mode', async () => {
    const { fetch, requests } = recorder(({ url }) => (url.includes('/result/') ? json(evaluation) : json({})))
    const seen = []
    const { id, Output } = await aoxide
      .connect({ fetch })
      .send({ process, signer, data: 'd', onProgress: ({ stage }) => seen.push(stage) })
    assert.deepEqual([id, Output, seen], [idOf(requests[0].body), evaluation.Output, ['signed', 'sent', 'done']])
  })

  test('an error after sending has the id of the message', async () => {
    const { ao, requests } = client({ result: () => text('no', 400) })
    await assert.rejects(ao.send({ process, data: 'd' }), (error) => {
      assertAoError(error, 'HTTP_STATUS')
      assert.deepEqual([error.details.id, error.details.slot, error.details.status], [idOf(requests[0].body), 7, 400])
      return true
    })
  })
})

test('waits for a result, whatever the number of attempts is', async () => {
  for (const retry of [2, { attempts: 2, backoff: 1 }]) {
    const late = Array.from({ length: 4 }, () => () => text('not yet', 404))
    const { ao } = client({ result: inTurn(...late, () => json({ raw: evaluation })) })
    const { Output } = await ao.send({ process, data: 'd', retry, timeout: 20_000 })
    assert.deepEqual(Output, evaluation.Output)
  }
})

test('a page of many results limits the parallel requests', async () => {
  let underWay = 0
  let most = 0
  const { ao, requests } = client({
    slot: () => text('99'),
    async result({ url }) {
      most = Math.max(most, ++underWay)
      await new Promise((resolve) => setTimeout(resolve, 2))
      underWay--
      return json({ raw: { Output: /slot=(\d+)/.exec(url)[1] } })
    }
  })
  const { edges } = await ao.results({ process, from: '', sort: 'ASC', limit: 60 })
  assert.deepEqual(
    edges.map(({ cursor, node }) => [cursor, node.Output]),
    Array.from({ length: 60 }, (_, slot) => [String(slot), String(slot)])
  )
  assert.ok(most <= 6, `${most} at once`)
  requests.length = 0
  const failing = client({ slot: () => text('99'), result: () => text('no', 400) })
  await assert.rejects(failing.ao.results({ process, from: '', sort: 'ASC', limit: 60 }), { code: 'HTTP_STATUS' })
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.ok(failing.requests.length <= 7, `${failing.requests.length}`)
})

describe('stream', () => {
  /** A node whose process gets a message with each request. */
  const growing = () => {
    let newest = 4
    return client({
      slot: () => text(String(newest++)),
      result: ({ url }) => json({ raw: { Output: /slot=(\d+)/.exec(url)[1] } })
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
    test(`of a node, from ${from}, yields every result`, async () => {
      const { ao } = growing()
      const expected = Array.from({ length: 6 }, (_, at) => [String(first + at), String(first + at)])
      assert.deepEqual(await take(ao.stream({ process, from, interval: 1 }), 6), expected)
    })
  }

  test('a stream of a compute unit yields every result', async () => {
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

  test('a signal ends a stream, during a request and between two', async () => {
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

  test('a stream continues when the node recovers, and rejects when it keeps failing', async () => {
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

test('a wallet that makes the item gets the unique tag, and is called once', async () => {
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
  const { tags } = new arbundles.DataItem(Buffer.from(requests[0].body))
  assert.match(tags.find(({ name }) => name === 'salt').value, /^[\w-]{32}$/)
})

test('hooks, time limits and retries work in mainnet mode', async () => {
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

test('connect returns the verbs of the mode', () => {
  const { ao } = client()
  assert.equal(ao.MODE, 'mainnet')
  assert.equal(ao.createSigner(), signer)
  assert.equal(ao.createDataItemSigner(), signer)
  assert.equal(aoxide.connect({ MODE: 'mainnet' }).createSigner, aoxide.createSigner)
})
