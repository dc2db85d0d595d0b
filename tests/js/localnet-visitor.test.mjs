// The two `curl` commands of AO's documentation of processes, unchanged, against `npx aoxide localnet`.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { jwk } from './support/key.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { aoxide, root } from './support/package.mjs'

const module = 'C'.repeat(42) + 'A'
const counter = `${module}=${root}target/counter-process/counter_process.wasm`
const shell = async (command) => (await promisify(execFile)('sh', ['-c', command])).stdout

/** The command with the address and the id replaced. */
const commands = (url, process) => [
  `curl -X POST \\
             -H "Content-Type: application/json" \\
             -d '{"Action": "Increment"}' \\
             ${url}/${process}~process@1.0/schedule`,
  `curl ${url}/${process}~process@1.0/now`
]

async function withLocalnet(words, use) {
  const net = await startLocalnet('--port', '0', '--module', counter, ...words)
  assert.ok(net.url, net.stderr)
  try {
    await use(net)
  } finally {
    await net.stop()
  }
}

async function spawn(net) {
  const ao = aoxide.connect({ MODE: 'legacy', MU_URL: `${net.url}/mu`, CU_URL: `${net.url}/cu`, GATEWAY_URL: net.url })
  return ao.spawn({ module, scheduler: net.address, signer: aoxide.createSigner(jwk) })
}

/** The address of the signer of each message of a process. */
async function owners(net, process) {
  const page = await fetch(`${net.url}/${process}~process@1.0/schedule?accept=application/aos-2`)
  return (await page.json()).edges.map(({ node }) => node.message.Owner)
}

const post = (url, body, headers = { 'content-type': 'application/json' }) =>
  fetch(url, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

describe("the curl commands of AO's documentation", { timeout: 120_000 }, () => {
  test('change the count and read it', () =>
    withLocalnet([], async (net) => {
      const process = await spawn(net)
      const [increment, now] = commands(net.url, process)
      assert.equal(JSON.parse(await shell(now)).count, 0)
      for (const count of [1, 2]) {
        const scheduled = JSON.parse(await shell(increment))
        assert.deepEqual([scheduled.slot, scheduled.status, scheduled.body.action], [count, 200, 'Increment'])
        assert.equal(JSON.parse(await shell(now)).count, count)
      }
      const [owner, ...visitors] = await owners(net, process)
      assert.equal(owner, await aoxide.jwkToAddress(jwk))
      assert.equal(new Set(visitors).size, 1)
      assert.ok(![owner, net.address].includes(visitors[0]), 'a key that processes trust was used')
    }))

  test('are refused with --no-visitor, as real nodes refuse them', () =>
    withLocalnet(['--no-visitor'], async (net) => {
      const process = await spawn(net)
      const [increment, now] = commands(net.url, process)
      const refused = JSON.parse(await shell(increment))
      assert.equal(refused.status, 400)
      assert.match(refused.reason, /not signed/)
      assert.equal(JSON.parse(await shell(now)).count, 0)
    }))
})

describe("the visitor's key", { timeout: 120_000 }, () => {
  test('is kept in the folder, and no other user can read it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'aoxide-visitor-'))
    try {
      let process
      await withLocalnet(['--dir', dir], async (net) => {
        process = await spawn(net)
        assert.equal((await post(`${net.url}/${process}~process@1.0/schedule`, { Action: 'Increment' })).status, 200)
      })
      await withLocalnet(['--dir', dir], async (net) => {
        assert.equal((await post(`${net.url}/${process}~process@1.0/push`, { Action: 'Increment' })).status, 200)
        const [, first, second] = await owners(net, process)
        assert.equal(first, second)
        const file = join(dir, 'visitor.json')
        assert.equal(await aoxide.jwkToAddress(JSON.parse(await readFile(file, 'utf8'))), first)
        assert.equal((await stat(file)).mode & 0o077, 0)
      })
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

  test('signs fields of every type, and a request that is not a message is refused', () =>
    withLocalnet([], async (net) => {
      const process = await spawn(net)
      const at = `${net.url}/${process}~process@1.0/schedule`
      const fields = {
        Action: 'Increment',
        Amount: 2,
        yes: true,
        none: null,
        nest: { a: [1] },
        data: 'said',
        type: 'X'
      }
      const scheduled = await (await post(at, fields)).json()
      const { action, amount, yes, nest, data, type, target, commitments, ...rest } = scheduled.body
      assert.deepEqual(
        [action, amount, yes, nest, data, type, target],
        ['Increment', '2', 'true', '{"a":[1]}', 'said', 'X', process]
      )
      assert.deepEqual(rest, { 'data-protocol': 'ao', variant: 'ao.N.1' })
      const [commitment, ...others] = Object.values(commitments)
      assert.deepEqual([commitment['commitment-device'], others], ['ans104@1.0', []])
      const direct = await (await post(`${net.url}/~scheduler@1.0/schedule`, { target: process, Action: 'Get' })).json()
      assert.deepEqual([direct.process, direct.slot], [process, 2])
      for (const [url, body] of [
        [at, '{"Action": '],
        [at, '[1]'],
        [at, 'null'],
        [`${net.url}/push`, { Action: 'Increment' }],
        [`${net.url}/push`, { Type: 'Process', device: 'process@1.0', Module: module, Scheduler: net.address }]
      ]) {
        const refused = await post(url, body)
        assert.equal(refused.status, 400, `${url} ${JSON.stringify(body)}`)
        assert.equal(typeof (await refused.json()).reason, 'string')
      }
      // The other type would give another value.
      assert.equal((await post(at, '{"Action":"Increment"}', { 'content-type': 'text/plain' })).status, 400)
      assert.equal(await (await fetch(`${net.url}/${process}/slot/current`)).text(), '2')
    }))
})
