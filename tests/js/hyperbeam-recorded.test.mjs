// The verbs of mainnet mode against recordings of two real nodes: HyperBEAM of November 2025 and of September 2025. The
// recorded node answers only requests that the real one received.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide } from './support/package.mjs'
import { decode } from './support/peers.mjs'
import { nodes, recording, recordings, startNode } from './support/recorded-node.mjs'

const signer = aoxide.createSigner(jwk)
const bytesOf = (id) => Buffer.from(recording(id).reply.body, 'base64')
const processOf = (id) => recording(id).request.path.slice(1, 44)
const module = '-CY5dtdp9G8CpHN-yN0RFkRkITaqGO59PvAzN-JsrTs'
const tag = (name, value) => ({ name, value })
const action = (value) => [tag('Action', value)]
const lua = tag('execution-device', 'lua@5.3a')
const JSON_FORM = '?require-codec=application/json&accept-bundle=true'

/**
 * What the recorded Lua process publishes; its source is the recording `nov-cache-read`. Non-ASCII text in it is encoded
 * twice.
 */
const PUBLISHED = {
  text: 'plain text',
  int: 7,
  neg: -5,
  float: 1.5,
  yes: true,
  list: ['a', 'b', 3],
  map: { alice: '10', bob: 7 },
  nested: { a: { b: { c: 'bottom', n: 1 } } },
  utf8: Buffer.from('é ü €').toString('latin1'),
  lines: 'one\ntwo',
  bin: Uint8Array.of(0, 1, 255, 13, 10),
  blank: '',
  none: {},
  numtext: '0042',
  long: 'x'.repeat(5000),
  'Mixed-Case': 'mixed'
}
const KEPT = {
  half: 7,
  yes: true,
  list: [1, 2, 3],
  texts: ['a', 'b,c', 'd"e'],
  none: {},
  deep: { a: { b: { c: 'bottom', n: 1 } } },
  bin: PUBLISHED.bin
}
/** Results of the process's first messages, by slot. */
const RESULTS = { 1: 'One:first:2', 2: 'Two:second:3', 3: 'Three:third ü €:4' }
const luaResult = (data, outbox = {}) => {
  const output = { data, print: true, prompt: 'fixture> ' }
  return { Output: output, results: { outbox, output } }
}
const withoutRest = ({ Output, results }) => ({ Output, results })

