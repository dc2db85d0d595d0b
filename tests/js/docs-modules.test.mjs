// Runs the code blocks of the documentation that run process modules: the README, first steps, compute, local networks.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe } from 'node:test'
import * as aos from './support/aos.mjs'
import { record, testPage } from './support/examples.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { arbundles, verifies } from './support/peers.mjs'
import { evaluation } from './support/replies.mjs'

async function assertItems(count) {
  assert.equal(record.sent.length, count)
  for (const raw of record.sent) assert.ok(await verifies(raw))
}

/** Networks that the examples opened. */
const opened = new Set()
after(async () => {
  for (const network of opened) await network.close()
})
const remember = async (ao) => opened.add(await ao.network)

const message = async (run) => {
  const { Output, id } = await run()
  assert.deepEqual(Output, evaluation.Output)
  assert.match(id, /^[\w-]{43}$/)
}

const firstProcess = async (run) => {
  const { ao } = await run()
  await remember(ao)
  assert.deepEqual(record.shown, [['1']])
}

/** A local network with a process that has evaluated one message. `scope` has the values that examples can use. */
async function followedProcess({ moduleId, aosBytes, signer }) {
  const { createLocalNetwork } = await subpath('local')
  const network = await createLocalNetwork()
  opened.add(network)
  const ao = aoxide.connect({ MODE: 'local', network, modules: { [moduleId]: aosBytes } })
  const process = await ao.spawn({ module: moduleId, signer })
  await ao.send({ process, signer, data: 'return 6 * 7', tags: [{ name: 'Action', value: 'Eval' }] })
  return { network, process }
}

/** Uploads a module as an item of its own, so that it can be verified. */
async function uploaded(network, bytes) {
  const tags = {
    'Data-Protocol': 'ao',
    Type: 'Module',
    'Module-Format': 'wasm64-unknown-emscripten-draft_2024_02_15',
    'Input-Encoding': 'JSON-1',
    'Output-Encoding': 'JSON-1'
  }
  const arweave = new arbundles.ArweaveSigner(jwk)
  const list = Object.entries(tags).map(([name, value]) => ({ name, value }))
  const item = arbundles.createData(bytes, arweave, { tags: list })
  await item.sign(arweave)
  assert.equal((await network.fetch('/tx', { method: 'POST', body: item.getRaw() })).status, 200)
  return item.id
}

