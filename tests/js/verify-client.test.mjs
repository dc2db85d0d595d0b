// `follow` of a client, and `verify` of its reads, on recorded units and on a local network.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { index, replies } from './support/recorded-legacy.mjs'
import { moduleBytes, pinnedModule, recordedSources, resultOf, scheduleOf } from './support/recorded-units.mjs'

const { createLocalNetwork } = await subpath('local')
const { alice, bob } = index.processes
const signer = aoxide.createSigner(jwk)

let sources
let ao
let views

before(async () => void (sources = await recordedSources()))
after(() => sources.stop())
beforeEach(() => {
  sources.honest()
  sources.ends = {}
  ao = aoxide.connect(sources.urls)
  views = []
})

/** Follows a process of the recording. Its module is no item, so that the client must pin it. */
async function followed(process, options) {
  const view = await ao.follow(process, { ...pinnedModule, ...options })
  views.push(view)
  return view
}

/** Runs `use`, and returns what it returned and the requests that it made. */
async function requestsOf(use) {
  sources.requests.splice(0)
  const value = await use()
  return { value, requests: [...sources.requests] }
}

const without = (name, { [name]: _, ...rest }) => rest

/** A recorded dryrun of alice after the whole schedule, and its result. */
const recordedDryrun = (id) => {
  const { request, body } = replies.find((reply) => reply.id === id)
  const { Data, Tags, Owner, Anchor, Id } = JSON.parse(request.body)
  return { input: { process: alice, data: Data, tags: Tags, Owner, anchor: Anchor, Id }, result: JSON.parse(body) }
}

test('dryrun with verify: true returns the computed result, and the proof says that the unit agrees', async () => {
  await followed(alice)
  const { input, result } = recordedDryrun('cu-dry-eval')
  const { proof, ...computed } = await ao.dryrun({ ...input, verify: true })
  assert.deepEqual([proof.verified, proof.slot, proof.anchor, proof.unit], [true, 56, 'genesis', 'agrees'])
  assert.equal(proof.assignment, scheduleOf('alice')[56].node.assignment.id)
  assert.deepEqual(proof.unverifiable, [])
  assert.ok(proof.trusted.some(({ party, name }) => party === 'scheduler' && name === index.scheduler))
  assert.deepEqual(computed.Output, result.Output)
  assert.deepEqual(computed.Messages, result.Messages)
})

test('a second dryrun reads only what is new, and with verify: "local" no unit is asked', async () => {
  await followed(alice)
  const { input, result } = recordedDryrun('cu-dry-eval')
  await ao.dryrun({ ...input, verify: 'local' })
  const { value, requests } = await requestsOf(() => ao.dryrun({ ...input, verify: 'local' }))
  assert.deepEqual(value.Output, result.Output)
  assert.equal(value.proof.unit, 'not-asked')
  assert.equal(requests.length, 1, requests.join('\n'))
  assert.match(requests[0], /^GET \/su\/.*from-nonce=56/)
})

describe('a legacy client without SU_URL looks the scheduler unit up', () => {
  /** A client whose gateway names this scheduler, with this address. The public router does not answer. */
  const lookingUp = (locations) => {
    const { SU_URL, ...urls } = sources.urls
    const asked = []
    const fetch = async (url, init) => {
      if (String(url).startsWith('https://su-router')) {
        asked.push('router')
        return new Response('', { status: 404 })
      }
      const { query, variables } = /graphql/.test(url) ? JSON.parse(init.body) : {}
      const tags = locations[variables?.owners?.[0] ?? variables?.ids?.[0]]
      if (!tags || /signature/.test(query)) return globalThis.fetch(url, init)
      asked.push(Object.values(variables)[0][0])
      return Response.json({ data: { transactions: { edges: [{ node: { tags } }] } } })
    }
    return { client: aoxide.connect({ MODE: 'legacy', ...urls, fetch }), asked }
  }
  const named = { [alice]: [{ name: 'Scheduler', value: index.scheduler }] }

  test('at the router, then at the gateway', async () => {
    const located = { ...named, [index.scheduler]: [{ name: 'Url', value: `${sources.urls.SU_URL}/` }] }
    const { client, asked } = lookingUp(located)
    const view = await client.follow(alice, pinnedModule)
    views.push(view)
    assert.deepEqual(asked, ['router', alice, index.scheduler])
    const { verified, slot } = await view.advance({ to: 3 })
    assert.deepEqual([verified, slot], [true, 3])
  })

  test('an address that is not published is NOT_FOUND, and names what is missing', async () => {
    const { client } = lookingUp({ ...named, [index.scheduler]: [] })
    const error = await client.follow(alice, pinnedModule).catch((error) => error)
    assertAoError(error, 'NOT_FOUND')
    assert.match(error.message, new RegExp(`${index.scheduler}[^]*SU_URL`))
  })
})

