// A fault inside the WebAssembly module rejects the pending calls. The next call works again.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { jwk } from './support/key.mjs'
import { aoxide, installed } from './support/package.mjs'

const file = (path) => import(pathToFileURL(`${installed}/${path}`).href)
const id = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'

/** Makes the module fail: there is no object at this address. */
async function trap() {
  const lib = await file('wasm/client.js')
  const exports = await lib.default()
  return exports.parseditem_fields(0x7ffffff0)
}

test('a fault in a microtask rejects the pending calls with CRASH, and the next call works', async () => {
  const { queueMicrotask } = await file('core.js')
  const answers = []
  const hanging = () => new Promise((resolve) => answers.push(resolve))
  const ao = aoxide.connect({ fetch: hanging })
  await aoxide.load()
  const calls = [ao.result({ process: id, message: id }), ao.dryrun({ process: id })]
  const ends = Promise.allSettled(calls)
  while (answers.length < 2) await sleep(1)

  const exports = await (await file('wasm/client.js')).default()
  queueMicrotask(() => exports.parseditem_fields(0x7ffffff0))
  for (const { status, reason } of await ends) {
    assert.equal(status, 'rejected')
    assert.ok(reason instanceof aoxide.AoError)
    assert.equal(reason.code, 'CRASH')
    assert.ok(reason.cause instanceof WebAssembly.RuntimeError)
  }

  const later = aoxide.connect({ fetch: async () => new Response('{"Output":"again"}') })
  assert.deepEqual(await later.result({ process: id, message: id }), { Output: 'again' })
  // The same connection and the same signer still work.
  const again = ao.result({ process: id, message: id })
  while (answers.length < 3) await sleep(1)
  // The responses to the earlier calls arrive late, and the new instance did not make those calls.
  for (const answer of answers) answer(new Response('{"Output":"late"}'))
  assert.deepEqual(await again, { Output: 'late' })
  await sleep(20)
})

test('a fault during a call rejects it with CRASH', async () => {
  const sends = []
  const fetch = async (url, init) => {
    sends.push(init.body)
    return new Response('{}')
  }
  const ao = aoxide.connect({ fetch })
  const signer = aoxide.createSigner(jwk)
  const first = await ao.message({ process: id, signer })
  const { run } = await file('signing.js')
  await assert.rejects(run(trap), { name: 'AoError', code: 'CRASH' })
  const second = await ao.message({ process: id, signer })
  assert.equal(sends.length, 2)
  assert.notEqual(second, first)
})

/** Rejects every pending call, as a fault does. */
const crash = async () => (await file('core.js')).report({ message: 'by a test' })

const network = () => {
  const requests = []
  const fetch = (url, init) => {
    requests.push({ url, body: init.body })
    return new Promise(() => {})
  }
  return { requests, fetch }
}
const until = async (condition) => {
  while (!condition()) await sleep(1)
}
const idOfItem = (raw) => createHash('sha256').update(raw.subarray(2, 514)).digest('base64url')

test('an error of a crash has the id of the signed item, and whether it was sent', async () => {
  const { requests, fetch } = network()
  const ao = aoxide.connect({ fetch })
  const node = aoxide.connect({
    MODE: 'mainnet',
    URL: 'https://node.test',
    dialect: 'current',
    signer: aoxide.createSigner(jwk),
    fetch
  })
  const signer = aoxide.createSigner(jwk)
  const signed = await ao.signMessage({ process: id, signer, data: 'signed before' })

  const sent = {
    message: ao.message({ process: id, signer, data: 'a' }),
    send: ao.send({ process: id, signer, data: 'b' }),
    monitor: ao.monitor({ process: id, signer }),
    sendSignedMessage: ao.sendSignedMessage(signed),
    'with a time limit': ao.message({ process: id, signer, data: 'c', timeout: 60_000 }),
    'mainnet message': node.message({ process: id, data: 'd' }),
    'mainnet request': node.request({ path: '/x', method: 'POST', data: 'e' }),
    'a signed read': node.result({ process: id, slot: 1, signedReads: true })
  }
  const nothing = {
    result: ao.result({ process: id, message: id }),
    dryrun: ao.dryrun({ process: id }),
    state: node.state(id),
    // The first request is the lookup of the module at the gateway.
    spawn: ao.spawn({ module: id, scheduler: id, signer }),
    'a wallet that thinks about it': ao.message({ process: id, signer: () => new Promise(() => {}) })
  }
  await until(() => requests.length === Object.keys(sent).length + Object.keys(nothing).length - 1)
  await crash()

  const ids = new Set()
  for (const [what, call] of Object.entries(sent)) {
    await assert.rejects(call, (error) => {
      assert.equal(error.code, 'CRASH', what)
      assert.deepEqual(Object.keys(error.details).sort(), ['id', 'sent'], what)
      assert.equal(error.details.sent, true, what)
      assert.match(error.message, /may have arrived/)
      ids.add(error.details.id)
      return true
    })
  }
  for (const [what, call] of Object.entries(nothing)) {
    await assert.rejects(call, (error) => {
      assert.deepEqual([error.code, error.details], ['CRASH', {}], what)
      assert.doesNotMatch(error.message, /may have arrived/)
      return true
    })
  }
  assert.equal(ids.size, Object.keys(sent).length)
  assert.ok(ids.has(signed.id))
  for (const { url, body } of requests) {
    // An HTTP message is not a data item.
    if (body instanceof Uint8Array && !url.endsWith('/x')) assert.ok(ids.has(idOfItem(body)), url)
  }
})

test('when the crash comes before sending, the error says that nothing was sent', async () => {
  const { fetch } = network()
  const signed = []
  const onSigned = (given) => {
    signed.push(given)
    // No request was made before the crash.
    crashing()
  }
  const { report } = await file('core.js')
  const crashing = () => report({ message: 'by a test' })
  const call = aoxide.connect({ fetch }).message({ process: id, signer: aoxide.createSigner(jwk), onSigned })
  await assert.rejects(call, (error) => {
    assert.deepEqual([error.code, error.details], ['CRASH', { id: signed[0], sent: false }])
    return true
  })
})

test('when the crash comes while a result is awaited, the error has the id of the message', async () => {
  let posted
  const fetch = async (url, init) => {
    if (init.method !== 'POST') return new Promise(() => {})
    posted = init.body
    return new Response('{}')
  }
  const stages = []
  const call = aoxide.connect({ fetch }).send({
    process: id,
    signer: aoxide.createSigner(jwk),
    onProgress: ({ stage }) => stages.push(stage)
  })
  const ends = assert.rejects(call, (error) => {
    assert.deepEqual([error.code, error.details], ['CRASH', { id: idOfItem(posted), sent: true }])
    return true
  })
  await until(() => stages.includes('sent'))
  await sleep(20)
  await crash()
  await ends
})
