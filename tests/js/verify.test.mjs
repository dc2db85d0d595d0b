// The light client follows the processes that were recorded from permaweb's units: in place, and in a worker.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { index } from './support/recorded-legacy.mjs'
import { moduleHash, pinnedModule, recordedSources, resultOf, scheduleOf } from './support/recorded-units.mjs'

const { follow } = await subpath('verify')
const { createLocalNetwork } = await subpath('local')
const { alice, child } = index.processes

let units
before(async () => void (units = await recordedSources()))
after(() => units.stop())
beforeEach(() => units.honest())

/** Follows a process of the recording, whose module is pinned. */
const open = (process, options) => follow(process, { source: units.source, ...pinnedModule, ...options })

/** The units, with the compute unit to compare with. */
const withUnit = () => ({ ...units.source, unit: units.urls.CU_URL })

/** A value without the order of Lua's tables: of members, of tags, and of members in text that is JSON. */
function unordered(value) {
  if (typeof value === 'string' && /^[[{]/.test(value)) return unordered(JSON.parse(value))
  if (Array.isArray(value)) {
    const list = value.map(unordered)
    return list.every((one) => one?.name) ? list.sort((one, other) => (one.name < other.name ? -1 : 1)) : list
  }
  if (typeof value !== 'object' || value === null) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, unordered(value[name])]))
}

function counted(list, key) {
  const counts = {}
  for (const one of list) counts[key(one)] = (counts[key(one)] ?? 0) + 1
  return counts
}

for (const worker of [false, true])
  describe(worker ? 'a view in a worker' : 'a view in place', () => {
    test('yields every slot as it is verified, with the recorded results', async () => {
      const view = await open(alice, { worker, source: withUnit() })
      assert.equal(view.worker, worker)
      assert.equal(view.slot, -1)
      const reports = []
      for await (const report of view.slots()) reports.push(report)
      assert.deepEqual(
        reports.map(({ slot }) => slot),
        scheduleOf('alice').map((_, slot) => slot)
      )
      let compared = 0
      for (const { slot, outcome, result } of reports) {
        const text = resultOf('alice', slot)
        if (!text || outcome === 'skipped') continue
        const recorded = JSON.parse(text)
        assert.deepEqual(unordered(result.Messages), unordered(recorded.Messages), `slot ${slot}`)
        compared++
      }
      assert.ok(compared > 45, `${compared}`)
      const outcomes = counted(reports, ({ outcome }) => outcome)
      assert.ok(outcomes.ok > 40 && outcomes.error > 0 && outcomes.skipped === 4, JSON.stringify(outcomes))
      assert.deepEqual(reports[0].checks, ['assignment', 'order', 'message', 'evaluation'])
      assert.equal(reports[1].action, 'Eval')
      assert.equal(view.slot, 56)
      const proof = await view.advance()
      const { verified, slot, anchor, unit, unverifiable, trusted, timestamp, age } = proof
      assert.deepEqual(
        { verified, slot, anchor, unverifiable },
        { verified: true, slot: 56, anchor: 'genesis', unverifiable: [] }
      )
      assert.match(unit, /^(agrees|other-order)$/)
      assert.equal(timestamp + age > Date.now() - 5000, true)
      assert.deepEqual(
        trusted.find(({ party }) => party === 'scheduler'),
        { party: 'scheduler', name: index.scheduler }
      )
      assert.ok(trusted.some(({ party, name }) => party === 'pinned' && name === moduleHash))
      await view.close()
    })

    test('a signal ends advance within 200 ms, and the view goes on from there', async () => {
      const view = await open(alice, { worker })
      const abort = new AbortController()
      let aborted
      const onProgress = ({ slot }) => {
        if (slot < 5 || aborted) return
        aborted = performance.now()
        abort.abort(new Error('enough'))
      }
      await assert.rejects(view.advance({ signal: abort.signal, onProgress }), { message: 'enough' })
      assert.ok(performance.now() - aborted < 200, `${performance.now() - aborted} ms`)
      assert.ok(view.slot >= 5 && view.slot < 56, `${view.slot}`)
      assert.equal((await view.advance()).slot, 56)
      await view.close()
    })

    test('dryruns and results have proofs, and a lie of the unit is a MISMATCH', async () => {
      units.lies.unit = () => JSON.stringify({ Messages: [{ Target: 'x' }], Output: '' })
      const view = await open(alice, { worker, source: withUnit() })
      await assert.rejects(view.advance({ to: 8 }), ({ code, details }) => code === 'MISMATCH' && details.slot === 8)
      assert.equal(view.slot, 8)
      const { proof, Output } = await view.dryrun({
        tags: [{ name: 'Action', value: 'Eval' }],
        data: 'return 6 * 7',
        from: index.user
      })
      assert.deepEqual([proof.slot, proof.unit, proof.verified], [8, 'not-asked', true])
      assert.equal(Output.data, '42')
      await assert.rejects(view.result(8), { code: 'MISMATCH' })
      const { proof: proved, ...computed } = await view.result(8, { unit: false })
      assert.equal(proved.unit, 'not-asked')
      assert.deepEqual(unordered(computed.Messages), unordered(JSON.parse(resultOf('alice', 8)).Messages))
      const { message } = scheduleOf('alice')[8].node
      const { proof: again, ...byId } = await view.result(message.id, { unit: false })
      assert.deepEqual([again.slot, byId], [8, computed])
      await assert.rejects(view.result(99), { code: 'NOT_FOUND' })
      await view.close()
      await assert.rejects(view.advance(), { code: 'STOPPED' })
    })
  })

