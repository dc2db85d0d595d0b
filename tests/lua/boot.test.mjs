// The first message of a process on this runtime and on aos: whom the process belongs to, and `On-Boot: Data`.

import { test } from 'node:test'

import { AUTHORITY, OWNER, PROCESS, STRANGER } from './support/conversations.mjs'
import { compare } from './support/processes.mjs'

const boot = (data, tags) => ({ Id: PROCESS, tags: { Type: 'Process', 'On-Boot': 'Data', ...tags }, data })

const conversations = {
  'On-Boot: Data evaluates the data once, with the process as it will be': [
    boot('x = (x or 0) + 1 who = Owner .. Name .. ao.id .. #ao.authorities .. Inbox[1].Id'),
    'return x .. who .. #Inbox'
  ],
  'On-Boot: Data shows the value of an expression': [boot('{ 1, "a", { b = 2 } }')],
  'On-Boot: Data shows what is printed, and adds handlers': [
    boot('print("hi") Send({ Target = "t", Data = "d" }) Handlers.add("H", "H", function() print("h") end)'),
    { tags: { Action: 'H' } }
  ],
  'On-Boot: Data may wait for a message': [
    boot('x = Receive("Foo").Data'),
    { tags: { Action: 'Foo' }, data: 'later' },
    'return x'
  ],
  'On-Boot: Data with a message whose action is Eval is evaluated once': [
    boot('x = (x or 0) + 1 return x', { Action: 'Eval' }),
    'return x .. #Inbox'
  ],
  'On-Boot: Data with another action': [boot('x = 1 return x', { Action: 'Other' }), 'return x .. #Inbox'],
  'On-Boot: Data without data': [boot(''), 'return 1'],
  'On-Boot: Data with a syntax error is an error, and the state is kept': [
    boot('x = = 1'),
    { lua: 'return #Handlers.list', differs: 'start' }
  ],
  'On-Boot: Data that fails is an error, and the state is kept': [
    boot('x = 1 error("boom")'),
    { lua: 'return x', differs: 'start' }
  ],
  'On-Boot with an id is an error': [{ ...boot('x = 1', { 'On-Boot': 'T'.repeat(43) }), differs: 'arguments' }],
  'without On-Boot the data is kept, not evaluated': [
    { Id: PROCESS, tags: { Type: 'Process' }, data: 'x = 1' },
    'return x',
    'return Inbox[1].Data'
  ],
  'an Eval before the first message': [{ lua: 'return 1', differs: 'start' }],
  'a message that only looks like the first one evaluates nothing': [
    { Id: PROCESS, tags: { Type: 'Process' } },
    { ...boot('x = 1'), Id: 'other' },
    { ...boot('x = 1'), from: STRANGER },
    'return x'
  ]
}

for (const [title, steps] of Object.entries(conversations)) test(`boot: ${title}`, () => compare(steps))

/** A process whose environment names this owner: the key that signed the spawn. */
const ownedBy = (Owner) => ({
  Process: { Id: PROCESS, Owner, Tags: [{ name: 'Authority', value: AUTHORITY }] },
  Module: { Id: 'M'.repeat(43), Tags: [] }
})

test('owner: a process that a process spawned belongs to that process, not to the unit that signed', () =>
  compare(
    [
      { ...boot('return Owner', { 'From-Process': STRANGER }), from: STRANGER, Owner: AUTHORITY },
      { lua: 'return Owner', from: STRANGER, Owner: AUTHORITY },
      { lua: 'return Owner', from: OWNER }
    ],
    ownedBy(AUTHORITY)
  ))

test('owner: tags of the first message do not decide whom the process belongs to', () =>
  compare([boot('return Owner', { Owner: STRANGER, From: STRANGER }), 'return Owner'], ownedBy(OWNER)))
