// Units, gateways and stores that lie, made of recordings of real units. Each lie ends in its own code, never in
// `verified: true`, also after a reload. Without the lie the same view goes on.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { checkpoint, forger, rescheduled, resigned } from './support/forged.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { index, itemOf } from './support/recorded-legacy.mjs'
import { moduleBytes, pinnedModule, recordedSources, scheduleOf } from './support/recorded-units.mjs'

const { follow } = await subpath('verify')
const { AoError } = aoxide
const { alice, bob } = index.processes
const last = { alice: 56, bob: 8 }

let sources
before(async () => void (sources = await recordedSources()))
after(() => sources.stop())
beforeEach(() => {
  sources.honest()
  sources.ends = {}
  sources.items.clear()
})

/** A storage that tests can look into. */
function records() {
  const map = new Map()
  return {
    map,
    get: (name) => map.get(name),
    insert: (name, bytes) => !map.has(name) && !!map.set(name, bytes),
    put: (name, bytes) => void map.set(name, bytes),
    remove: (name) => void map.delete(name),
    names: (prefix) => [...map.keys()].filter((name) => name.startsWith(prefix)).sort()
  }
}

/** Opens a view, uses it, and closes it. */
async function withView(process, options, use) {
  const { trust, ...rest } = options
  const view = await follow(process, {
    source: sources.source,
    ...pinnedModule,
    ...rest,
    trust: { ...pinnedModule.trust, ...trust }
  })
  try {
    return await use(view)
  } finally {
    await view.close()
  }
}

const advanced = (process, options = {}) => withView(process, options, (view) => view.advance())

/** The error that a promise rejects with. */
async function errorOf(promise) {
  const outcome = await promise.then(
    (value) => assert.fail(`it resolved with ${JSON.stringify(value)?.slice(0, 300)}`),
    (error) => error
  )
  assert.ok(outcome instanceof AoError, String(outcome?.stack))
  return outcome
}

/**
 * A schedule is told honestly up to slot 30, and the view is kept. Then comes the lie, which must end in `code`; again after a
 * reload; and without the lie, the kept view goes on to the end.
 */
async function assertRefused(code, lie, { slot, end = 30, upTo = 39 } = {}) {
  const storage = records()
  sources.ends.alice = end
  await withView(alice, { storage }, async (view) => {
    if (end > 0) assert.equal((await view.advance()).verified, true)
    sources.ends = {}
    Object.assign(sources.lies, lie)
    const error = await errorOf(view.advance())
    assert.equal(error.code, code, error.message)
    if (slot !== undefined) assert.equal(error.details.slot, slot)
    // A view that was lied to has what was verified before the lie, and nothing else.
    assert.equal(view.slot, upTo)
  })
  const again = await errorOf(advanced(alice, { storage }))
  assert.equal(again.code, code, again.message)
  sources.honest()
  const proof = await advanced(alice, { storage })
  assert.deepEqual([proof.verified, proof.slot], [true, last.alice])
}

/** A lie about one entry of the schedule. */
const about = (slot, change) => ({
  schedule: (edges) => {
    change(edges[slot].node, edges)
    return edges
  }
})

const tag = (signed, name) => signed.tags.find((tag) => tag.name === name)