test('the view of a client is opened once for calls that start together', async () => {
  const calls = [1, 2, 3].map(() => ao.result({ process: bob, message: bob, verify: 'local' }))
  const errors = await Promise.all(calls.map((call) => call.catch((error) => error)))
  // Nobody has pinned the module, and no signature belongs to it.
  for (const error of errors) assertAoError(error, 'VERIFY_MODULE')
  const asked = sources.requests.filter((request) => request === `GET /raw/${index.module}`)
  assert.ok(asked.length >= 1)
})

test('result with verify returns the recorded result by the id of the message and of the assignment', async () => {
  await followed(alice)
  for (const slot of [0, 1, 8, 26]) {
    const { message, assignment } = scheduleOf('alice')[slot].node
    for (const id of [message?.id, assignment.id].filter(Boolean)) {
      const { proof, ...computed } = await ao.result({ process: alice, message: id, verify: true })
      const recorded = JSON.parse(resultOf('alice', slot))
      assert.deepEqual(without('GasUsed', computed).Output, recorded.Output, `slot ${slot}`)
      assert.ok(['agrees', 'other-order', 'no-answer'].includes(proof.unit), proof.unit)
      assert.equal(proof.verified, true)
    }
  }
})

test('result with verify: a message that is not in the schedule is NOT_FOUND', async () => {
  await followed(bob)
  const call = ao.result({ process: bob, message: alice, verify: 'local' })
  await assert.rejects(call, { code: 'NOT_FOUND' })
})

test('result with verify and wait returns the result once the message is in the schedule', async () => {
  sources.ends.bob = 5
  await followed(bob)
  const { id } = scheduleOf('bob')[6].node.message
  const waiting = ao.result({ process: bob, message: id, verify: 'local', wait: true })
  setTimeout(() => (sources.ends = {}), 700)
  const { proof, Output } = await waiting
  assert.deepEqual(Output, JSON.parse(resultOf('bob', 6)).Output)
  assert.equal(proof.slot, 8)
})

test('results with verify: pages by slot in both orders, and cursors of a unit', async () => {
  await followed(bob)
  const cursors = async (range) => {
    const { edges, pageInfo, proof } = await ao.results({ process: bob, verify: 'local', ...range })
    assert.equal(proof.verified, true)
    for (const { node } of edges) assert.equal(node.proof.verified, true)
    return [edges.map(({ cursor }) => cursor).join(' '), pageInfo.hasNextPage]
  }
  assert.deepEqual(await cursors(), ['0 1 2 3 4 5 6 7 8', false])
  assert.deepEqual(await cursors({ limit: 3 }), ['0 1 2', true])
  assert.deepEqual(await cursors({ limit: 3, from: '2' }), ['3 4 5', true])
  assert.deepEqual(await cursors({ limit: 3, sort: 'DESC' }), ['8 7 6', true])
  assert.deepEqual(await cursors({ from: '6', to: '3', sort: 'DESC' }), ['5 4', false])
  assert.deepEqual(await cursors({ from: '8' }), ['', false])
  const { edges } = JSON.parse(replies.find(({ id }) => id === 'cu-bob-results-asc').body)
  assert.deepEqual(await cursors({ from: edges[5].cursor }), ['6 7 8', false])
  await assert.rejects(ao.results({ process: bob, verify: 'local', from: 'x' }), { code: 'BAD_ARGUMENT' })
})

test('stream with verify yields computed results with their proofs', async () => {
  await followed(bob)
  const seen = []
  for await (const { cursor, node } of ao.stream({ process: bob, verify: 'local', from: '5' })) {
    seen.push([cursor, node.proof.verified])
    if (cursor === '8') break
  }
  assert.deepEqual(seen, [
    ['6', true],
    ['7', true],
    ['8', true]
  ])
})