test('a follow that was ended in the middle continues from its storage', async () => {
  const records = new Map()
  const storage = {
    get: (name) => records.get(name),
    insert: (name, bytes) => !records.has(name) && !!records.set(name, bytes),
    put: (name, bytes) => void records.set(name, bytes),
    remove: (name) => void records.delete(name),
    names: () => []
  }
  const view = await open(alice, { storage })
  for await (const { slot } of view.slots()) if (slot === 20) break
  await view.close()
  const again = await open(alice, { storage })
  assert.ok(again.slot >= 20 && again.slot < 56, `${again.slot}`)
  const first = again.slot + 1
  const slots = []
  for await (const { slot } of again.slots()) slots.push(slot)
  assert.equal(slots[0], first)
  assert.equal(slots.at(-1), 56)
  const { verified, trusted } = await again.proof()
  assert.ok(verified && trusted.some(({ party, name }) => party === 'kept-view' && name === first - 1))
  const bytes = await again.export()
  const other = await open(alice, { view: bytes })
  assert.equal(other.slot, 56)
  for (const one of [again, other]) await one.close()
})

test('the interpreter gives the same results as the own WebAssembly of the runtime', async () => {
  const results = []
  for (const engine of ['auto', 'wasmi']) {
    const view = await open(alice, { engine })
    const reports = []
    for await (const { slot, outcome, result } of view.slots({ to: 3 })) reports.push({ slot, outcome, result })
    results.push(reports)
    await view.close()
  }
  assert.equal(results[0].length, 4)
  assert.deepEqual(results[1], results[0])
})

test('a slow consumer of slots holds the view back', async () => {
  const view = await open(alice, { worker: true })
  const reports = view.slots()
  await reports.next()
  await sleep(1500)
  assert.ok(view.slot < 45, `${view.slot}`)
  let count = 1
  for await (const _ of reports) count++
  assert.equal(count, 57)
  await view.close()
})

test('requests of a view in a worker go through the fetch of the caller', async () => {
  const urls = []
  const own = (url, init) => {
    urls.push(String(url))
    return fetch(url, init)
  }
  const view = await open(child, { worker: true, fetch: own })
  assert.equal((await view.advance()).verified, true)
  assert.ok(urls.some((url) => url.includes('from-nonce=-1')) && urls.some((url) => url.endsWith('/graphql')))
  await view.close()
})