describe('the scheduler', () => {
  const lies = {
    'reorders two slots': ['VERIFY_GAP', { schedule: (edges) => edges.with(40, edges[41]).with(41, edges[40]) }],
    'leaves a slot out': ['VERIFY_GAP', { schedule: (edges) => edges.toSpliced(40, 1) }],
    'repeats a slot': ['VERIFY_GAP', { schedule: (edges) => edges.toSpliced(40, 0, edges[39]) }],
    'changes data': ['VERIFY_SIGNATURE', about(40, ({ message }) => (message.data += ' '))],
    'changes a tag': ['VERIFY_SIGNATURE', about(40, ({ message }) => (message.tags.at(-1).value += '!'))],
    'adds a tag': ['VERIFY_SIGNATURE', about(40, ({ message }) => message.tags.push({ name: 'X', value: 'y' }))],
    'changes an anchor': [
      'VERIFY_SIGNATURE',
      about(40, ({ message }) => (message.anchor = '0123456789abcdef0123456789abcdef'))
    ],
    'changes the sender': [
      'VERIFY_SIGNATURE',
      about(40, ({ message }) => (message.owner = scheduleOf('bob')[2].node.assignment.owner))
    ],
    'changes a timestamp': [
      'VERIFY_SIGNATURE',
      about(40, ({ assignment }) => (tag(assignment, 'Timestamp').value = '1795702999999'))
    ],
    'changes a block height': [
      'VERIFY_SIGNATURE',
      about(40, ({ assignment }) => (tag(assignment, 'Block-Height').value = '000001600099'))
    ],
    'changes the anchor of an assignment': [
      'VERIFY_SIGNATURE',
      about(40, ({ assignment }) => (assignment.anchor = scheduleOf('alice')[41].node.assignment.anchor))
    ],
    'puts another message into a slot': [
      'VERIFY_MESSAGE',
      about(40, (node, edges) => (node.message = edges[41].node.message))
    ],
    'continues with another process': [
      'VERIFY_PROCESS',
      { schedule: (edges) => edges.map((edge, slot) => (slot > 29 ? scheduleOf('bob')[slot % 9] : edge)) },
      29
    ],
    'ends a page with an old slot': ['VERIFY_GAP', { schedule: (edges) => edges.slice(0, 45).concat(edges[3]) }, 44]
  }

  for (const [what, [code, lie, upTo]] of Object.entries(lies))
    test(`${what}: ${code}, again after a reload, and the kept view goes on with the truth`, () =>
      assertRefused(code, lie, { upTo }))

  test('changes the very first slot: VERIFY_SIGNATURE, and nothing is kept', () =>
    assertRefused(
      'VERIFY_SIGNATURE',
      about(0, ({ message }) => (message.tags[0].value = 'no')),
      { end: 0, slot: 0, upTo: -1 }
    ))

  test('signs an assignment with another key: VERIFY_SCHEDULER', async () => {
    const assignment = await resigned(scheduleOf('alice')[40].node.assignment)
    await assertRefused(
      'VERIFY_SCHEDULER',
      about(40, (node) => (node.assignment = assignment)),
      { slot: 40 }
    )
  })

  test('hides the key that it signed with: VERIFY_SIGNATURE', async () => {
    const assignment = await resigned(scheduleOf('alice')[40].node.assignment)
    const { owner } = scheduleOf('alice')[40].node.assignment
    const lie = about(40, (node) => (node.assignment = { ...assignment, owner }))
    await assertRefused('VERIFY_SIGNATURE', lie, { slot: 40 })
  })

  describe('whose key is known', () => {
    const trust = { scheduler: forger }

    test('an honest one is believed', async () => {
      const edges = await rescheduled('alice', 6)
      sources.lies.schedule = () => edges
      const proof = await advanced(alice, { trust })
      assert.deepEqual([proof.verified, proof.slot], [true, 5])
      assert.ok(proof.trusted.some(({ party, name }) => party === 'scheduler' && name === forger))
    })

    test('a break of the hash chain: VERIFY_CHAIN', async () => {
      const edges = await rescheduled('alice', 6, (slot) => (slot === 4 ? { 'Hash-Chain': alice } : {}))
      sources.lies.schedule = () => edges
      const error = await errorOf(advanced(alice, { trust }))
      assert.deepEqual([error.code, error.details.slot], ['VERIFY_CHAIN', 4])
    })

    test('a break in the chain of an old process, at the last slot: not verified, and the proof says why', async () => {
      const old = { 'Block-Height': '000001300000' }
      for (const [count, breaks] of [
        [6, [5]],
        [6, [2, 5]],
        [6, [0]]
      ]) {
        const edges = await rescheduled('alice', count, (slot) =>
          breaks.includes(slot) ? { ...old, 'Hash-Chain': bob } : old
        )
        sources.lies.schedule = () => edges
        const { verified, slot, unverifiable } = await advanced(alice, { trust })
        assert.deepEqual([verified, slot], [false, 5])
        assert.deepEqual(unverifiable, [{ subject: 'chain', slot: breaks[0], count: breaks.length }])
      }
    })

    test('a history that was rewritten after the view was kept: VERIFY_CHAIN', async () => {
      const storage = records()
      const [first, second] = [await rescheduled('alice', 4), await rescheduled('alice', 8)]
      sources.lies.schedule = () => first
      assert.equal((await advanced(alice, { trust, storage })).slot, 3)
      sources.lies.schedule = () => second
      for (let reload = 0; reload < 2; reload++) {
        const error = await errorOf(advanced(alice, { trust, storage }))
        assert.deepEqual([error.code, error.details.slot], ['VERIFY_CHAIN', 4])
      }
    })
  })

  test('withholds the newest slots: the proof has their age, and HEAD_TOO_OLD with a limit', async () => {
    sources.ends.alice = 20
    const { age, slot, verified } = await advanced(alice)
    assert.deepEqual([slot, verified], [19, true])
    assert.ok(age > 0)
    const error = await errorOf(advanced(alice, { age: { refuse: 1000 } }))
    assert.equal(error.code, 'HEAD_TOO_OLD')
    assert.ok(error.details.age >= age)
    const { old } = await advanced(alice, { age: { warn: 1000 } })
    assert.equal(old, true)
  })
})

