// The process of examples/counter-process, written in Rust, on both engines, in a worker and in place.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { environment } from './support/aos.mjs'
import { root, subpath } from './support/package.mjs'

const { loadModule } = await subpath('compute')
const file = `${root}target/counter-process/counter_process.wasm`

const SENDER = 'S'.repeat(43)
const message = (tags) => ({
  Id: 'I'.repeat(43),
  Target: environment.Process.Id,
  Owner: SENDER,
  From: SENDER,
  Data: '',
  Tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
  Timestamp: 1_700_000_000_000,
  'Block-Height': 1_300_000
})
const increment = (Amount) => message({ Action: 'Increment', ...(Amount && { Amount }) })
const read = message({ Action: 'Read' })

const shown = ({ Error, Output }) => {
  assert.equal(Error, undefined)
  return Output.data
}

for (const [engine, worker] of [
  ['wasmi', true],
  ['wasmi', false],
  ['native', true],
  ['native', false]
]) {
  describe(`the counter process ${worker ? 'in a worker' : 'in place'}, engine "${engine}"`, () => {
    let module
    before(async () => {
      assert.ok(existsSync(file), `${file} is missing: run \`cargo xtask build\``)
      module = await loadModule(readFileSync(file), { worker, engine })
    })
    after(() => module?.close())

    const start = async () => {
      const process = await module.instantiate(environment)
      assert.equal(shown(await process.handle(message({ Type: 'Process' }))), 'counting from 0')
      return process
    }

    test('is loaded as a plain module', () => {
      assert.equal(module.format, 'wasm-unknown-unknown')
      assert.deepEqual([module.engine, module.worker], [engine, worker])
    })

    test('counts, and replies to the sender', async () => {
      const process = await start()
      assert.equal(shown(await process.handle(increment())), '1')
      const { Messages, Spawns, Assignments, Output, Patches, GasUsed } = await process.handle(increment('41'))
      assert.deepEqual(
        { Spawns, Assignments, Output, Patches, GasUsed },
        {
          Spawns: [],
          Assignments: [],
          Output: { data: '42' },
          Patches: [],
          GasUsed: 0
        }
      )
      const [{ Tags, ...reply }, ...others] = Messages
      const published = [
        { name: 'device', value: 'patch@1.0' },
        { name: 'count', value: 42 }
      ]
      assert.deepEqual(others, [{ Tags: published }])
      assert.deepEqual(reply, { Target: SENDER, Data: '42', Anchor: '2'.padStart(32, '0') })
      const tags = Object.fromEntries(Tags.map(({ name, value }) => [name, value]))
      assert.equal(tags.Action, 'Incremented')
      assert.equal(tags.Count, '42')
      for (const Action of ['Get', 'Read']) assert.equal(shown(await process.handle(message({ Action }))), '42')
      assert.equal(shown(await process.handle(message({ Action: 'Info' }))), `Test of ${'O'.repeat(43)} is at 42`)
      await process.close()
    })

    test('rejects an unknown action, and its state does not change', async () => {
      const process = await start()
      await process.handle(increment('7'))
      const hash = await process.memoryHash()
      const refusals = [
        [increment('0'), /"0" is not an amount/],
        [increment('many'), /"many" is not an amount/],
        [increment('18446744073709551615'), /cannot count beyond 18446744073709551615/],
        [message({ Action: 'Decrement "now"' }), /no action "Decrement "now""/],
        [message({}), /no tag "Action"/],
        [{ ...read, Tags: [{ name: 1 }] }, /cannot be read/]
      ]
      for (const [refused, reason] of refusals) {
        const { Error, Messages } = await process.handle(refused)
        assert.match(Error, reason)
        assert.equal(Messages, undefined)
      }
      assert.deepEqual(await process.memoryHash(), hash)
      assert.equal(shown(await process.handle(read)), '7')
      await process.close()
    })

    test('a dryrun changes nothing, and a snapshot resumes in another process', async (t) => {
      const process = await start()
      await process.handle(increment('40'))
      for (let again = 0; again < 2; again++) assert.equal(shown(await process.dryrun(increment())), '41')
      const image = await process.snapshot()
      t.diagnostic(`a snapshot has ${image.length} bytes`)
      assert.ok(image.length < 20_000)
      assert.equal(shown(await process.handle(increment())), '41')
      const resumed = await module.resume(environment, image)
      assert.equal(shown(await resumed.handle(increment('2'))), '42')
      assert.equal(shown(await process.handle(read)), '41')
      const restored = await module.resumeCheckpoint(environment, await resumed.checkpoint())
      assert.deepEqual(await restored.memoryHash(), await resumed.memoryHash())
      assert.equal(shown(await restored.handle(read)), '42')
      for (const one of [process, resumed, restored]) await one.close()
    })

    test('accepts large messages and all of Unicode', async () => {
      const process = await start()
      const large = { ...increment(), Data: 'ü😀'.repeat(500_000) }
      assert.equal(shown(await process.handle(large)), '1')
      const action = 'añb€c😀 \u0001 \u0000 \\ "'
      const { Error } = await process.handle(message({ Action: action }))
      assert.ok(Error.includes(action), Error)
      await process.close()
    })

    test('uses no more memory after ten thousand messages', async (t) => {
      const process = await start()
      const MESSAGES = 10_000
      const began = performance.now()
      let early
      for (let n = 1; n <= MESSAGES; n++) {
        const { Output } = await process.handle(increment())
        assert.equal(Output.data, String(n))
        if (n === 100) early = (await process.snapshot()).length
      }
      t.diagnostic(`${((performance.now() - began) / MESSAGES).toFixed(3)} ms a message`)
      assert.equal(shown(await process.handle(read)), String(MESSAGES))
      const late = (await process.snapshot()).length
      assert.ok(late < early + 1_000, `a snapshot grew from ${early} to ${late} bytes`)
      await process.close()
    })
  })
}
