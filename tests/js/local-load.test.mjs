// The work per message does not grow with the history of a network. It is measured in accesses to the store, because times
// depend on the machine.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { lastResult, send, signRound, signSpawns, spawn } from './support/many-processes.mjs'
import { root, subpath } from './support/package.mjs'

const { createLocalNetwork } = await subpath('local')

const module = 'C'.repeat(42) + 'A'
const bytes = readFileSync(`${root}target/counter-process/counter_process.wasm`)
const PROCESSES = 30
const ROUNDS = 40

/** A store that counts calls, bytes that were read and written, and listed names. */
function countingStore() {
  const kept = new Map()
  const count = { calls: 0, bytes: 0, names: 0 }
  const called = (bytes) => {
    count.calls++
    count.bytes += bytes?.length ?? 0
  }
  const folder = (name) => name.slice(0, name.lastIndexOf('/') + 1)
  const inside = (name) => {
    if (!kept.has(folder(name))) kept.set(folder(name), new Map())
    return kept.get(folder(name))
  }
  const storage = {
    get(name) {
      const bytes = inside(name).get(name)
      called(bytes)
      return bytes
    },
    insert(name, bytes) {
      called(bytes)
      return !inside(name).has(name) && inside(name).set(name, bytes) && true
    },
    put(name, bytes) {
      called(bytes)
      inside(name).set(name, bytes)
    },
    remove(name) {
      called()
      inside(name).delete(name)
    },
    names(prefix) {
      called()
      const names = [...inside(prefix).keys()].sort()
      count.names += names.length
      return names
    }
  }
  return { storage, count }
}

/** The accesses of one round, per message. */
async function roundsOf(options, each = () => {}) {
  const { storage, count } = countingStore()
  const network = await createLocalNetwork({ storage, modules: { [module]: bytes }, ...options })
  const processes = await spawn(network, await signSpawns(network, module, PROCESSES))
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const items = await signRound(processes, { Action: 'Increment', Amount: '1' })
    Object.assign(count, { calls: 0, bytes: 0, names: 0 })
    await send(network, items)
    await each(network, processes)
    rounds.push(Object.fromEntries(Object.entries(count).map(([name, sum]) => [name, sum / PROCESSES])))
  }
  for (const process of [processes[0], processes.at(-1)])
    assert.equal((await lastResult(network, process)).Output.data, String(ROUNDS))
  await network.close()
  return rounds
}

function assertFlat(t, rounds) {
  const mean = (some, name) => some.reduce((sum, round) => sum + round[name], 0) / some.length
  const early = rounds.slice(ROUNDS / 4, ROUNDS / 2)
  const late = rounds.slice(-ROUNDS / 10)
  for (const name of ['calls', 'bytes', 'names']) {
    const [before, after] = [mean(early, name), mean(late, name)]
    t.diagnostic(`${name} per message: ${before.toFixed(1)} early, ${after.toFixed(1)} late`)
    assert.ok(after <= before * 1.1 + 1, `${name} per message grow from ${before} to ${after}`)
  }
  return mean(late, 'calls')
}

test('the store accesses of a message do not grow, with all processes in memory', { timeout: 300_000 }, async (t) => {
  const calls = assertFlat(t, await roundsOf({}))
  assert.ok(calls <= 20, `${calls} calls per message`)
})

test(
  'the store accesses of a message do not grow, with few processes in memory and parallel reads',
  { timeout: 300_000 },
  async (t) => {
    const read = async (network, processes) => {
      for (const process of processes.slice(0, 5)) {
        for (const path of [
          `/cu/results/${process}?limit=1&sort=DESC`,
          `/su/${process}/latest`,
          `/${process}/slot/current`
        ])
          assert.equal((await network.answer({ method: 'GET', path })).status, 200)
      }
    }
    assertFlat(t, await roundsOf({ liveMemory: 5e6 }, read))
  }
)
