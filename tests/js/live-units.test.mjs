// Spawns a process, sends messages and reads results on live units, through aoconnect and through aoxide. The results must
// be equal.
//
// The units are those of wao, an independent implementation. Its scheduler unit returns empty messages, and its messenger
// unit does not support assignments. Only requests-compared.test.mjs compares those.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jwk } from './support/key.mjs'
import { aoxide } from './support/package.mjs'
import { startPatchedUnits } from './support/patched-units.mjs'
import { json } from './support/replies.mjs'

const units = await startPatchedUnits()
after(() => units.stop())

// The public router does not have these processes, and aoconnect reads GRAPHQL_URL when it is imported. So both are set
// before the import.
const native = globalThis.fetch
globalThis.fetch = async (url, init) =>
  String(url).startsWith('https://su-router.ao-testnet.xyz') ? json({ error: 'unknown' }, 404) : native(url, init)
process.env.GRAPHQL_URL = units.graphql
const { aoconnect, verifies } = await import('./support/peers.mjs')

const tag = (name, value) => ({ name, value })
const evaluate = [tag('Action', 'Eval')]
// Two handlers: one replies, one fails.
const lua = `
  Count = 0
  Handlers.add("Greet", "Greet", function (msg)
    Count = Count + 1
    Send({ Target = msg.From, Action = "Greeting", Count = tostring(Count), Data = "Hello, " .. msg.Data .. "!" })
    print("greeted " .. msg.Data)
  end)
  Handlers.add("Fail", "Fail", function () error("expected failure") end)
  return "ready"
`

const urls = { MU_URL: units.mu, CU_URL: units.cu, GATEWAY_URL: units.gateway }
const connected = {
  aoconnect: { ao: aoconnect.connect(urls), signer: aoconnect.createSigner(jwk) },
  aoxide: { ao: aoxide.connect(urls), signer: aoxide.createSigner(jwk) }
}

const processes = {}

/** Runs the same calls through both libraries, one after the other, each on its own process. */
async function both(run) {
  const outcome = {}
  for (const name of ['aoconnect', 'aoxide']) {
    outcome[name] = await run({ ...connected[name], process: processes[name], name })
  }
  return outcome
}

/** The comparable part of a result: the order of tags varies, and references and prompts count per process. */
function comparable(result) {
  // A result with an error has no other members.
  const { Output, Messages = [], Spawns = [], Error } = result
  const messages = Messages.map(({ Target, Data, Tags }) => ({
    Target,
    Data,
    Tags: Object.fromEntries(Tags.map(({ name, value }) => [name, value]))
  }))
  return { data: Output?.data, Messages: messages, Spawns, Error }
}

const same = ({ aoconnect, aoxide }) => assert.deepEqual(comparable(aoxide), comparable(aoconnect))
const send = async ({ ao, signer, process }, tags, data) => {
  const message = await ao.message({ process, signer, tags, data })
  return ao.result({ process, message })
}

