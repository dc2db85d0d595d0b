// Runs the code blocks of the documentation that run process modules: the README, first steps, compute, local networks.
import assert from 'node:assert/strict'
import { after, describe } from 'node:test'
import * as aos from './support/aos.mjs'
import { record, testPage } from './support/examples.mjs'
import { aoxide } from './support/package.mjs'
import { verifies } from './support/peers.mjs'
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

  'docs/lua.md': {
    'lua-process': async (run) => {
      const { ao, Messages, Error } = await run()
      await remember(ao)
      assert.deepEqual([Error, record.shown], [undefined, [['30']]])
      assert.ok(Messages[0].Tags.some(({ name, value }) => name === 'Action' && value === 'Debit-Notice'))
    },
    'lua-module': async (run) => {
      const { module, network, lua } = await run()
      opened.add(network)
      assert.equal(module.format, 'wasm32-unknown-emscripten4')
      await module.close()
      const here = aoxide.connect({ MODE: 'local', network, GATEWAY_URL: false })
      assert.match(await here.spawn({ module: lua.id, signer: run.scope.signer }), /^[\w-]{43}$/)
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
