// The example examples/cloudflare-worker in workerd, in front of recorded HyperBEAM nodes.
import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { root } from '../js/support/package.mjs'
import { recording, startNode } from '../js/support/recorded-node.mjs'
import { install } from './support/install.mjs'
import { bundle, serveWorker } from './support/workerd.mjs'

const AUTHOR = 'ZW9mq9isDczL--DF7O03_mcwO8fffK8l4AROf--yoUo'
const NODE_ADDRESS = 'tV57uteq7otpS19B9-e1jAH3ODVFjmgwKgYauBpOLYs'
const settings = readFileSync(`${root}examples/cloudflare-worker/wrangler.jsonc`, 'utf8')

let app
let worker
before(async () => {
  app = await install()
  cpSync(`${root}examples/cloudflare-worker/src`, `${app.home}/src`, { recursive: true })
  worker = await bundle(app.home, 'src/worker.js')
})
after(() => app?.remove())

/** Gets a path of the worker in front of a node. `change` may replace a reply of the node. */
async function answer(name, path, { change, ...bindings } = {}) {
  const node = await startNode(name, { change })
  const { date } = /"compatibility_date": "(?<date>[\d-]+)"/.exec(settings).groups
  const served = await serveWorker(worker, { date, bindings: { NODE_URL: node.url, NODE_ADDRESS, ...bindings } })
  try {
    const response = await fetch(served.url + path)
    return { status: response.status, body: await response.json(), unknown: node.unknown }
  } finally {
    await served.stop()
    await node.close()
  }
}

/** Changes a reply: `edit` gets its headers and its body. */
const edited = (edit) => (entry) => {
  const body = Buffer.from(entry.reply.body, 'base64').toString('latin1')
  const changed = edit({ headers: entry.reply.headers, body })
  return {
    ...entry,
    reply: { ...entry.reply, head: undefined, ...changed, body: Buffer.from(changed.body, 'latin1').toString('base64') }
  }
}

const unverified = ({ status, body }, error) => {
  assert.equal(status, 502)
  assert.match(body.error, error)
  assert.deepEqual(Object.keys(body), ['error'])
}

for (const name of ['nov', 'sep']) {
  const { path: item } = recording(`${name}-item-message-plain`).request
  const { path: count } = recording(`${name}-state-now-count`).request
  const message = `/message${item}`
  const [, process] = /^\/([\w-]+)~/.exec(count)
  const state = `/state/${process}/count`

  describe(`the worker in front of the node of ${name === 'nov' ? 'November' : 'September'}`, () => {
    test("a message is answered with the fields that its author's signature covers", async () => {
      const { status, body, unknown } = await answer(name, message)
      assert.deepEqual(unknown, [])
      assert.equal(status, 200)
      assert.deepEqual(body.verified, { by: 'author', address: AUTHOR })
      const { data, action, target, status: added } = body.message
      assert.deepEqual(
        { data, action, target, added },
        { data: 'first', action: 'One', target: process, added: undefined }
      )
    })

    test('a message of which the node has changed the data is an error', async () => {
      const change = edited(({ headers, body }) => ({ headers, body: body.replace('first', 'other') }))
      unverified(await answer(name, message, { change }), /no valid signature with this id/)
    })

    test("a field that the node has added or changed is not part of the answer: the author's tags are", async () => {
      const lie = ([name, value]) => [name, name === 'action' ? 'Two' : value]
      const change = edited(({ headers, body }) => ({ headers: [...headers.map(lie), ['balance', '1000']], body }))
      const { status, body } = await answer(name, message, { change })
      assert.deepEqual([status, body.message.action, body.message.balance], [200, 'One', undefined])
    })

    test('another message than the requested one is an error', async () => {
      const change = (entry) => ({
        ...entry,
        reply: recording(`${name === 'nov' ? 'sep' : 'nov'}-item-message-plain`).reply
      })
      unverified(await answer(name, message, { change }), /no valid signature with this id/)
    })

    test('a value is answered with the address of the node that signed it', async () => {
      const { status, body, unknown } = await answer(name, state)
      assert.deepEqual([status, unknown], [200, []])
      assert.deepEqual(body, { value: 14, verified: { by: 'node', address: NODE_ADDRESS } })
    })

    test('a value that was changed on its way is an error', async () => {
      const change = edited(({ headers, body }) => ({ headers, body: body.replace('14', '15') }))
      unverified(await answer(name, state, { change }), /no valid signature of the node/)
    })

    test('a value that another node has signed is an error', async () => {
      unverified(await answer(name, state, { NODE_ADDRESS: AUTHOR }), /no valid signature of the node/)
    })
  })
}

test('the bundle of the example has the module for HTTP signatures, and not the client', () => {
  assert.deepEqual(worker.modules.toSorted(), ['httpsig.wasm', 'rsa.wasm', 'worker.js'])
})