for (const [name, date] of Object.entries(nodes))
  describe(`node of ${date}`, () => {
    let node
    before(async () => (node = await startNode(name)))
    after(() => node.close())
    const connect = (options) => aoxide.connect({ MODE: 'mainnet', URL: node.url, signer, ...options })
    const process = processOf(`${name}-push-one`)
    const genesis = processOf(`${name}-genesis-eval-2`)

    /**
     * Makes a call, and asserts that its requests were recorded. `also` lists requests that may be missing in the
     * recordings.
     */
    async function known(call, options, also = []) {
      const { length } = node.unknown
      const value = await call(connect(options)).catch((error) => {
        const unknown = node.unknown.slice(length)
        assert.deepEqual(
          unknown.filter((request) => !also.includes(request.split(':')[0])),
          []
        )
        throw error
      })
      assert.deepEqual(node.unknown.slice(length), [])
      return value
    }

    async function failure(call, code, pattern, { options, also } = {}) {
      let error
      await known(call, options, also).then(
        (value) => assert.fail(`gives ${JSON.stringify(value)}`),
        (thrown) => (error = thrown)
      )
      assertAoError(error, code)
      assert.match(error.message, pattern)
      return error
    }

    test('spawn: the item has no anchor and a unique tag', async () => {
      const items = []
      const onRequest = ({ body }) => body && items.push(decode(body))
      for (let round = 0; round < 2; round++) {
        const id = await known((ao) => ao.spawn({ module, tags: [lua] }), { onRequest })
        assert.equal(id, recording(`${name}-spawn-lua-anscodec`).item)
      }
      const salts = items.map(({ tags }) => tags.filter((each) => each.startsWith('salt=')).join())
      assert.match(salts[0], /^salt=[\w-]{32}$/)
      assert.notEqual(salts[0], salts[1])
      assert.ok(items.every(({ anchor }) => anchor === ''))
    })

    test("spawn: an unknown scheduler rejects with the node's error", async () => {
      const entry = recording(`${name}-spawn-other-scheduler`)
      const { headers, status } = entry.reply
      // The client requests another form of the response. The reply is the same in each.
      const fetch = async () => new Response(bytesOf(entry.id), { status, headers })
      const ao = connect({ fetch })
      await assert.rejects(ao.spawn({ module, scheduler: 'A'.repeat(43), tags: [lua] }), (error) => {
        assertAoError(error, 'BAD_RESPONSE')
        assert.match(error.message, /does not know the scheduler/)
        assert.doesNotMatch(error.message, /may have arrived/)
        return true
      })
    })

    test('message: resolves with the slot, or with the whole result', async () => {
      const given = { process, tags: action('Two'), data: 'second' }
      assert.equal(await known((ao) => ao.message(given)), 2)
      const whole = await known((ao) => ao.message({ ...given, opts: { fullResponse: true } }))
      assert.deepEqual(whole.Output, luaResult(RESULTS[2]).Output)
      assert.deepEqual(whole.Messages, [])
    })

    test('message: the result has the messages that the process sent', async () => {
      const target = processOf(`${name}-twice-before`)
      const tags = [...action('Ping'), tag('Reply-To', target)]
      const given = { process, tags, opts: { fullResponse: true } }
      const { Messages, results } = await known((ao) => ao.message(given))
      assert.deepEqual(Messages, [{ Target: target, Data: 'pong 6', Anchor: '', Tags: [tag('action', 'Pong')] }])
      assert.deepEqual(results.outbox, [{ target, action: 'Pong', data: 'pong 6' }])
    })

    test('message: an anchor is sent', async () => {
      const given = { process, tags: action('Two'), data: 'second', anchor: 'an anchor that is 32 bytes long.' }
      if (name === 'nov') return assert.equal(await known((ao) => ao.message(given)), 2)
      await failure((ao) => ao.message(given), 'HTTP_STATUS', /refuse|answer so to items that have an anchor/)
      const sent = []
      const ao = connect({ dialect: '2025-09', onRequest: (request) => sent.push(request) })
      await assert.rejects(ao.message(given), { code: 'UNSUPPORTED', message: /Leave `anchor` out/ })
      assert.equal(sent.length, 0)
    })

    test('schedule: resolves with the id and the slot', async () => {
      const { slot } = await known((ao) => ao.schedule(process, { tags: action('Sched') }))
      assert.equal(slot, JSON.parse(bytesOf(`${name}-schedule-post-json`)).slot)
    })

    test('slot: resolves with the newest slot', async () => {
      const { edges } = await known((ao) => ao.results({ process, from: '1', to: '3' }))
      assert.deepEqual(
        edges.map(({ cursor, node }) => [cursor, withoutRest(node)]),
        [['2', luaResult(RESULTS[2])]]
      )
    })

    for (const slot of [1, 2, 3])
      test(`result: returns the result of slot ${slot} and of no other`, async () => {
        const expected = { ...luaResult(RESULTS[slot]), Messages: [], Assignments: [], Spawns: [], Error: undefined }
        assert.deepEqual(await known((ao) => ao.result({ process, slot })), expected)
      })

    test('result: a slot that does not exist rejects', async () => {
      const call = (ao) => ao.result({ process, slot: 500 })
      const { details } = await failure(call, 'HTTP_STATUS', /^404: Requested slot not yet available in schedule/)
      assert.equal(details.status, 404)
    })

    test('results: pages through the slots', async () => {
      const { edges } = await known((ao) => ao.results({ process, from: '0', limit: 3, sort: 'ASC' }))
      assert.deepEqual(
        edges.map(({ cursor, node }) => [cursor, withoutRest(node)]),
        [1, 2, 3].map((slot) => [String(slot), luaResult(RESULTS[slot])])
      )
    })

    test('stream: yields the results in order', async () => {
      const seen = []
      // The schedule when it had three messages.
      const change = (entry) => (entry.id.endsWith('slot-current-bare') ? recording(`${name}-slot-current`) : entry)
      const fresh = await startNode(name, { change })
      try {
        const ao = aoxide.connect({ MODE: 'mainnet', URL: fresh.url })
        for await (const { cursor, node: result } of ao.stream({ process, from: '0' })) {
          seen.push([cursor, result.Output.data])
          if (seen.length === 3) break
        }
        assert.deepEqual(fresh.unknown, [])
      } finally {
        await fresh.close()
      }
      assert.deepEqual(seen, Object.entries(RESULTS))
    })

    test('send: returns the result of this message', async () => {
      const sent = await known((ao) => ao.send({ process, tags: action('Two'), data: 'second' }))
      assert.equal(sent.slot, 2)
      assert.deepEqual(withoutRest(sent), luaResult(RESULTS[2]))
    })

    describe('a response for another slot', () => {
      const changes = {
        header: ({ reply }) => ({ reply: { ...reply, headers: [...reply.headers, ['at-slot', '3']] } }),
        body: ({ reply }) => {
          const body = JSON.parse(Buffer.from(reply.body, 'base64'))
          Object.assign(body.body ?? body, { 'at-slot': 3 })
          return { reply: { ...reply, body: Buffer.from(JSON.stringify(body)).toString('base64') } }
        }
      }
      for (const [place, change] of Object.entries(changes))
        test(`is refused when the slot is in the ${place}`, async () => {
          const node = await startNode(name, { change })
          const ao = aoxide.connect({ MODE: 'mainnet', URL: node.url })
          try {
            await assert.rejects(ao.result({ process, slot: 2 }), {
              code: 'BAD_RESPONSE',
              message: /slot 3 in place of slot 2/
            })
            assert.ok((await ao.result({ process, slot: 3 })).Output)
          } finally {
            await node.close()
          }
        })
    })

    describe('state', () => {
      /** Reads that were recorded as JSON. */
      const reads = recordings.filter(
        ({ node, group, request }) =>
          node === date && ['state', 'patch'].includes(group) && request.path.endsWith(JSON_FORM)
      )
      for (const { id, request, reply } of reads) {
        const [, of, at, path = ''] = /^\/(.{43})~process@1\.0\/(now|compute)(?:&slot=\d+)?(?:\/(.*))?\?/.exec(
          request.path
        )
        const [, slot] = /compute&slot=(\d+)/.exec(request.path) ?? []
        const read = (ao) => ao.state(of, { path, ...(slot ? { slot } : { at }) })
        const [first, ...rest] = path.split('/')
        const kinds = first === 'kept' ? KEPT : PUBLISHED
        const expected = rest.reduce((value, key) => value?.[key], kinds)
        const only = path === 'cache' && /-patch-(.*)-(cache-jb|slot-\d)$/.exec(id)?.[1]
        // Binary state of several values cannot be read as one; an integer of 16 digits cannot be read at all.
        const isLost = reply.status !== 200 && !id.endsWith('kept.bin-jb')
        // Node.js refuses headers with newlines, and so every map that has such a text.
        const isRefused = id === 'sep-patch-lines-cache-jb'
        if (!isLost && !isRefused && !/^(kept|cache)/.test(first) && path !== '') continue
        test(`${id.slice(4)}: ${path || 'all'}`, async () => {
          if (isLost || isRefused) {
            // The request for JSON failed, and the value was not recorded in another form.
            const also = [`GET ${request.path.split('?')[0]}`]
            const { code, message, details } = await failure(read, undefined, /./, { also })
            assert.ok(['HTTP_NETWORK', 'HTTP_STATUS'].includes(code), code)
            assert.match(message, reply.status === 404 ? /There is nothing at/ : /answered, but this runtime refuses/)
            assert.ok(details.body)
            return
          }
          const value = await known(read)
          assert.deepEqual(value, only ? { [only]: PUBLISHED[only] } : expected)
        })
      }
      test('at least 30 recorded reads were tested', () => assert.ok(reads.length >= 30, `${reads.length}`))

      test('reads the newest slot that has a state', async () => {
        const last = await known((ao) => ao.state(process, { path: 'last' }))
        assert.deepEqual(last, { action: 'NoType', data: '1984', slot: 13 })
      })
    })

    describe('errors', () => {
      // The client refuses the recorded id: its last character has bits that no id has.
      const unknown = `${'B'.repeat(42)}A`
      const options = { fetch: (url, init) => fetch(url.replace(unknown, 'B'.repeat(43)), init) }

      test('an unknown process rejects', async () => {
        const call = (ao) => ao.result({ process: unknown, slot: 1 })
        await failure(call, 'HTTP_NETWORK', /answered.*necessary_message_not_found.*Check the id/s, { options })
      })

      test('an HTML page rejects with BAD_RESPONSE', async () => {
        const call = (ao) => ao.results({ process: unknown })
        // The recorded path contains the device.
        const longer = { fetch: (url, init) => options.fetch(url.replace('/slot', '~process@1.0/slot'), init) }
        const error = await failure(call, 'HTTP_STATUS', /500 without a reason/, { options: longer })
        assert.match(error.details.body, /^<!DOCTYPE/)
        assert.doesNotMatch(error.message, /</)
      })

      test('result: has an error when the process failed at the message', async () => {
        const process = processOf(`${name}-error-lua`)
        const { request } = recording(`${name}-error-lua-json`)
        const { reply } = recording(`${name}-error-lua-json`)
        const fetch = async () => new Response(Buffer.from(reply.body, 'base64'), { status: reply.status })
        const ao = connect({ fetch })
        assert.equal(request.path.slice(1, 44), process)
        await assert.rejects(ao.message({ process, tags: action('Boom') }), (error) => {
          assertAoError(error, 'HTTP_STATUS')
          assert.match(error.message, /answered 400 without a reason.*may have its slot all the same.*details\.id/s)
          assert.match(error.details.id, /^[\w-]{43}$/)
          return true
        })
      })
    })

    if (name === 'nov')
      describe('aos through genesis-wasm@1.0', () => {
        test('result: has the form of legacy units', async () => {
          const { Output, ...rest } = await known((ao) => ao.result({ process: genesis, slot: 2 }))
          assert.equal(Output.data, '42')
          assert.deepEqual(rest, {
            Messages: [],
            Assignments: [],
            Spawns: [],
            Error: undefined,
            Patches: [],
            GasUsed: 0
          })
          const failed = await known((ao) => ao.result({ process: genesis, slot: 3 }))
          assert.match(failed.Error, /oops/)
        })

        test('message and send: return the result', async () => {
          const given = { process: genesis, tags: action('Eval'), data: 'return 6 * 7' }
          const whole = await known((ao) => ao.message({ ...given, opts: { fullResponse: true } }))
          assert.equal(whole.Output.data, '42')
          const sent = await known((ao) => ao.send(given))
          assert.deepEqual([sent.slot, sent.Output.data], [2, '42'])
        })

        test('dryrun: sends no signature', async () => {
          const { Output, Messages } = await known((ao) => ao.dryrun({ process: genesis, tags: action('Info') }))
          assert.match(Output.data, /New Message From/)
          assert.deepEqual(Messages, [])
        })

        test('state: returns what the process published', async () => {
          const { cache } = await known((ao) => ao.state(genesis))
          const by = { alice: '10', bob: 7 }
          assert.deepEqual(cache, { by, list: ['a', 'b'], none: [], text: 'ü', total: 42 })
        })
      })
  })
