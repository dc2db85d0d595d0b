// Missing arguments, ids with padding, and null options.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { block, craftItem, end } from './support/crafted-items.mjs'
import { client, process, signer } from './support/node.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { recorder } from './support/record.mjs'
import { network } from './support/replies.mjs'

const { DataItem } = await subpath('ans104')

const legacy = () => {
  const { fetch, requests } = recorder(network())
  return { ao: aoxide.connect({ fetch }), requests }
}

for (const [mode, make] of Object.entries({ legacy, mainnet: client })) {
  const verbs = Object.keys(make().ao).filter((name) => name !== 'MODE' && !name.startsWith('create'))
  for (const verb of verbs) {
    test(`${verb} without arguments in ${mode} mode rejects with an AoError before a request`, async () => {
      for (const args of [[], [undefined], [null], [5], ['x']]) {
        const { ao, requests } = make()
        // A stream makes its request when it is first read.
        const call = async () => (verb === 'stream' ? ao.stream(...args).next() : ao[verb](...args))
        await assert.rejects(call, (error) => assertAoError(error) ?? true)
        assert.equal(requests.length, 0)
      }
    })
  }

  test(`an id with padding is refused in ${mode} mode before a request`, async () => {
    const padded = `${process}=`
    const { ao, requests } = make()
    const fields = { process: padded, message: process, slot: 1, signer, data: 'd' }
    const lists = { processId: padded, messageId: process, from: '0', to: '1' }
    const calls = {
      message: () => ao.message(fields),
      send: () => ao.send(fields),
      stream: () => ao.stream(fields).next(),
      result: () => ao.result(fields),
      results: () => ao.results({ process: padded }),
      dryrun: () => ao.dryrun(fields),
      monitor: () => ao.monitor(fields),
      unmonitor: () => ao.unmonitor(fields),
      signMessage: () => ao.signMessage(fields),
      assign: () => ao.assign(fields),
      spawn: () => ao.spawn({ module: padded, scheduler: process, signer }),
      schedule: () => ao.schedule(padded, fields),
      state: () => ao.state(padded),
      request: () => ao.request({ path: '/x', 'signing-format': 'ans104', target: padded }),
      getMessages: () => ao.getMessages(lists),
      getMessageById: () => ao.getMessageById(lists),
      getLastSlot: () => ao.getLastSlot(lists)
    }
    for (const [verb, call] of Object.entries(calls).filter(([verb]) => verb in ao))
      await assert.rejects(
        async () => call(),
        (error) => assertAoError(error, 'BAD_ID') ?? true,
        verb
      )
    await assert.rejects(DataItem.create({ data: 'd', target: padded }).sign(signer), { code: 'BAD_ID' })
    assert.equal(requests.length, 0)
  })
}

test('connect accepts undefined and null as no options', () => {
  for (const none of [undefined, null]) assert.equal(aoxide.connect(none).MODE, 'legacy')
})

test('verify is strict by default', async () => {
  const item = await DataItem.parse(await craftItem({ tags: block([['a', 'b']]), count: 1 }))
  for (const options of [undefined, null, {}, { strict: null }, { strict: undefined }, { strict: true }, { strict: 0 }])
    assert.equal((await item.verify(options)).valid, false, JSON.stringify(options))
  assert.equal((await item.verify({ strict: false })).valid, true)
  const good = await DataItem.parse(await craftItem({ tags: Buffer.concat([block([['a', 'b']]), end]), count: 1 }))
  assert.deepEqual(await good.verify({ strict: null }), { valid: true, problems: [] })
})
