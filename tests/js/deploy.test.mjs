// `npx aoxide deploy`: on the units of wao, on the units and the node of a local network, and on networks that fail.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { run } from './support/command.mjs'
import { jwk } from './support/key.mjs'
import { hyperbeam } from './support/hyperbeam-ledger.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { aoxide, root, subpath } from './support/package.mjs'
import { startPatchedUnits } from './support/patched-units.mjs'
import { withServer } from './support/server.mjs'

const folder = await mkdtemp(join(tmpdir(), 'aoxide-deploy-'))
after(() => rm(folder, { recursive: true, force: true }))

const write = async (name, text) => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
const wallet = `${root}target/test-key.json`
const otherKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
const otherWallet = await write('other.json', JSON.stringify(otherKey))
const owner = await aoxide.jwkToAddress(jwk)
const AOS = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
const unknown = 'A'.repeat(43)

const counter = await write(
  'counter.lua',
  `
Count = (Count or 0) + 1
Handlers.add("Get", "Get", function (msg) msg.reply({ Data = tostring(Count) }) end)
print("count " .. Count)
return "deployed"
`
)
const broken = await write('broken.lua', 'error("wrong line")')

const deploy = (file, ...args) => run(['deploy', file, '--wallet', wallet, '--timeout', '60', ...args])

/** Deploys with --json. Returns what it printed, with the exit code and stderr. */
async function deployed(...args) {
  const { code, stdout, stderr } = await deploy(...args, '--json')
  assert.notEqual(stdout, '', stderr)
  return { code, stderr, ...JSON.parse(stdout) }
}

/** The tests that every network must pass. `place` are the options that name it. */
function deploysTo(place, module) {
  test('a file: its output, the process and exit code 0', async () => {
    const { code, stdout, stderr } = await deploy(counter, ...place(), ...module)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^count 1\ndeployed\nProcess [\w-]{43}\n$/)
    const [, process] = /Process ([\w-]{43})/.exec(stdout)
    // The id is known before the spawn is sent.
    assert.match(stderr, new RegExp(`The wallet ${owner} deploys [^]*Spawning the process ${process}`))
  })

  test('the same file with --process: evaluated again in that process', async () => {
    const first = await deployed(counter, ...place(), ...module)
    assert.deepEqual([first.code, first.output, first.owner], [0, 'count 1\ndeployed', owner])
    const second = await deployed(counter, ...place(), '--process', first.process)
    assert.deepEqual([second.code, second.output, second.process], [0, 'count 2\ndeployed', first.process])
    const same = await deployed(counter, ...place(), '--process', first.process, '--message', second.message)
    assert.deepEqual([same.code, same.output], [0, 'count 2\ndeployed'])
    const third = await deployed(counter, ...place(), '--process', first.process)
    assert.equal(third.output, 'count 3\ndeployed')
  })

  test('a file with an error: the error, the way on, and exit code 1', async () => {
    const { code, stdout, stderr } = await deploy(broken, ...place(), ...module)
    assert.equal(code, 1)
    const [, process] = /Process ([\w-]{43})/.exec(stdout)
    assert.match(stderr, new RegExp(`wrong line[^]*Correct it, and deploy it with .* --process ${process}`))
  })

  test('a wallet that does not own the process: says so, exit code 1', async () => {
    const { process } = await deployed(counter, ...place(), ...module)
    const { code, stderr } = await deploy(counter, '--wallet', otherWallet, ...place(), '--process', process)
    assert.equal(code, 1)
    assert.match(stderr, /took the file for an ordinary message: the wallet [\w-]{43} does not own it/)
  })
}

describe('aoxide deploy to the units of wao', { timeout: 300_000 }, async () => {
  const units = await startPatchedUnits()
  after(() => units.stop())
  process.env.GRAPHQL_URL = units.graphql
  const { aoconnect } = await import('./support/peers.mjs')
  const { mu, cu, gateway, scheduler, authority } = units
  const place = ['--mu', mu, '--cu', cu, '--gateway', gateway]
  const chosen = ['--scheduler', scheduler, '--authority', authority]

  deploysTo(() => place, chosen)

  test("aoconnect sends the process a message, and the process has the command's tags", async () => {
    const { process } = await deployed(counter, ...place, ...chosen, '--module', AOS, '--tag', 'Name=greeter')
    const ao = aoconnect.connect({ MU_URL: mu, CU_URL: cu, GATEWAY_URL: gateway })
    const signer = aoconnect.createSigner(jwk)
    const tags = [{ name: 'Action', value: 'Get' }]
    const { Messages } = await ao.result({ process, message: await ao.message({ process, signer, tags }) })
    assert.equal(Messages[0].Data, '1')
    const code = 'return table.concat({ Name, Owner, ao.authorities[1], ao._module }, " ")'
    const message = await ao.message({ process, signer, data: code, tags: [{ name: 'Action', value: 'Eval' }] })
    const { Output } = await ao.result({ process, message })
    assert.equal(Output.data, `greeter ${owner} ${authority} ${AOS}`)
  })

  test('a module that the gateway does not have: what to do, and nothing is sent', async () => {
    const { code, stdout, stderr } = await deploy(counter, ...place, ...chosen, '--module', unknown)
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /Check the module A{43}[^]*--gateway[^]*Nothing was sent/)
    assert.doesNotMatch(stderr, /Spawning/)
  })
})

