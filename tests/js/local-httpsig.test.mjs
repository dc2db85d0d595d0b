// Signed HTTP messages to a local network: in place, in a worker, and behind a port.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { jwk } from './support/key.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { aoxide, root, subpath } from './support/package.mjs'

const { createLocalNetwork } = await subpath('local')
const { encodeRequest } = await subpath('httpsig')

const module = 'C'.repeat(42) + 'A'
const file = `${root}target/counter-process/counter_process.wasm`
const signer = aoxide.createSigner(jwk)
const usual = { 'Data-Protocol': 'ao', type: 'Message', variant: 'ao.N.1' }

/** A process, and how to send it a signed message in a dialect; `change` modifies the request on its way. */
async function counterAt(url, fetch, address) {
  const ao = aoxide.connect({ MU_URL: `${url}/mu`, CU_URL: `${url}/cu`, GATEWAY_URL: url, fetch })
  const process = await ao.spawn({ module, scheduler: address, signer })
  const at = `${url}/${process}~process@1.0`
  const send = async (fields, { dialect, data, change = () => {} } = {}) => {
    const message = { ...usual, target: process, ...fields }
    const request = await encodeRequest({
      url: `${at}/schedule`,
      method: 'POST',
      fields: message,
      data,
      signer,
      dialect
    })
    change(request)
    const { method, headers, body, id } = request
    const reply = await fetch(request.url, { method, headers, body })
    return { status: reply.status, id, body: JSON.parse(await reply.text()) }
  }
  const count = async () => Number(await (await fetch(`${at}/now/count`)).text())
  return { process, at, send, count }
}

async function suite({ url, fetch, address, check }) {
  const { process, at, send, count } = await counterAt(url, fetch, address)
  for (const [dialect, slot] of [
    ['2025-11', 1],
    ['2025-09', 2]
  ]) {
    const sent = await send({ Action: 'Increment', Amount: 2, nest: { a: [true] } }, { dialect, data: 'said' })
    assert.deepEqual([sent.status, sent.body.slot, sent.body.body.data], [200, slot, 'said'], JSON.stringify(sent.body))
    const { amount, nest } = sent.body.body
    assert.deepEqual([amount, nest], ['2', '{"a":[true]}'])
    assert.equal(await count(), slot * 2)
    // It has an id, and is not an item.
    const schedule = await (await fetch(`${at}/schedule?accept=application/aos-2`)).json()
    const { message } = schedule.edges[slot].node
    assert.deepEqual([message.Id, message.Signature], [sent.id, ''])
    assert.equal((await fetch(`${url}/${sent.id}?require-codec=ans104@1.0`)).status, 404)
  }
  const tampered = await send({ Action: 'Increment' }, { change: ({ headers }) => (headers.action = 'Get') })
  assert.equal(tampered.status, 400)
  assert.match(tampered.body.reason, /The HTTP message is not valid/)
  // The signature fits, but nodes ignore labels of other libraries, and take the message for unsigned.
  const relabelled = await send(
    { Action: 'Increment' },
    {
      change: ({ headers }) => {
        for (const name of ['signature', 'signature-input'])
          headers[name] = headers[name].replace(/comm-/g, 'http-sig-')
      }
    }
  )
  assert.equal(relabelled.status, 400)
  assert.match(relabelled.body.reason, /no signature by an RSA key whose label begins with "comm-"/)
  const cut = await send(
    { Action: 'Increment' },
    { data: 'said', change: (request) => (request.body = new Uint8Array([1])) }
  )
  assert.equal(cut.status, 400)
  const added = await send({ Action: 'Increment' }, { change: ({ headers }) => (headers.amount = '40') })
  assert.deepEqual([added.status, added.body.body.amount], [200, undefined])
  assert.equal(await count(), 5)
  assert.deepEqual(await check(), [])
  return process
}

describe('signed HTTP messages', { timeout: 120_000 }, () => {
  for (const worker of [false, true]) {
    test(`are accepted by a network ${worker ? 'in a worker' : 'in place'}`, async () => {
      const network = await createLocalNetwork({ modules: { [module]: readFileSync(file) }, worker })
      assert.equal(network.worker, worker)
      await suite({ url: network.url, fetch: network.fetch, address: network.address, check: () => network.check() })
      await network.close()
    })
  }

  test('are accepted on a port, and are there after a restart', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'aoxide-httpsig-'))
    const words = ['--port', '0', '--dir', dir, '--module', `${module}=${file}`]
    let net
    try {
      net = await startLocalnet(...words)
      assert.ok(net.url, net.stderr)
      const process = await suite({ url: net.url, fetch, address: net.address, check: async () => [] })
      await net.kill()
      net = await startLocalnet(...words)
      assert.equal(await (await fetch(`${net.url}/${process}~process@1.0/now/count`)).text(), '5')
      await net.stop()
      assert.ok(!net.events.some(({ what }) => what === 'damaged'))
    } finally {
      await net?.kill()
      await rm(dir, { recursive: true, force: true })
    }
  })

  test('a record that differs from what was signed is reported as damaged', async () => {
    const kept = new Map()
    const storage = {
      get: (name) => kept.get(name),
      insert: (name, bytes) => !kept.has(name) && kept.set(name, bytes) && true,
      put: (name, bytes) => void kept.set(name, bytes),
      remove: (name) => void kept.delete(name),
      names: (prefix) =>
        [...kept.keys()].filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/')).sort()
    }
    const network = await createLocalNetwork({ storage, modules: { [module]: readFileSync(file) } })
    const { send } = await counterAt(network.url, network.fetch, network.address)
    const { id } = await send({ Action: 'Increment' }, { data: 'said' })
    assert.deepEqual(await network.check(), [])
    const name = `http/${id}`
    const record = Buffer.from(kept.get(name))
    // The signed parts, and what is derived from them, each with a matching checksum.
    for (const [at, what] of [
      [record.lastIndexOf('said'), 'body'],
      [record.indexOf('Increment'), 'item']
    ]) {
      const changed = Buffer.from(record)
      changed[at] ^= 1
      const { crc32 } = await import('node:zlib')
      changed.writeUInt32LE(crc32(changed.subarray(4)))
      kept.set(name, new Uint8Array(changed))
      assert.deepEqual(
        (await network.check()).map((damaged) => damaged.name),
        [name],
        what
      )
    }
    await network.close()
  })
})

test('a client in mainnet mode sends signed messages to a network', { timeout: 120_000 }, async () => {
  const network = await createLocalNetwork({ modules: { [module]: readFileSync(file) } })
  const { process, count } = await counterAt(network.url, network.fetch, network.address)
  const ao = aoxide.connect({ MODE: 'mainnet', URL: network.url, signer, fetch: network.fetch })
  const reply = await ao.request({
    path: `/${process}~process@1.0/schedule`,
    method: 'POST',
    ...usual,
    Action: 'Increment'
  })
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('slot'), '1')
  assert.equal(await count(), 1)
  await network.close()
})