describe('the gateway', () => {
  /** The slots of alice whose bytes the schedule does not show. */
  const lossy = scheduleOf('alice').flatMap(({ node: { message } }, slot) =>
    message?.data?.includes('\ufffd') ? [{ slot, id: message.id }] : []
  )

  test('returns other bytes for a message that is not UTF-8: VERIFY_DATA', async () => {
    assert.ok(lossy.length > 0)
    const [{ id, slot }] = lossy
    sources.lies.item = (bytes, of) => (of === id ? Buffer.from([...bytes.subarray(1), 0xff]) : bytes)
    const error = await errorOf(advanced(alice))
    assert.equal(error.code, 'VERIFY_DATA', error.message)
    assert.equal(error.details.slot, slot)
    sources.honest()
    assert.equal((await advanced(alice)).verified, true)
  })

  test('returns other bytes for an assigned message: VERIFY_DATA', async () => {
    const assigned = scheduleOf('alice').find(({ node }) => node.message === null)
    const id = tag(assigned.node.assignment, 'Message').value
    sources.lies.item = (bytes, of) => (of === id ? Buffer.from('another message') : bytes)
    const error = await errorOf(advanced(alice))
    assert.equal(error.code, 'VERIFY_DATA', error.message)
  })

  test('returns another process, where the scheduler does not show it whole: VERIFY_DATA', async () => {
    sources.lies.schedule = (edges) => {
      edges[0].node.message.data = '\ufffd'
      return edges
    }
    // The item does not have such data.
    const shown = await errorOf(advanced(alice))
    assert.ok(['VERIFY_DATA', 'VERIFY_SIGNATURE'].includes(shown.code), `${shown.code}: ${shown.message}`)
    sources.lies.item = (bytes, of) => (of === alice ? Buffer.from(itemOf(bob)) : bytes)
    const error = await errorOf(advanced(alice))
    assert.equal(error.code, 'VERIFY_DATA', error.message)
  })

  test('returns another module: VERIFY_MODULE, also when the hash is pinned', async () => {
    const other = new Uint8Array(moduleBytes)
    other[other.length - 1] ^= 1
    const source = { source: sources.source }
    const unpinned = await errorOf(follow(alice, source).then((view) => view.advance()))
    assert.equal(unpinned.code, 'VERIFY_MODULE', unpinned.message)
    const given = await errorOf(advanced(alice, { module: other }))
    assert.equal(given.code, 'VERIFY_MODULE', given.message)
    sources.lies.item = (bytes, of) => (of === index.module ? Buffer.from(other) : bytes)
    const fetched = await errorOf(
      follow(alice, { ...source, trust: pinnedModule.trust }).then((view) => view.advance())
    )
    assert.equal(fetched.code, 'VERIFY_MODULE', fetched.message)
  })
})