const PAGES = {
  'README.md': {
    'first-example': firstProcess,
    'message-and-result': async (run) => {
      await message(run)
      await message(() => run.changed('createSigner(window.arweaveWallet)', 'createSigner(JSON.parse(keyFile))'))
      await assertItems(2)
    },
    dryrun: async (run) => assert.deepEqual((await run()).Messages, evaluation.Messages),
    mainnet: async (run) => {
      const { slot, Output, balances } = await run()
      assert.deepEqual([slot, Output, balances], [7, evaluation.Output, 'now'])
      await assertItems(1)
    },
    limits: async (run) => {
      await run()
      await assertItems(1)
    }
  },

  'docs/getting-started.md': {
    'first-process': firstProcess,
    'first-process-aos': async (run) => {
      await run()
      assert.deepEqual(record.shown, [['42']])
    },
    'first-process-offline': async (run) => {
      const { ao } = await run()
      await remember(ao)
      assert.deepEqual(record.shown, [['1']])
    },
    'public-network': async (run) => {
      await message(run)
      await assertItems(2)
    },
    'main-job': async (run) => {
      for (const from of ['JSON.parse(keyFile)', 'window.arweaveWallet']) {
        record.sent.splice(0)
        const { preview, Messages } = await run.changed('createSigner(JSON.parse(keyFile))', `createSigner(${from})`)
        assert.deepEqual([preview, Messages], [evaluation, evaluation.Messages])
        await assertItems(2)
      }
    },
    'send-and-follow': async (run) => {
      // The last line runs until it is aborted.
      const controller = new AbortController()
      const show = (value) => {
        record.shown.push(value)
        if (record.shown.length === 5) controller.abort('enough')
      }
      await assert.rejects(run({ show, signal: controller.signal }), (thrown) => thrown === 'enough')
      assert.deepEqual(record.shown, ['signed', 'sent', 'done', '1', '2'])
    }
  },

  'docs/compute.md': {
    compute: async (run) => {
      const { result, preview, again, module } = await run({ message: aos.spawned })
      assert.equal(result.engine, module.engine)
      assert.equal(typeof preview.Output, 'object')
      assert.deepEqual((await again.handle(aos.evaluation('return 6 * 7'))).Output.data, '42')
      await module.close()
    }
  },

  'docs/verify.md': {
    'verify-dryrun': async (run) => {
      const given = await followedProcess(run.scope)
      Object.assign(run.scope, given)
      const { answer } = await run()
      assert.deepEqual([answer.proof.verified, answer.proof.slot, answer.proof.anchor], [true, 1, 'genesis'])
      assert.match(record.shown[0], /^computed up to slot 1, \d+ ms ago; the unit (agrees|other-order)$/)
    },
    'verify-follow': async (run) => {
      const { proof, preview, first, kept } = await run()
      assert.deepEqual([proof.verified, proof.slot, preview.proof.slot], [true, 1, 1])
      assert.equal(first.Output.data, '42')
      assert.ok(kept.length > 1000)
      assert.ok(record.shown.includes('1 of 1'), record.shown.join())
    },
    'verify-source': async (run) => {
      const { network, aosBytes } = run.scope
      const mocked = globalThis.fetch
      globalThis.fetch = (url, init) =>
        network.fetch(url.replace('https://su.example', '/su').replace('https://gateway.example', ''), init)
      try {
        await run({ sha256: createHash('sha256').update(aosBytes).digest('hex') })
        assert.match(record.shown[0], /^scheduler,.*pinned/)
      } finally {
        globalThis.fetch = mocked
      }
    },
    'verify-node': async (run) => {
      const { network, aosBytes, signer } = run.scope
      const mocked = globalThis.fetch
      globalThis.fetch = (url, init) => network.fetch(url.replace('https://node.example', ''), init)
      const urls = { URL: 'https://node.example', GATEWAY_URL: 'https://node.example' }
      try {
        const module = await uploaded(network, aosBytes)
        const scheduler = network.address
        const node = aoxide.connect({ MODE: 'mainnet', ...urls, signer })
        const process = await node.spawn({ module, scheduler, authority: scheduler })
        await node.message({ process, data: 'return 6 * 7', tags: [{ name: 'Action', value: 'Eval' }] })
        const given = { process, node: urls.URL, gateway: urls.GATEWAY_URL }
        const { verified, trusted, unverifiable, unit, view } = await run(given)
        assert.deepEqual([verified, trusted.length, unverifiable], [true, 1, []])
        assert.ok(['agrees', 'other-order'].includes(unit), unit)
        await view.close()
      } finally {
        globalThis.fetch = mocked
      }
    }
  },

  'docs/lua.md': {
    'lua-process': async (run) => {
      const { ao, Messages, Error } = await run()
      await remember(ao)
      assert.deepEqual([Error, record.shown], [undefined, [['30']]])
      assert.ok(Messages[0].Tags.some(({ name, value }) => name === 'Action' && value === 'Debit-Notice'))
    },
    'lua-module': async (run) => {
      const mine = 'M'.repeat(42) + 'A'
      const { module, network, lua } = await run({ mine })
      opened.add(network)
      assert.equal(module.format, 'wasm32-unknown-emscripten4')
      await module.close()
      const here = aoxide.connect({ MODE: 'local', network, GATEWAY_URL: false })
      for (const module of [mine, lua.id])
        assert.match(await here.spawn({ module, signer: run.scope.signer }), /^[\w-]{43}$/)
    }
  },

  'docs/local-network.md': {
    'local-mode': async (run) => {
      const { Output, ao } = await run()
      await remember(ao)
      assert.equal(Output.data, '42')
    },
    'create-local-network': async (run) => {
      const { here, network } = await run()
      await remember(here)
      assert.equal(await here.network, network)
      const { moduleId, signer, ao } = run.scope
      const process = await here.spawn({ module: moduleId, signer })
      assert.equal((await here.send({ process, signer })).Error, undefined)
      assert.notEqual(await ao.network, network)
    }
  }
}

for (const [path, checks] of Object.entries(PAGES)) describe(path, { concurrency: false }, () => testPage(path, checks))
