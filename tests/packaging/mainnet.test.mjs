// Mainnet mode on a page: requests, responses and downloaded files.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { address, jwk } from '../js/support/key.mjs'
import { verifiesMessage } from '../js/support/messages.mjs'
import { decode, idOf, verifies } from '../js/support/peers.mjs'
import { browserNames, launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { startSite } from './support/site.mjs'
import { gzipOf, MAINNET_BUDGET } from './support/sizes.mjs'
import { HOST, bodyOf, close, listen } from './support/units.mjs'
import { packageFiles, visit } from './support/visit.mjs'

/** A node that answers every message with its content. */
async function startEchoNode() {
  const items = []
  const requests = []
  const messages = []
  const cors = {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': '*',
    'access-control-expose-headers': '*'
  }
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    if (request.method === 'OPTIONS') return response.writeHead(204, cors).end()
    requests.push(`${request.method} ${request.url}`)
    const answer = (value, headers = {}) => response.writeHead(200, { ...cors, ...headers }).end(JSON.stringify(value))
    if (request.url.includes('/~meta@1.0/info/address')) return answer({ commitments: { some: { committed: [] } } })
    // Status 429 proves that the node did not accept the message, so the client can send it to another node.
    if (request.url.startsWith('/down/')) return response.writeHead(429, cors).end()
    if (request.url.startsWith('/~echo@1.0/')) {
      // Returns the message with its signatures, without the headers that the browser adds.
      const { host, connection, 'content-length': length, ...headers } = request.headers
      for (const name of Object.keys(headers))
        if (/^(accept|origin|priority|referer|sec-|user-agent)/.test(name)) delete headers[name]
      messages.push({ headers, body })
      return response.writeHead(200, { ...cors, ...headers }).end(body)
    }
    if (request.url === '/push') return answer('spawned', { process: idOf(body) })
    if (request.url.endsWith('/push')) return answer({ slot: items.push(body) - 1 })
    if (request.url.includes('/now/')) return answer({ body: '21', 'ao-types': 'body="integer"' })
    if (request.url.endsWith('/slot/current')) return answer(items.length - 1)
    const [, slot] = /&slot=(\d+)\/results/.exec(request.url)
    const said = Buffer.from(decode(items[slot]).data, 'hex').toString()
    answer({ json: { body: JSON.stringify({ Output: { data: `echo: ${said}` }, Messages: [], Spawns: [] }) } })
  })
  const url = `http://${HOST}:${await listen(server)}`
  return { url, items, requests, messages, stop: () => close(server) }
}

let app
let node
before(async () => {
  app = await install('examples/html', 'mainnet-html')
  node = await startEchoNode()
})
after(() => node?.stop())

/** Runs in the page. */
async function job([URL, jwk]) {
  const { connect, createSigner } = await import('./node_modules/aoxide/index.js')
  const ao = connect({ MODE: 'mainnet', URL, SCHEDULER: 'a-scheduler', signer: createSigner(jwk) })
  const process = await ao.spawn({ module: 'a-module' })
  const slot = await ao.message({ process, data: 'é€😀' })
  const { Output } = await ao.result({ process, slot })
  const state = await ao.state(process, { path: 'cache/supply' })
  const controller = new AbortController()
  const streamed = []
  try {
    for await (const { cursor } of ao.stream({ process, from: '', interval: 5, signal: controller.signal })) {
      streamed.push(cursor)
      controller.abort('enough')
    }
  } catch (reason) {
    streamed.push(reason)
  }
  return { process, slot, Output, state, streamed }
}

/** Runs in the page: sends a signed HTTP message to the second node, and decodes the reply. */
async function requestJob([URL, jwk]) {
  const { connect, createSigner } = await import('./node_modules/aoxide/index.js')
  const { decodeReply } = await import('./node_modules/aoxide/httpsig/index.js')
  const told = []
  const ao = connect({
    MODE: 'mainnet',
    URL: [`${URL}/down`, URL],
    signer: createSigner(jwk),
    retry: { attempts: 2, backoff: 1 },
    timeout: 20_000,
    // The first request asks for the node's version.
    onResponse: ({ status, method, url }) => url.includes('~meta@1.0') || told.push([method, status])
  })
  const fields = { Action: 'é€😀', count: 3, map: { list: [1, true] }, bytes: Uint8Array.of(255, 128) }
  const response = await ao.request({ path: '/~echo@1.0/say?a=b', ...fields, data: 'hello' })
  const { message, signatures, problems } = await decodeReply(response)
  message.bytes = [...message.bytes]
  const read = await decodeReply(await ao.request({ path: '/~echo@1.0/read', signer: null, key: 'value' }))
  return { told, message, signatures, problems, read }
}

for (const name of browserNames) {
  describe(`a page in ${name}`, () => {
    let browser
    before(async () => {
      browser = await launch(name)
    })
    after(() => browser?.close())

    test('spawns, sends, reads and streams on a node', async (t) => {
      node.items.length = 0
      const site = await startSite(app.home, {})
      try {
        const { page, close } = await visit(browser, site.url)
        const { process, ...got } = await page.evaluate(job, [node.url, jwk])
        assert.match(process, /^[\w-]{43}$/)
        assert.deepEqual(got, { slot: 0, Output: { data: 'echo: é€😀' }, state: 21, streamed: ['0', 'enough'] })
        for (const item of node.items) assert.ok(await verifies(item))
        await close()
        const files = packageFiles(site)
        assert.ok(files.includes('client/modes/mainnet/verbs.js'))
        assert.ok(!files.some((file) => file.includes('httpsig')), `${files}`)
        const sum = files.reduce(
          (all, file) => all + gzipOf(readFileSync(`${app.home}/node_modules/aoxide/${file}`)),
          0
        )
        t.diagnostic(`${sum} bytes as gzip`)
        assert.ok(sum <= MAINNET_BUDGET, `${sum} bytes: ${files}`)
      } finally {
        await site.stop()
      }
    })

    test('sends signed HTTP messages, and decodes the replies', async () => {
      node.messages.length = 0
      const site = await startSite(app.home, {})
      try {
        const { page, close } = await visit(browser, site.url)
        const { told, message, signatures, problems, read } = await page.evaluate(requestJob, [node.url, jwk])
        await close()
        assert.deepEqual(told, [
          ['POST', 429],
          ['POST', 200],
          ['GET', 200]
        ])
        const fields = { action: 'é€😀', count: 3, map: { list: [1, true] }, bytes: [255, 128], data: 'hello' }
        assert.deepEqual([message, problems], [{ ...fields, 'signing-format': 'httpsig' }, []])
        assert.deepEqual([signatures.length, signatures[0].valid, signatures[0].address], [1, true, address])
        assert.deepEqual([read.message.key, read.signatures], ['value', []])
        const [{ headers, body }, { headers: unsigned }] = node.messages
        assert.ok(verifiesMessage(headers, body))
        assert.equal(unsigned.signature, undefined)
        const modules = packageFiles(site).filter((file) => file.endsWith('.bytes.js'))
        assert.deepEqual(modules.sort(), ['wasm/client.bytes.js', 'wasm/httpsig.bytes.js'])
      } finally {
        await site.stop()
      }
    })
  })
}
