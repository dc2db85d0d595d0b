// Behaviour of the Lua runtime against aos: the same conversations, equal outboxes, outputs and errors.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { conversations } from './support/conversations.mjs'
import { compare } from './support/processes.mjs'

for (const [title, steps] of Object.entries(conversations)) {
  test(`conversation: ${title}: aos and this runtime answer the same`, () => compare(steps))
}

test('conversation: all groups together have 150 messages and more', () => {
  const messages = Object.values(conversations).flat().length
  assert.ok(messages >= 150, `${messages} messages`)
})