describe('checkpoints', () => {
  const memory = Buffer.alloc(1 << 20, 7)

  /** Offers a checkpoint by the forger, and follows with this trust. */
  async function offered(trust, changes = {}, slot = 5) {
    const made = await checkpoint('alice', slot, memory, changes)
    sources.items.set(made.id, made.raw)
    return errorOf(advanced(alice, { trust: typeof trust === 'function' ? trust(made) : trust }))
  }
  const byForger = { checkpoints: [forger] }

  test('of a signer who is not trusted: NO_CHECKPOINT or VERIFY_CHECKPOINT, whatever the gateway lists', async () => {
    const { code } = await offered({ checkpoints: [index.cu] })
    assert.equal(code, 'VERIFY_CHECKPOINT')
    sources.items.clear()
    const none = await errorOf(advanced(alice, { trust: byForger }))
    assert.equal(none.code, 'NO_CHECKPOINT')
  })

  const forgeries = {
    'of another process': { Process: bob },
    'of another module': { Module: bob },
    'whose memory is another': { 'SHA-256': '00'.repeat(32) },
    'that is no checkpoint': { Type: 'Message' },
    'without a slot': { Nonce: 'five' }
  }
  for (const [what, changes] of Object.entries(forgeries))
    test(`${what}: VERIFY_CHECKPOINT`, async () => {
      const { code, message } = await offered(byForger, changes)
      // The list of the gateway may leave it out.
      assert.ok(code === 'VERIFY_CHECKPOINT' || (code === 'NO_CHECKPOINT' && 'Nonce' in changes), `${code}: ${message}`)
    })

  test('whose assignment is not that of the schedule: VERIFY_CHAIN or VERIFY_CHECKPOINT', async () => {
    const { code, message } = await offered(byForger, { Assignment: bob })
    assert.ok(['VERIFY_CHAIN', 'VERIFY_CHECKPOINT', 'BAD_SNAPSHOT'].includes(code), `${code}: ${message}`)
  })

  test('pinned with another hash: VERIFY_CHECKPOINT', async () => {
    const { code } = await offered(({ id }) => ({ checkpoint: { id, sha256: '11'.repeat(32) } }))
    assert.equal(code, 'VERIFY_CHECKPOINT')
  })
})

describe('the store', () => {
  /** A store with a view of bob, at slot 3 and at slot 8. */
  async function stores() {
    const storage = records()
    sources.ends.bob = 4
    await advanced(bob, { storage })
    const old = new Map(storage.map)
    sources.ends = {}
    assert.equal((await advanced(bob, { storage })).slot, last.bob)
    return { storage, old, newest: new Map(storage.map) }
  }

  test('damaged in any record: VIEW_DAMAGED, also after a reload', async () => {
    const { storage, newest } = await stores()
    assert.ok(newest.size > 0)
    for (const [name, bytes] of newest)
      for (const place of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
        const damaged = Uint8Array.from(bytes)
        damaged[place] ^= 1
        storage.map.set(name, damaged)
        for (let reload = 0; reload < 2; reload++) {
          const { code, message } = await errorOf(advanced(bob, { storage }))
          assert.ok(['VIEW_DAMAGED', 'VIEW_ROLLED_BACK'].includes(code), `${name} ${place}: ${code} ${message}`)
        }
        storage.map.set(name, bytes)
      }
    assert.equal((await advanced(bob, { storage })).verified, true)
  })

  test('with an older view in place of the newest: VIEW_ROLLED_BACK', async () => {
    const { storage, old, newest } = await stores()
    const views = [...newest.keys()].filter((name) => newest.get(name).length > 1000)
    assert.ok(views.length > 0)
    for (const name of views) storage.map.set(name, old.get(name) ?? new Uint8Array())
    const { code } = await errorOf(advanced(bob, { storage }))
    assert.equal(code, 'VIEW_ROLLED_BACK')
    for (const name of views) storage.map.delete(name)
    assert.equal((await errorOf(advanced(bob, { storage }))).code, 'VIEW_ROLLED_BACK')
  })

  test('rolled back as a whole: an older true state, which the signed schedule brings up to date', async () => {
    const { storage, old } = await stores()
    storage.map.clear()
    for (const [name, bytes] of old) storage.map.set(name, bytes)
    const { slot, verified } = await advanced(bob, { storage })
    assert.deepEqual([slot, verified], [last.bob, true])
  })

  test('with the view of another process: VIEW_DAMAGED', async () => {
    const { storage, newest } = await stores()
    for (const [name, bytes] of newest) storage.map.set(name.replace(bob, alice), bytes)
    const { code } = await errorOf(advanced(alice, { storage }))
    assert.equal(code, 'VIEW_DAMAGED')
  })

  test('an exported view in which one byte was changed: VIEW_DAMAGED', async () => {
    const bytes = await withView(bob, {}, async (view) => (await view.advance(), view.export()))
    const proof = await advanced(bob, { view: bytes })
    assert.deepEqual([proof.verified, proof.slot], [true, last.bob])
    assert.ok(proof.trusted.some(({ party }) => party === 'kept-view'))
    bytes[bytes.length >> 1] ^= 1
    assert.equal((await errorOf(advanced(bob, { view: bytes }))).code, 'VIEW_DAMAGED')
  })
})
