// Suite for mainnet mode, as front ends use it. Runs against the local network, and with `HYPERBEAM_URLS` against real nodes.
// hyperbeam-recorded.test.mjs tests recorded responses of real nodes.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { jwk } from './key.mjs'
import { aoxide, subpath } from './package.mjs'

const { decodeReply } = await subpath('httpsig')
const signer = aoxide.createSigner(jwk)
export const tag = (name, value) => ({ name, value })

/** A Lua process that returns the data of each message, publishes values on request, and counts messages. */
const echo = `count = 0
function compute(process, message, opts)
  local m = message.body or {}
  count = count + 1
  process.count = count
  if m.action == "Publish" then process.cache = { value = m.data, count = count, list = { "a", "b" } } end
  process.results = { outbox = {}, output = { data = m.data } }
  return process
end
`

/** How to spawn a process of `lua@5.3a` from its source, and messages for it. */
export const lua = {
  spawn: { data: echo, tags: [tag('execution-device', 'lua@5.3a'), tag('content-type', 'application/lua')] },
  say: (text) => ({ tags: [tag('Action', 'Say')], data: text }),
  publish: (text) => ({ tags: [tag('Action', 'Publish')], data: text })
}

/** How to spawn an aos process, and messages for it. */
export const aos = (module, tags) => ({
  spawn: { module, tags },
  say: (text) => ({ tags: [tag('Action', 'Eval')], data: `return ${JSON.stringify(text)}` }),
  publish: (text) => ({
    tags: [tag('Action', 'Eval')],
    data: `count = (count or 0) + 1
      ao.send({ Target = ao.id, device = 'patch@1.0',
        cache = { value = ${JSON.stringify(text)}, count = count, list = { 'a', 'b' } } })
      return ${JSON.stringify(text)}`
  })
})