test('module that the caller passes is not fetched, and one that is left out is', async () => {
  for (const [options, isFetched] of [
    [{}, false],
    [{ module: undefined }, true]
  ]) {
    units.requests.splice(0)
    const view = await open(child, options)
    await view.advance()
    assert.equal(units.requests.includes(`GET /raw/${index.module}`), isFetched, units.requests.join())
    await view.close()
  }
})

describe('what a process publishes', () => {
  test('is read from the replay of a local network', async () => {
    const network = await createLocalNetwork({ modules: { [index.module]: pinnedModule.module } })
    const { fetch, SU_URL, GATEWAY_URL } = network.units
    const ao = aoxide.connect({ MODE: 'local', network })
    const signer = aoxide.createSigner(jwk)
    const process = await ao.spawn({ module: index.module, signer })
    const tags = [{ name: 'Action', value: 'Eval' }]
    const data = "Send({ device = 'patch@1.0', balances = { alice = '5', bob = '7' } })"
    await ao.send({ process, signer, data, tags })
    for (const worker of [false, true]) {
      const source = { scheduler: SU_URL, gateway: GATEWAY_URL }
      const view = await open(process, { source, fetch, worker })
      const { verified, slot } = await view.advance()
      assert.deepEqual([verified, slot, view.worker], [true, 1, worker])
      assert.equal(await view.read('balances.alice'), '5')
      assert.deepEqual(await view.read('balances'), { alice: '5', bob: '7' })
      await assert.rejects(view.read('balances.carol'), { code: 'NOT_FOUND' })
      await view.close()
    }
    await network.close()
  })

  test('is empty where nothing was published', async () => {
    const view = await open(child)
    await view.advance()
    await assert.rejects(view.read('balances.x'), { code: 'NOT_FOUND' })
    assert.deepEqual(await view.read(''), {})
    await view.close()
  })
})

for (const [what, change, code, slot] of [
  ['changed tag', ({ message }) => (message.tags[0].value += 'x'), 'VERIFY_SIGNATURE', 9],
  ['changed time', ({ assignment }) => (assignment.tags[5].value = '1'), 'VERIFY_SIGNATURE', 9],
  ['dropped slot', (_, edges) => edges.splice(9, 1), 'VERIFY_GAP', 10]
])
  test(`a ${what} in the schedule is refused with ${code}, after the slots before it`, async () => {
    units.lies.schedule = (edges) => {
      change(edges[9].node, edges)
      return edges
    }
    const view = await open(alice)
    await assert.rejects(view.advance(), (error) => error.code === code && error.details.slot === slot)
    assert.equal(view.slot, 8)
    assert.equal((await view.proof()).slot, 8)
    await view.close()
  })

test('arguments that are wrong are refused before anything is requested', async () => {
  const count = units.requests.length
  for (const [process, options, code] of [
    [7, {}, 'BAD_ARGUMENT'],
    ['abc', {}, 'BAD_ID'],
    [alice, { source: {} }, 'BAD_ARGUMENT'],
    [alice, { source: { node: 7 } }, 'BAD_ARGUMENT'],
    [alice, { storage: 'elsewhere' }, 'BAD_ARGUMENT'],
    [alice, { module: 'x' }, 'BAD_ARGUMENT'],
    [alice, { trust: { module: { sha256: 'abc' } } }, 'BAD_ARGUMENT'],
    [alice, { worker: true, storage: { get() {}, insert() {}, put() {}, remove() {}, names() {} } }, 'BAD_ARGUMENT']
  ])
    await assert.rejects(open(process, options), { code }, JSON.stringify(options))
  assert.equal(units.requests.length, count)
})

test('a view with an age limit refuses old slots, and warns of them', async () => {
  const view = await open(child, { age: { warn: 1 } })
  assert.equal((await view.advance()).old, true)
  await view.close()
  const strict = await open(child, { age: { refuse: 1 } })
  await assert.rejects(strict.advance(), { code: 'HEAD_TOO_OLD' })
  await strict.close()
})
