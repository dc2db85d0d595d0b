// Runs the code blocks of the documentation that send requests to AO's networks. docs-modules.test.mjs runs those with modules.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { blocksOf, pages } from './support/documents.mjs'
import { record, testPage } from './support/examples.mjs'
import { aoxide } from './support/package.mjs'
import { arbundles, verifies } from './support/peers.mjs'
import { evaluation, spawned } from './support/replies.mjs'

const id = 'A'.repeat(43)

/** A file that the user chose. */
const file = new Blob(['hello '.repeat(100_000)])

async function assertItems(count) {
  assert.equal(record.sent.length, count)
  for (const raw of record.sent) assert.ok(await verifies(raw))
}

const PAGES = {
  // First, because it sets the source of the WebAssembly module.
  'docs/platforms.md': { load: (run) => run() },

  'docs/signers.md': {
    'key-signer': async (run) => {
      const { address, signer } = await run()
      assert.match(address, /^[\w-]{43}$/)
      assert.match(await aoxide.connect().message({ process: id, signer }), /^[\w-]{43}$/)
      await assertItems(1)
    },
    'wallet-signer': async (run) => {
      const { signer } = await run()
      await aoxide.connect().message({ process: id, signer })
      await assertItems(1)
    },
    'wallet-rewrites-tags': async (run) => {
      await assert.rejects(run(), { message: /App-Name/ })
      assert.equal(record.sent.length, 0)
    },
    'other-signers': async (run) => {
      const { wallet, key } = await run()
      assert.equal(wallet.source, 'ethereum-wallet')
      assert.equal(key.source, 'ethereum-key')
      await aoxide.connect().message({ process: id, signer: key })
      await assertItems(1)
    },
    'own-signer': async (run) => {
      const { signer } = await run()
      await aoxide.connect().message({ process: id, signer })
      await assertItems(1)
    }
  },

  'docs/errors.md': {
    'catch-error': async (run) => {
      await run()
      assert.deepEqual(record.tries, ['later'])
    }
  },

  'docs/reliability.md': {
    retries: async (run) => {
      const { result } = await run()
      assert.deepEqual(result, evaluation)
      await assertItems(1)
    },
    'several-addresses': async (run) => {
      const { ao } = await run()
      assert.deepEqual(await ao.result({ process: id, message: id }), evaluation)
    },
    logs: async (run) => {
      const { ao } = await run()
      await ao.result({ process: id, message: id })
      const [[method, url], [answered, status]] = record.shown
      assert.deepEqual([method, answered, status], ['GET', url, 200])
    }
  },

  'docs/react.md': {
    'sign-first': async (run) => {
      const { item, result } = await run()
      assert.deepEqual(result, evaluation)
      await run.scope.ao.sendSignedMessage(item)
      const [first, second, ...more] = record.sent
      assert.deepEqual(more, [])
      assert.deepEqual(first, second)
    },
    'optimistic-update': async (run) => {
      const { client, queryKey, mutation } = await run()
      client.setQueryData(queryKey, 1)
      assert.equal((await mutation.mutate()).Error, undefined)
      assert.equal(client.getQueryData(queryKey), 2)
      assert.equal(client.getQueryState(queryKey).isInvalidated, true)
      await assertItems(1)
    },
    'streamed-query': async (run) => {
      const { observer } = await run()
      const leave = await new Promise((resolve) => {
        const leave = observer.subscribe(({ data }) => data?.length === 2 && resolve(leave))
      })
      const [second, first] = observer.getCurrentResult().data
      assert.deepEqual([Number(second.cursor) - Number(first.cursor), first.node.Messages], [1, evaluation.Messages])
      leave()
      assert.equal(observer.getCurrentQuery().state.fetchStatus, 'idle')
    }
  },

  'docs/mainnet.md': {
    'mainnet-verbs': async (run) => {
      const { process, slot, Output, scheduled } = await run()
      assert.deepEqual([process.length, slot, Output, scheduled.slot], [43, 7, evaluation.Output, 7])
      await assertItems(3)
    },
    'mainnet-state': async (run) => {
      const { balances, before, known } = await run({ process: id })
      assert.deepEqual([balances, before, known], ['now', 'then', 'now'])
    },
    'mainnet-lua': async (run) => assert.equal((await run()).counter, spawned),
    'mainnet-request': async (run) => {
      const { response, message, signatures } = await run({ process: id })
      assert.deepEqual([(await response.json()).slot, message.body, signatures], [7, 'other', []])
    }
  },

  'docs/data-items.md': {
    'data-item': async (run) => {
      const { item, valid, problems } = await run()
      assert.deepEqual({ valid, problems }, { valid: true, problems: [] })
      assert.ok(await verifies(item.raw))
    },
    'stored-item': async (run) => {
      const { upload, valid } = await run({ file })
      assert.ok(valid && (await verifies(await upload.arrayBuffer())))
    },
    bundle: async (run) => {
      const { carrier, second, valid, failures } = await run()
      assert.ok(await verifies(await carrier.raw()))
      assert.equal(Buffer.from(await second.data()).toString(), 'two')
      assert.deepEqual({ valid, failures }, { valid: true, failures: [] })
    }
  },

  'docs/migrating-from-arbundles.md': {
    'arbundles-items': async (run) => {
      const { item, valid } = await run()
      assert.ok(valid && (await verifies(item.raw)))
    },
    'arbundles-bundles': async (run) => {
      const { bundle, text, valid, failures } = await run()
      assert.deepEqual({ text, valid, failures }, { text: 'one', valid: true, failures: [] })
      assert.ok(await arbundles.unbundleData(Buffer.from(await bundle.bytes())).verify())
      assert.equal(record.shown.length, 2)
    },
    'arbundles-files': async (run) => {
      const { stored, data, valid } = await run({ file })
      assert.deepEqual([data.size, valid], [file.size, true])
      assert.ok(await verifies(await stored.raw()))
    }
  },

  'docs/http-signatures.md': {
    'http-message': async (run) => {
      const { request, message, signatures, problems } = await run()
      assert.equal(message['some-key'], 7)
      assert.deepEqual(problems, [])
      assert.deepEqual(
        signatures.map(({ valid, id }) => ({ valid, id })),
        [{ valid: true, id: request.id }]
      )
    },
    covered: async (run) => {
      const operator = run.scope.signatures[0].address
      assert.equal((await run({ name: 'some-key', operator })).isSigned, true)
      assert.equal((await run({ name: 'other', operator })).isSigned, false)
      assert.equal((await run({ name: 'some-key', operator: id })).isSigned, false)
    }
  }
}

for (const [path, checks] of Object.entries(PAGES)) describe(path, { concurrency: false }, () => testPage(path, checks))

test('this file and docs-modules.test.mjs run every page that has code', () => {
  const elsewhere = [
    'README.md',
    'docs/getting-started.md',
    'docs/compute.md',
    'docs/local-network.md',
    'docs/lua.md',
    'docs/verify.md'
  ]
  const runnable = pages.filter((path) =>
    blocksOf(path).some(({ language, notRun, from }) => language === 'js' && !notRun && !from)
  )
  assert.deepEqual(runnable.sort(), [...Object.keys(PAGES), ...elsewhere].sort())
})