describe('aoconnect and aoxide on live units', { timeout: 120_000 }, () => {
  test('spawn creates a process', async () => {
    const { module, scheduler, authority } = units
    const tags = [tag('Authority', authority), tag('Name', 'greeter')]
    Object.assign(processes, await both(({ ao, signer }) => ao.spawn({ module, scheduler, signer, tags })))
    for (const id of Object.values(processes)) assert.match(id, /^[\w-]{43}$/)
    assert.notEqual(processes.aoconnect, processes.aoxide)
  })

  test('message: the process evaluates code, and result returns the output', async () => {
    const results = await both((each) => send(each, evaluate, lua))
    same(results)
    assert.equal(results.aoxide.Output.data, 'ready')
    assert.deepEqual(results.aoxide.Messages, [])
  })

  test('a message gets its reply', async () => {
    const results = await both((each) => send(each, [tag('Action', 'Greet')], 'Wörld'))
    same(results)
    const [{ Data, Tags }] = results.aoxide.Messages
    assert.equal(Data, 'Hello, Wörld!')
    assert.ok(Tags.some(({ name, value }) => name === 'Count' && value === '1'))
  })

  test('a message that fails has an error in its result', async () => {
    const results = await both((each) => send(each, [tag('Action', 'Fail')], 'x'))
    same(results)
    assert.match(JSON.stringify(results.aoxide), /expected failure/)
  })

  test('dryrun does not change the state', async () => {
    const ask = ({ ao, process }) =>
      ao.dryrun({ process, tags: [tag('Action', 'Greet')], data: 'me', Owner: 'another-owner' })
    const first = await both(ask)
    same(first)
    assert.equal(first.aoxide.Messages[0].Target, 'another-owner')
    assert.equal(first.aoxide.Messages[0].Data, 'Hello, me!')
    same(await both(ask))
    const counted = await both((each) => send(each, evaluate, 'return tostring(Count)'))
    assert.equal(counted.aoxide.Output.data, '1')
    same(counted)
  })

  test("aoxide and aoconnect read each other's messages", async () => {
    const { aoconnect: theirs, aoxide: ours } = connected
    const process = processes.aoxide
    const message = await theirs.ao.message({ process, signer: ours.signer, tags: evaluate, data: 'return 6 * 7' })
    const results = [await ours.ao.result({ process, message }), await theirs.ao.result({ process, message })]
    assert.equal(results[0].Output.data, '42')
    assert.deepEqual(results[0], results[1])
  })

  test('results returns page after page', async () => {
    const process = processes.aoxide
    const pages = (options) =>
      Promise.all(['aoxide', 'aoconnect'].map((name) => connected[name].ao.results({ process, ...options })))
    const cursors = ({ edges }) => edges.map(({ cursor }) => cursor)
    for (const options of [{}, { limit: 2 }, { limit: 3, sort: 'DESC' }, { sort: 'ASC' }]) {
      const [ours, theirs] = await pages(options)
      assert.ok(ours.edges.length >= Math.min(options.limit ?? 4, 4), JSON.stringify(options))
      assert.deepEqual(cursors(ours), cursors(theirs))
      for (const [index, { node }] of theirs.edges.entries()) {
        // aoconnect drops unknown members (difference 14).
        assert.deepEqual(node, Object.fromEntries(Object.keys(node).map((key) => [key, ours.edges[index].node[key]])))
      }
    }
    const [all] = await pages({})
    const [rest] = await pages({ from: all.edges[0].cursor, to: all.edges[2].cursor })
    assert.deepEqual(cursors(rest), cursors(all).slice(1, 3))
  })

  test('a message that was signed before can be sent later', async () => {
    const results = await both(async ({ ao, signer, process }) => {
      const signed = await ao.signMessage({ process, signer, tags: evaluate, data: 'return "later"' })
      assert.ok(await verifies(signed.raw))
      assert.equal(await ao.sendSignedMessage(signed), signed.id)
      return ao.result({ process, message: signed.id })
    })
    same(results)
    assert.equal(results.aoxide.Output.data, 'later')
  })

  test('binary data and an anchor arrive unchanged', async () => {
    const data = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) % 256)
    const anchor = 'exactly thirty-two bytes, really'
    const tags = [tag('Action', 'Keep')]
    const ids = await both(({ ao, signer, process }) => ao.message({ process, signer, data, anchor, tags }))
    for (const id of Object.values(ids)) {
      const response = await fetch(`${units.gateway}/${id}`)
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), data)
    }
    same(await both((each) => send(each, evaluate, 'return Inbox[#Inbox].Anchor .. Inbox[#Inbox].Owner')))
  })

  test('monitor starts the cron messages of a process, and unmonitor stops them', async () => {
    const { module, scheduler, authority } = units
    const ids = await both(({ ao, signer }) => {
      const library = ao === connected.aoxide.ao ? aoxide : aoconnect
      const cron = library.serializeCron({ interval: '1-second', tags: [tag('Action', 'Tick')] })
      return ao.spawn({ module, scheduler, signer, tags: [tag('Authority', authority), ...cron] })
    })
    const length = async ({ ao, name }) => (await ao.results({ process: ids[name], limit: 100 })).edges.length
    const monitors = await both(({ ao, signer, name }) => ao.monitor({ process: ids[name], signer }))
    for (const id of Object.values(monitors)) assert.match(id, /^[\w-]{43}$/)
    await both(async (each) => {
      const begin = await length(each)
      for (let waited = 0; (await length(each)) <= begin; waited += 100) {
        assert.ok(waited < 20_000, `${each.name}: the clock does not tick`)
        await sleep(100)
      }
    })
    await both(({ ao, signer, name }) => ao.unmonitor({ process: ids[name], signer }))
    // A tick may have started before.
    await sleep(1_500)
    const stopped = await both(length)
    await sleep(2_000)
    assert.deepEqual(await both(length), stopped)
  })

  test('the scheduler is found through the gateway', async () => {
    const processId = processes.aoxide
    const range = { from: '0', to: String(Date.now() + 60_000), limit: '100' }
    const pages = await both(({ ao }) => ao.getMessages({ processId, ...range }))
    assert.deepEqual(pages.aoxide, pages.aoconnect)
    assert.ok(pages.aoxide.edges.length > 5)
    const single = await both(({ ao }) => ao.getMessageById({ processId, messageId: processId }))
    assert.deepEqual(single.aoxide, single.aoconnect)
  })

  test('spawn of an id that is not a module rejects', async () => {
    const { scheduler } = units
    const spawn = ({ ao, signer }) => ao.spawn({ module: processes.aoxide, scheduler, signer })
    await assert.rejects(spawn(connected.aoconnect), /Tag 'Type': value 'Module' was not found on module/)
    await assert.rejects(spawn(connected.aoxide), /Tag 'Type': value 'Module' was not found on module/)
  })

  test('result of an unknown process rejects with HTTP_STATUS', async () => {
    const unknown = Buffer.alloc(32, 7).toString('base64url')
    await assert.rejects(connected.aoxide.ao.result({ process: unknown, message: unknown }), (error) => {
      assert.ok(error instanceof aoxide.AoError)
      assert.equal(error.code, 'HTTP_STATUS')
      assert.equal(error.details.status, 404)
      return true
    })
  })
})