/** Declares the suite. `node()` returns `{ URL, signs }` after its start; with `signs`, the node signs its responses. */
export function nodeSuite(title, kind, node) {
  describe(title, { timeout: 240_000 }, () => {
    const sent = []
    let ao
    let process
    let signs
    before(() => {
      const { URL, ...rest } = node()
      signs = rest.signs
      ao = aoxide.connect({ MODE: 'mainnet', URL, signer, onRequest: (request) => sent.push(request) })
    })
    const outputOf = async (slot) => (await ao.result({ process, slot })).Output.data

    test('spawn: equal calls create different processes', async () => {
      process = await ao.spawn(kind.spawn)
      assert.match(process, /^[\w-]{43}$/)
      assert.notEqual(await ao.spawn(kind.spawn), process)
    })

    test('message: returns the slot, or the whole result', async () => {
      assert.equal(await ao.message({ process, ...kind.say('one') }), 1)
      const whole = await ao.message({ process, ...kind.say('two'), opts: { fullResponse: true } })
      assert.equal(whole.Output.data, 'two')
      assert.deepEqual([whole.Messages, whole.Spawns, whole.Error], [[], [], undefined])
    })

    test('schedule: resolves with the id and the slot', async () => {
      const { id, slot } = await ao.schedule(process, kind.say('three'))
      assert.match(id, /^[\w-]{43}$/)
      assert.equal(slot, 3)
    })

    test('result: returns the result of each slot, in any order of calls', async () => {
      assert.deepEqual([await outputOf(3), await outputOf(1), await outputOf(2)], ['three', 'one', 'two'])
    })

    test('result: a slot that does not exist rejects', () =>
      assert.rejects(ao.result({ process, slot: 99 }), (error) => {
        assert.equal(error.code, 'HTTP_STATUS', error.message)
        assert.equal(error.details.status, 404)
        return true
      }))

    test('results: returns the newest result, or the requested page', async () => {
      const dataOf = ({ edges }) => edges.map(({ cursor, node }) => [cursor, node.Output.data])
      assert.deepEqual(dataOf(await ao.results({ process })), [['3', 'three']])
      const first = [
        ['1', 'one'],
        ['2', 'two']
      ]
      assert.deepEqual(dataOf(await ao.results({ process, from: '0', limit: 2 })), first)
      const last = await ao.results({ process, sort: 'DESC', limit: 2 })
      assert.deepEqual(dataOf(last).at(-1), ['2', 'two'])
    })

    test('stream: yields every result in order', async () => {
      const seen = []
      for await (const { node } of ao.stream({ process, from: '0', interval: 50 })) {
        seen.push(node.Output.data)
        if (seen.length === 3) await ao.schedule(process, kind.say('four'))
        if (seen.length === 4) break
      }
      assert.deepEqual(seen, ['one', 'two', 'three', 'four'])
    })

    test('send: returns the result of this message', async () => {
      const sent = await Promise.all(['five', 'six'].map((text) => ao.send({ process, ...kind.say(text) })))
      assert.deepEqual(
        sent.map(({ Output }) => Output.data),
        ['five', 'six']
      )
      assert.deepEqual(sent.map(({ slot }) => slot).sort(), [5, 6])
    })

    test('a data item that is posted twice takes two slots', async () => {
      let raw
      const once = aoxide.connect({ MODE: 'mainnet', URL: node().URL, signer, onRequest: ({ body }) => (raw = body) })
      const slot = await once.message({ process, ...kind.say('twice') })
      const headers = { 'content-type': 'application/ans104', 'codec-device': 'ans104@1.0' }
      const again = await fetch(`${node().URL}/${process}~process@1.0/push`, { method: 'POST', headers, body: raw })
      assert.equal(again.status, 200)
      assert.equal(again.headers.get('slot'), String(slot + 1))
      assert.deepEqual([await outputOf(slot), await outputOf(slot + 1)], ['twice', 'twice'])
    })

    test('state: returns what the process published, now and at a slot', async () => {
      const first = await ao.schedule(process, kind.publish('old'))
      await ao.message({ process, ...kind.publish('new') })
      const cache = await ao.state(process, { path: 'cache' })
      assert.deepEqual([cache.value, cache.list, typeof cache.count], ['new', ['a', 'b'], 'number'])
      assert.equal(await ao.state(process, { path: 'cache/value' }), 'new')
      assert.equal(await ao.state(process, { path: ['cache', 'value'], at: 'compute' }), 'new')
      assert.equal(await ao.state(process, { path: 'cache/value', slot: first.slot }), 'old')
      assert.equal((await ao.state(process)).cache.value, 'new')
      await assert.rejects(ao.state(process, { path: 'cache/nothing' }), (error) => {
        assert.deepEqual([error.code, error.details.status], ['HTTP_STATUS', 404])
        assert.match(error.message, /There is nothing at .*cache\/nothing/)
        return true
      })
    })

    test('dryrun: does not change the schedule', async () => {
      const { edges } = await ao.results({ process })
      // The output is not compared: Lua processes do not get the fields as a message, and aos does not run unsigned code.
      const { Output, Messages } = await ao.dryrun({ process, ...kind.say('preview') })
      assert.ok(Output)
      assert.deepEqual(Messages, [])
      assert.equal((await ao.results({ process })).edges[0].cursor, edges[0].cursor)
    })

    for (const form of ['ans104', 'httpsig'])
      test(`request: accepts a message in the form ${form}`, async () => {
        const { tags, data } = kind.say(`by ${form}`)
        const fields = { ...Object.fromEntries(tags.map(({ name, value }) => [name, value])), data }
        const path = `/${process}~process@1.0/push`
        const response = await ao.request({
          path,
          method: 'POST',
          target: process,
          Type: 'Message',
          'signing-format': form,
          ...fields
        })
        assert.equal(response.status, 200, await (response.ok ? '' : response.text()))
        const slot = Number(response.headers.get('slot'))
        assert.ok(slot > 6)
        assert.equal(await outputOf(slot), `by ${form}`)
      })

    test('request: accepts signed nested values and lists', async () => {
      const path = `/${process}~process@1.0/schedule`
      const nested = { map: { a: 1, b: { c: 'deep' } }, list: [1, 'two'], long: 'x'.repeat(5000), yes: true }
      const response = await ao.request({ path, method: 'POST', target: process, type: 'Message', ...nested })
      assert.equal(response.status, 200, await (response.ok ? '' : response.text()))
      assert.ok(Number(response.headers.get('slot')) > 6)
    })

    test('decodeReply: returns the fields, and whether the node signed them', async () => {
      const response = await ao.request({ path: `/${process}~process@1.0/slot/current`, signer: null })
      const { message, signatures, problems } = await decodeReply(response)
      assert.equal(Number(message.body), Number((await ao.results({ process })).edges[0].cursor))
      assert.deepEqual(problems, [])
      if (!signs) return assert.deepEqual(signatures, [])
      assert.ok(signatures.length > 0 && signatures.every(({ valid }) => valid))
      assert.ok(signatures.some(({ address, covered }) => address && covered.includes('body')))
    })

    test('data items: each has a unique salt tag', async () => {
      const posts = sent.filter(({ body, headers }) => body && headers['codec-device'])
      const salts = posts.map(({ body }) => /salt.([\w-]{32})/s.exec(Buffer.from(body).toString('latin1'))?.[1])
      const written = salts.filter(Boolean)
      assert.ok(written.length > 8)
      assert.equal(new Set(written).size, written.length)
    })
  })
}
