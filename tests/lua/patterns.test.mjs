// The patterns of AO's documentation, written in its manner, on this runtime and on aos.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'

import { OWNER, PROCESS, STRANGER } from './support/conversations.mjs'
import { comparable, modules, start } from './support/processes.mjs'

const [aos, ours] = [await start(modules.aos), await start(modules.ours)]
after(() => Promise.all([aos.close(), ours.close()]))

/** Both answers to a message, which must be equal; returns what was sent, as `target: data`. */
async function both(step) {
  const [expected, actual] = [await aos.handle(step), await ours.handle(step)]
  assert.deepEqual(comparable(actual), comparable(expected))
  assert.equal(actual.Error, undefined)
  return actual.Messages.map((item) => `${item.Target}: ${item.Data}`)
}

const send = (Action, tags = {}, data = '', from = OWNER) => both({ tags: { Action, ...tags }, data, from })

await both({ Id: PROCESS, tags: { Type: 'Process' } })
await both(readFileSync(new URL('support/patterns.lua', import.meta.url), 'utf8'))

test('initialise: the state is set from JSON', async () => {
  assert.deepEqual(await send('Initialize', {}, '{"name":"mine","owner":"me"}'), [`${OWNER}: initialized mine`])
})
test('balances: a credit answers the balance as JSON', async () => {
  assert.deepEqual(await send('Credit', { Amount: '5' }), [`${OWNER}: {"balance":1005}`])
})
test('checkpoint: the state goes into a tag', async () => {
  assert.deepEqual(await send('Checkpoint'), [`${OWNER}: saved`])
})
test('token: a transfer sends a debit and a credit notice', async () => {
  const notices = await send('Transfer', { Recipient: STRANGER, Quantity: '7' })
  assert.deepEqual(notices, [`${OWNER}: debit 7`, `${STRANGER}: credit 7`])
})
test('validation: transfers without recipient, quantity or balance are refused', async () => {
  assert.deepEqual(await send('Transfer', { Quantity: '7' }), [`${OWNER}: invalid recipient`])
  assert.deepEqual(await send('Transfer', { Recipient: 'x', Quantity: '-7' }), [`${OWNER}: invalid quantity`])
  const poor = await send('Transfer', { Recipient: 'x', Quantity: '8' }, '', STRANGER)
  assert.deepEqual(poor, [`${STRANGER}: insufficient balance`])
})
test('votes: proposals count their votes', async () => {
  await send('Propose', { Title: 'T' }, 'text')
  await send('Vote', { Title: 'T' })
  assert.deepEqual(await send('Vote', { Title: 'T' }, '', STRANGER), [`${STRANGER}: T has 2`])
})
test('pipeline: the processed data goes to the next process', async () => {
  assert.deepEqual(await send('Process-Data', { 'Next-Process': 'next' }, '[3,1,2]'), ['next: [1,2,3]'])
})
test('subscriptions: what is published reaches every subscriber', async () => {
  await send('Subscribe', { Topic: 'news' })
  await send('Subscribe', { Topic: 'news' }, '', STRANGER)
  assert.deepEqual(await send('Publish', { Topic: 'news' }, 'hi'), [`${OWNER}: hi`, `${STRANGER}: hi`])
})
test('safe operation: an error inside pcall becomes an answer', async () => {
  assert.deepEqual(await send('Safe', {}, '{"other":1}'), [`${OWNER}: failed: missing field`])
  assert.deepEqual(await send('Safe', {}, '{"field":1}'), [`${OWNER}: safe`])
})
test('roles: only the owner is an admin', async () => {
  assert.deepEqual(await send('Admin'), [`${OWNER}: welcome`])
  assert.deepEqual(await send('Admin', {}, '', STRANGER), [`${STRANGER}: access denied`])
})
test('batch: each transfer of a list has a result', async () => {
  const list = '[{"to":"a","amount":1},{"to":"b","amount":2}]'
  assert.deepEqual(await send('Batch', {}, list), [`${OWNER}: ["1:a:1","2:b:2"]`])
})
test('idempotence: the same key is handled once', async () => {
  assert.deepEqual(await send('Once', { Key: 'k' }), [`${OWNER}: done`])
  assert.deepEqual(await send('Once', { Key: 'k' }), [])
})
test('health: the answer has the time of the message', async () => {
  const [health] = await send('Health')
  assert.match(health, /healthy for \d+000$/)
})
test('the ao object has the fields of the documentation', async () => {
  const fields = '_module _version authorities clearOutbox env id init isTrusted outbox result send spawn'
  const source = `local r = {} for name in ("${fields}"):gmatch("%S+") do r[#r + 1] = name .. ":" .. type(ao[name]) end return table.concat(r, " ")`
  const { Output } = await ours.handle(source)
  const types = 'string string table function table string function function table function function function'.split(
    ' '
  )
  assert.equal(
    Output.data,
    fields
      .split(' ')
      .map((name, index) => `${name}:${types[index]}`)
      .join(' ')
  )
})