describe('aoxide deploy to a local network', { timeout: 300_000 }, async () => {
  const net = await startLocalnet('--port', '0')
  after(() => net.stop())
  const units = ['--mu', `${net.url}/mu`, '--cu', `${net.url}/cu`, '--gateway', net.url]

  describe('its units', () => {
    deploysTo(() => units, ['--module', 'lua', '--scheduler', net.address, '--authority', net.address])
  })

  describe('its HyperBEAM node', () => {
    deploysTo(() => ['--url', net.url], ['--module', 'lua'])

    test('a module or a process that the node does not know: what to do', async () => {
      const { code, stderr } = await deploy(counter, '--url', net.url, '--module', unknown)
      assert.equal(code, 1)
      assert.match(stderr, /Check the module A{43}[^]*--module lua/)
      const missing = await deploy(counter, '--url', net.url, '--process', unknown)
      assert.equal(missing.code, 1)
      assert.match(missing.stderr, /Check the process A{43}/)
    })
  })
})

/**
 * A local network behind a server. `fault(request, reply)` may answer a request in place of the network. It gets `reply`,
 * a function that lets the network answer, and returns that answer, another one, or `undefined` to break the connection.
 */
async function withNetwork(fault, use) {
  const { createLocalNetwork } = await subpath('local')
  const { luaModule } = await subpath('lua')
  const lua = await luaModule()
  const counts = { spawned: 0, Eval: 0 }
  const onEvent = ({ what, detail }) => {
    if (what === 'spawned') counts.spawned++
    if (what === 'message' && detail === 'Eval') counts.Eval++
  }
  let network
  const listener = async (request, response) => {
    const { method, url: path, headers } = request
    const body = new Uint8Array(await buffer(request))
    const reply = () => network.answer({ method, path, headers, body })
    const answer = await fault({ method, path, body }, reply)
    if (!answer) return response.destroy()
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  }
  await withServer(listener, async (url) => {
    network = await createLocalNetwork({ url, onEvent, modules: { [lua.id]: lua } })
    try {
      const address = ['--scheduler', network.address, '--authority', network.address]
      const unitsPlace = ['--mu', `${url}/mu`, '--cu', `${url}/cu`, '--gateway', url]
      await use({ units: { place: unitsPlace, chosen: address }, node: { place: ['--url', url], chosen: [] } }, counts)
    } finally {
      await network.close()
    }
  })
}

/** Whether a request posts an item to a messenger or a node, and which. */
function kindOf({ method, body }) {
  if (method !== 'POST') return undefined
  const text = new TextDecoder('latin1').decode(body)
  return /Process/.test(text) && /Module/.test(text) ? 'spawn' : /Eval/.test(text) ? 'eval' : undefined
}

const busy = { status: 500, headers: { 'content-type': 'text/plain' }, body: 'busy' }

const losses = { 'a broken connection': undefined, 'a status 500': busy }