describe('a lie is an error, never a unit’s answer', () => {
  test('dryrun: a unit that changes one byte of Messages is MISMATCH, and its answer is not returned', async () => {
    await followed(alice)
    const { input } = recordedDryrun('cu-dry-outbox')
    const honest = await ao.dryrun({ ...input, verify: true })
    assert.ok(honest.Messages.length > 0)
    const [{ Target }] = honest.Messages
    sources.lies.unit = (text, path) => {
      if (!path.startsWith('/dry-run')) return text
      const lie = text.replace(`"Target":"${Target}"`, `"Target":"${Target.slice(0, -1)}_"`)
      assert.notEqual(lie, text)
      return lie
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      const error = await ao.dryrun({ ...input, verify: true }).catch((error) => error)
      assertAoError(error, 'MISMATCH')
      assert.deepEqual([error.details.slot, error.details.member], [56, 'Messages'])
    }
    // Nobody asks the unit, so its lie is not seen, and does not matter.
    const local = await ao.dryrun({ ...input, verify: 'local' })
    assert.deepEqual(local.Messages, honest.Messages)
  })

  test('result: a unit that changes one byte of Messages is MISMATCH', async () => {
    await followed(alice)
    const slot = scheduleOf('alice').findIndex((_, slot) => resultOf('alice', slot)?.includes('"Messages":[{'))
    const { id } = scheduleOf('alice')[slot].node.message
    sources.lies.unit = (text) => text.replace(/"Data":"./, '"Data":"~')
    const error = await ao.result({ process: alice, message: id, verify: true }).catch((error) => error)
    assertAoError(error, 'MISMATCH')
    assert.equal(error.details.slot, slot)
  })

  test('dryrun: a scheduler that leaves a slot out is VERIFY_GAP, although the unit would answer', async () => {
    sources.lies.schedule = (edges) => edges.toSpliced(20, 1)
    await followed(alice)
    const { input } = recordedDryrun('cu-dry-eval')
    const { value, requests } = await requestsOf(() => ao.dryrun({ ...input, verify: true }).catch((error) => error))
    assertAoError(value, 'VERIFY_GAP')
    assert.ok(
      requests.every((request) => !request.includes('/cu/')),
      requests.join('\n')
    )
    sources.honest()
    assert.equal((await ao.dryrun({ ...input, verify: true })).proof.verified, true)
  })

  test('a unit that refuses dryruns takes nothing away: the proof says no-answer', async () => {
    await followed(alice)
    const { proof } = await ao.dryrun({ process: alice, data: 'return 6 * 7', tags: [], verify: true })
    assert.deepEqual([proof.verified, proof.unit], [true, 'no-answer'])
  })
})

describe('arguments', () => {
  for (const verify of ['yes', 1, {}, 'true'])
    test(`verify: ${JSON.stringify(verify)} is BAD_ARGUMENT`, async () => {
      await assert.rejects(ao.dryrun({ process: alice, verify }), { code: 'BAD_ARGUMENT' })
    })

  test('a process that is no id is BAD_ID or BAD_ARGUMENT', async () => {
    for (const process of ['abc', undefined, 7])
      await assert.rejects(ao.dryrun({ process, verify: true }), ({ code }) => /^BAD_(ID|ARGUMENT)$/.test(code))
  })

  test('verify: false is the unit’s answer, without a proof', async () => {
    const { input, result } = recordedDryrun('cu-dry-eval')
    assert.deepEqual(await ao.dryrun({ ...input, verify: false }), result)
  })
})

test('an aborted call rejects with the reason of the signal, and the next one answers', async () => {
  await followed(alice)
  const controller = new AbortController()
  const call = ao.dryrun({ process: alice, verify: 'local', signal: controller.signal })
  const began = performance.now()
  controller.abort('enough')
  await assert.rejects(call, (reason) => reason === 'enough')
  assert.ok(performance.now() - began < 200)
  assert.equal((await ao.dryrun({ process: alice, verify: 'local' })).proof.slot, 56)
})

test('a call after the view of follow was closed opens another one', async () => {
  const view = await followed(bob)
  await view.advance()
  await view.close()
  // The client does not know what was pinned.
  await assert.rejects(ao.dryrun({ process: bob, verify: 'local' }), { code: 'VERIFY_MODULE' })
  await followed(bob)
  assert.equal((await ao.dryrun({ process: bob, verify: 'local' })).proof.slot, 8)
})

test('requests of a view go through the fetch and the hooks of the client', async () => {
  const [fetched, sent, received] = [[], [], []]
  const hooked = aoxide.connect({
    ...sources.urls,
    fetch: (url, init) => (fetched.push(String(url)), fetch(url, init)),
    onRequest: ({ url }) => sent.push(url),
    onResponse: ({ url, status }) => received.push([url, status])
  })
  await hooked.follow(bob, pinnedModule)
  await hooked.dryrun({ process: bob, verify: 'local' })
  assert.ok(fetched.some((url) => url.startsWith(sources.urls.SU_URL)))
  assert.deepEqual(sent, fetched)
  assert.deepEqual(received.map(([url]) => url).sort(), [...fetched].sort())
  assert.ok(received.every(([, status]) => status === 200))
})

describe('local mode', () => {
  let network
  let here
  before(async () => {
    network = await createLocalNetwork({ keyType: 'rsa' })
    here = aoxide.connect({ MODE: 'local', network, modules: { [index.module]: new Uint8Array(moduleBytes) } })
  })
  after(() => network.close())

  test('answers of a local network are verified, and the unit agrees', async () => {
    const process = await here.spawn({ module: index.module, signer })
    const evaluate = (data) => here.send({ process, signer, data, tags: [{ name: 'Action', value: 'Eval' }] })
    await evaluate('Count = 41')
    const sent = await evaluate('Count = Count + 1; return Count')
    assert.equal(sent.Output.data, '42')
    const { proof, Output } = await here.result({ process, message: sent.id, verify: true })
    assert.equal(Output.data, '42')
    assert.deepEqual([proof.verified, proof.slot, proof.unit], [true, 2, 'agrees'])
    assert.ok(proof.trusted.some(({ party, name }) => party === 'scheduler' && name === network.address))
    const preview = await here.dryrun({
      process,
      data: 'Count = Count + 1; return Count',
      tags: [{ name: 'Action', value: 'Eval' }],
      Owner: await aoxide.jwkToAddress(jwk),
      verify: true
    })
    assert.equal(preview.Output.data, '43')
    assert.ok(['agrees', 'other-order'].includes(preview.proof.unit), preview.proof.unit)
  })

  test('the view of follow stays open when the client has more views than it keeps', async () => {
    const [first, ...others] = await Promise.all(
      Array.from({ length: 10 }, () => here.spawn({ module: index.module, signer }))
    )
    const view = await here.follow(first)
    await view.advance()
    for (const process of others) assert.equal((await here.dryrun({ process, verify: 'local' })).proof.slot, 0)
    assert.equal((await view.proof()).slot, 0)
    await view.close()
  })

  test('mainnet: state with verify is what the process has published, computed from its messages', async () => {
    const process = await here.spawn({ module: index.module, signer })
    const data = "Send({ Target = ao.id, device = 'patch@1.0', balances = { alice = '7', bob = '3' } })"
    await here.send({ process, signer, data, tags: [{ name: 'Action', value: 'Eval' }] })
    const node = aoxide.connect({ MODE: 'mainnet', URL: 'http://localhost', fetch: network.fetch })
    const published = await node.state(process, { path: 'balances/alice' })
    // Its scheduler unit is named. The node's own schedule is followed in verify-node.test.mjs.
    const view = await node.follow(process, {
      ...pinnedModule,
      source: { scheduler: 'http://localhost/su', gateway: 'http://localhost' }
    })
    const { value, proof } = await node.state(process, { path: ['balances', 'alice'], verify: 'local' })
    assert.deepEqual([String(value), proof.verified, proof.slot], [String(published), true, 1])
    assert.equal(value, '7')
    const missing = node.state(process, { path: 'nothing', verify: 'local' })
    await assert.rejects(missing, { code: 'NOT_FOUND' })
    const earlier = node.state(process, { path: 'balances', slot: 0, verify: 'local' })
    await assert.rejects(earlier, { code: 'BAD_ARGUMENT' })
    await view.close()
  })

  test('send with verify returns the computed result', async () => {
    const process = await here.spawn({ module: index.module, signer })
    const { id, Output, proof } = await here.send({
      process,
      signer,
      data: 'return 6 * 7',
      tags: [{ name: 'Action', value: 'Eval' }],
      verify: true
    })
    assert.deepEqual([Output.data, id.length, proof.verified], ['42', 43, true])
  })
})
