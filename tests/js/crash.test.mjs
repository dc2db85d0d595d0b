// A fault inside the WebAssembly module ends the calls under way, and nothing else: the next call works again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { jwk } from './support/key.mjs'
import { aoxide, installed } from './support/package.mjs'

const file = (path) => import(pathToFileURL(`${installed}/${path}`).href)
const id = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'

/** Runs the module into a wall: no object lies at this address. */
async function trap() {
  const lib = await file('wasm/aoxide.js')
  const exports = await lib.default()
  return exports.parseditem_fields(0x7ffffff0)
}

test('a fault in a task ends the calls under way with CRASH, and the next call works', async () => {
  const { queueMicrotask } = await file('tasks.js')
  const answers = []
  const hanging = () => new Promise((resolve) => answers.push(resolve))
  const ao = aoxide.connect({ fetch: hanging })
  await aoxide.load()
  const calls = [ao.result({ process: id, message: id }), ao.dryrun({ process: id })]
  const ends = Promise.allSettled(calls)
  while (answers.length < 2) await sleep(1)

  const exports = await (await file('wasm/aoxide.js')).default()
  queueMicrotask(() => exports.parseditem_fields(0x7ffffff0))
  for (const { status, reason } of await ends) {
    assert.equal(status, 'rejected')
    assert.ok(reason instanceof aoxide.AoError)
    assert.equal(reason.code, 'CRASH')
    assert.ok(reason.cause instanceof WebAssembly.RuntimeError)
  }

  const later = aoxide.connect({ fetch: async () => new Response('{"Output":"again"}') })
  assert.deepEqual(await later.result({ process: id, message: id }), { Output: 'again' })
  // The same connection and the same signer go on too.
  const again = ao.result({ process: id, message: id })
  while (answers.length < 3) await sleep(1)
  // Answers to the calls of before arrive late, at an instance that knows nothing of them.
  for (const answer of answers) answer(new Response('{"Output":"late"}'))
  assert.deepEqual(await again, { Output: 'late' })
  await sleep(20)
})

test('a fault in the middle of a call is a CRASH as well', async () => {
  const sends = []
  const fetch = async (url, init) => {
    sends.push(init.body)
    return new Response('{}')
  }
  const ao = aoxide.connect({ fetch })
  const signer = aoxide.createSigner(jwk)
  const first = await ao.message({ process: id, signer })
  const { run } = await file('load.js')
  await assert.rejects(run(trap), { name: 'AoError', code: 'CRASH' })
  const second = await ao.message({ process: id, signer })
  assert.equal(sends.length, 2)
  assert.notEqual(second, first)
})