describe('aoxide deploy when replies are lost', { timeout: 300_000 }, () => {
  for (const [loss, lost] of Object.entries(losses)) {
    test(`units: ${loss} after the spawn and the message arrived: one process, one evaluation`, async () => {
      const seen = { spawn: 0, eval: 0 }
      const fault = async (request, reply) => {
        const kind = kindOf(request)
        const answer = await reply()
        return kind && seen[kind]++ === 0 ? lost : answer
      }
      await withNetwork(fault, async ({ units: { place, chosen } }, counts) => {
        const { code, output, stderr } = await deployed(counter, ...place, ...chosen, '--module', 'lua')
        assert.deepEqual([code, output], [0, 'count 1\ndeployed'], stderr)
        assert.deepEqual(counts, { spawned: 1, Eval: 1 })
        assert.ok(seen.spawn > 1 && seen.eval > 1, JSON.stringify(seen))
      })
    })

    for (const generation of ['2025-09', '2025-11']) {
      test(`node of ${generation}: ${loss} after both arrived: one process, one evaluation`, async () => {
        const node = hyperbeam(generation, { chance: () => false })
        let posts = 0
        const listener = async (request, response) => {
          const { method, headers } = request
          const body = new Uint8Array(await buffer(request))
          const answer = await node.serve({ method, url: `http://node${request.url}`, headers, body })
          const reply =
            method === 'POST' && ++posts <= 2
              ? lost
              : { status: answer.status, headers: [...answer.headers].flat(), body: await answer.text() }
          if (!reply) return response.destroy()
          response.writeHead(reply.status, reply.headers)
          response.end(reply.body)
        }
        await withServer(listener, async (url) => {
          const { code, output, stderr, process } = await deployed(counter, '--url', url)
          assert.equal(code, 0, stderr)
          assert.match(output, /^answer to \nCount = /)
          assert.equal(posts, 2)
          assert.deepEqual([...node.processes.keys()], [process])
          assert.equal(node.processes.get(process).length, 2)
        })
      })
    }
  }

  for (const mode of ['units', 'node']) {
    test(`${mode}: no reply to any spawn: names the process, and --process goes on with it`, async () => {
      let broken = true
      const fault = async (request, reply) => {
        const answer = await reply()
        // On a node, the schedule would show the process.
        return broken && (kindOf(request) === 'spawn' || /schedule/.test(request.path)) ? undefined : answer
      }
      await withNetwork(fault, async ({ [mode]: { place, chosen } }, counts) => {
        const first = await deploy(counter, ...place, ...chosen, '--module', 'lua')
        assert.equal(first.code, 1)
        const advice = /The spawn of ([\w-]{43}) may have arrived\. If it did, use the same options with --process \1/
        assert.match(first.stderr, advice)
        broken = false
        const [, process] = advice.exec(first.stderr)
        const second = await deployed(counter, ...place, '--process', process)
        assert.deepEqual([second.code, second.output, second.process], [0, 'count 1\ndeployed', process], second.stderr)
        assert.deepEqual(counts, { spawned: 1, Eval: 1 })
      })
    })
  }

  test('units: a messenger that does not know the new process yet gets the same message later', async () => {
    let refused = 0
    const fault = (request, reply) =>
      kindOf(request) === 'eval' && refused++ < 2
        ? { status: 404, headers: {}, body: '{"error":"process not found"}' }
        : reply()
    await withNetwork(fault, async ({ units: { place, chosen } }, counts) => {
      const { code, output, stderr } = await deployed(counter, ...place, ...chosen, '--module', 'lua')
      assert.deepEqual([code, output], [0, 'count 1\ndeployed'], stderr)
      assert.deepEqual([refused, counts], [3, { spawned: 1, Eval: 1 }])
    })
  })

  test('units: a result that does not come: --message waits for it, and sends nothing', async () => {
    let late = true
    const fault = (request, reply) =>
      late && /\/cu\/result\//.test(request.path) ? { status: 404, headers: {}, body: 'not yet' } : reply()
    await withNetwork(fault, async ({ units: { place, chosen } }, counts) => {
      const first = await deploy(counter, ...place, ...chosen, '--module', 'lua', '--timeout', '2')
      assert.equal(first.code, 1)
      const advice = /with --process ([\w-]{43}) --message ([\w-]{43}) to wait for the result/
      assert.match(first.stderr, advice)
      late = false
      const [, process, message] = advice.exec(first.stderr)
      const second = await deployed(counter, ...place, '--process', process, '--message', message)
      assert.deepEqual([second.code, second.output], [0, 'count 1\ndeployed'])
      assert.deepEqual(counts, { spawned: 1, Eval: 1 })
    })
  })

  test('units: a unit that cannot evaluate: its answer is shown when the time is over', async () => {
    const cannot = { status: 500, headers: {}, body: '{"error":"no worker is left"}' }
    const fault = (request, reply) => (/\/cu\/result\//.test(request.path) ? cannot : reply())
    await withNetwork(fault, async ({ units: { place, chosen } }) => {
      const { code, stderr } = await deploy(counter, ...place, ...chosen, '--module', 'lua', '--timeout', '2')
      assert.equal(code, 1)
      assert.match(stderr, /The compute unit does not give the result\. [^\n]*no worker is left/)
      assert.match(stderr, /--message [\w-]{43} to wait for the result/)
    })
  })

  test('units: a result that is there when the time is over is the result', async () => {
    let asked = 0
    // The first request gets no reply in time.
    const fault = (request, reply) =>
      /\/cu\/result\//.test(request.path) && asked++ === 0
        ? new Promise((resolve) => setTimeout(resolve, 4000))
        : reply()
    await withNetwork(fault, async ({ units: { place, chosen } }) => {
      const { code, output, stderr } = await deployed(counter, ...place, ...chosen, '--module', 'lua', '--timeout', '2')
      assert.deepEqual([code, output], [0, 'count 1\ndeployed'], stderr)
    })
  })
})

describe('aoxide deploy: advice', { timeout: 300_000 }, () => {
  for (const [status, body, advice] of [
    [402, 'Payment required', /wants to be paid by the wallet [\w-]{43}/],
    [400, '{"error":"Insufficient funds"}', /wants to be paid by the wallet [\w-]{43}/],
    [403, 'forbidden', /does not accept messages of the wallet [\w-]{43}/]
  ]) {
    test(`a node that answers a spawn with ${status} (${body})`, async () => {
      const fault = (request, reply) =>
        kindOf(request) === 'spawn' ? { status, headers: { 'content-type': 'text/plain' }, body } : reply()
      await withNetwork(fault, async ({ node: { place } }, counts) => {
        const { code, stderr } = await deploy(counter, ...place, '--module', 'lua')
        assert.equal(code, 1)
        assert.match(stderr, advice)
        assert.deepEqual(counts, { spawned: 0, Eval: 0 })
      })
    })
  }

  test('an address where nothing listens, or something else', async () => {
    const refused = await deploy(counter, '--url', 'http://127.0.0.1:9')
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /Check the addresses[^]*Nothing was sent/)
    const html = (_, response) => response.setHeader('content-type', 'text/html').end('<html></html>')
    await withServer(html, async (url) => {
      const chosen = ['--scheduler', owner, '--authority', owner]
      const page = await deploy(counter, '--mu', url, '--cu', url, '--gateway', url, ...chosen, '--timeout', '5')
      assert.equal(page.code, 1)
      assert.match(page.stderr, /Check that --mu, --cu and --gateway are the addresses of such units/)
    })
  })

  test('an id that begins with a hyphen', async () => {
    const process = `-${'A'.repeat(42)}`
    const url = ['--su', 'http://127.0.0.1:9', '--gateway', 'http://127.0.0.1:9']
    // Side by side, because each waits between its attempts.
    await Promise.all([
      ...[['--process', process], [`--process=${process}`]].map(async (form) => {
        const { code, stderr } = await deploy(counter, '--url', 'http://127.0.0.1:9', ...form)
        assert.equal(code, 1)
        assert.match(stderr, /could not be reached/)
      }),
      ...[
        [process, ...url],
        ['--json', process, ...url]
      ].map(async (args) => {
        const { stdout, stderr } = await run(['verify', ...args])
        assert.match(stdout + stderr, /could not be reached/)
      })
    ])
  })

  test('with --json, an error is one line of JSON', async () => {
    const result = await deployed(counter, '--url', 'http://127.0.0.1:9')
    assert.deepEqual([result.code, result.owner, result.process], ['HTTP_NETWORK', owner, undefined])
    assert.match(result.error, /could not be reached/)
  })

  test('wallets that cannot sign, and wrong options: a message and exit code 1', async () => {
    const url = ['--url', 'http://127.0.0.1:9']
    const { d: _, ...publicKey } = otherKey
    const wallets = {
      text: [await write('text.json', 'secret words'), /is not JSON/],
      empty: [await write('empty.json', '{}'), /is not a key/],
      public: [await write('public.json', JSON.stringify(publicKey)), /has only a public key/],
      damaged: [await write('damaged.json', JSON.stringify({ ...jwk, n: 'AAAA' })), /cannot sign/]
    }
    const cases = Object.values(wallets).map(([file, message]) => [[counter, '--wallet', file, ...url], message])
    for (const [args, message] of [
      ...cases,
      [[counter], /--wallet is missing[^]*Usage: aoxide deploy/],
      [['--wallet', wallet], /Name the Lua file/],
      [['missing.lua', '--wallet', wallet], /missing\.lua cannot be read/],
      [
        [counter, '--wallet', wallet, ...url, '--mu', 'http://a', '--cu', 'http://b'],
        /--url for a node, or --mu and --cu/
      ],
      [[counter, '--wallet', wallet, '--mu', 'http://a'], /both --mu and --cu/],
      [[counter, '--wallet', wallet, '--mu', 'http://a', '--cu', 'http://b'], /--mu needs --scheduler and --authority/],
      [[counter, '--wallet', wallet, '--url', 'node'], /--url must be an address[^]*"node"/],
      [[counter, '--wallet', wallet, '--module', 'aos.wasm'], /--module must be an id[^]*"aos\.wasm"/],
      [[counter, '--wallet', wallet, ...url, '--message', '1'], /--message needs --process/],
      [[counter, '--wallet', wallet, ...url, '--process', unknown, '--tag', 'A=b'], /are for a new process/]
    ]) {
      const { code, stdout, stderr } = await run(['deploy', ...args])
      assert.deepEqual([code, stdout], [1, ''], stderr)
      assert.match(stderr, message)
    }
  })
})
