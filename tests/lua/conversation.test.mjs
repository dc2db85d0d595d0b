// Behaviour of the Lua runtime against aos: the same conversations, equal outboxes, outputs and errors.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { conversations, differences } from './support/conversations.mjs'
import { comparable, modules, start } from './support/processes.mjs'

let messages = 0

for (const [title, steps] of Object.entries(conversations)) {
  test(`conversation: ${title}: aos and this runtime answer the same`, async () => {
    const [aos, ours] = [await start(modules.aos), await start(modules.ours)]
    for (const step of steps) {
      messages += 1
      const expected = comparable(await aos.handle(step))
      const actual = comparable(await ours.handle(step))
      const what = JSON.stringify(step)
      if (step.differs === undefined) assert.deepEqual(actual, expected, what)
      else {
        assert.ok(differences[step.differs], `no reason is listed for ${what}`)
        assert.notDeepEqual(actual, expected, `listed as a difference, but equal: ${what}`)
      }
    }
    await aos.close()
    await ours.close()
  })
}

test('conversation: all groups together have 150 messages and more', () => {
  assert.ok(messages >= 150, `${messages} messages`)
})
