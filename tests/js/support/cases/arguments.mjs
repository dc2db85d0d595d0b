// Missing and wrong arguments. Neither library sends a request, except where a case says so.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { refused } from '../differences.mjs'
import { network } from '../replies.mjs'

const required = {
  message: ({ process, signer }) => ({ process, signer, data: 'd' }),
  signMessage: ({ process, signer }) => ({ process, signer, data: 'd' }),
  spawn: ({ module, scheduler, signer }) => ({ module, scheduler, signer, data: 'd' }),
  result: ({ process, message }) => ({ process, message }),
  results: ({ process }) => ({ process }),
  dryrun: ({ process }) => ({ process }),
  monitor: ({ process, signer }) => ({ process, signer }),
  unmonitor: ({ process, signer }) => ({ process, signer }),
  assign: ({ process, message }) => ({ process, message }),
  getMessages: ({ fresh }) => ({ processId: fresh, from: '1', to: '2', limit: '3' }),
  getLastSlot: ({ fresh }) => ({ processId: fresh }),
  getMessageById: ({ fresh, message }) => ({ processId: fresh, messageId: message })
}

const absent = Symbol('absent')
const shown = (value) => {
  if (value === absent) return 'missing'
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return inspect(value, { breakLength: Infinity, maxStringLength: 50 })
}

function wrong(verb, changes, differs) {
  const label = Object.entries(changes).map(([field, value]) => `${field} ${shown(value)}`)
  return {
    name: `${verb} with ${label.join(', ')}`,
    replies: network(),
    differs,
    call(ao, ctx) {
      const input = { ...required[verb](ctx), ...changes }
      for (const field of Object.keys(changes)) if (changes[field] === absent) delete input[field]
      return ao[verb](input)
    },
    mustFail: true
  }
}

const each = (verbs, fields, values) =>
  verbs.flatMap((verb) => fields.flatMap((field) => values.map((value) => wrong(verb, { [field]: value }))))

const notText = [5, 0, null, {}, [], true]
const notBoolean = [5, 0, null, {}, [], 'yes', '']
const senders = ['message', 'signMessage', 'monitor', 'unmonitor']

const sameErrors = [
  ...each(senders, ['process'], [absent, ...notText]),
  ...each(['message', 'signMessage'], ['anchor'], [...notText, new Uint8Array(32)]),
  ...each(['message'], ['returnAssignmentSlot', 'returnMessageId'], notBoolean),
  ...each(['result'], ['process', 'message'], [absent, ...notText, '']),
  ...each(['results'], ['process'], [absent, ...notText, '']),
  ...each(['results'], ['from', 'to'], notText),
  ...each(['results'], ['limit'], ['5', '', null, {}, [], true, NaN]),
  ...each(['results'], ['sort'], [5, 0, null, {}, [], true, '', 'asc', 'x']),
  ...each(['assign'], ['process', 'message'], [absent, ...notText]),
  ...each(['assign'], ['baseLayer'], notBoolean),
  ...each(['assign'], ['exclude'], [5, 0, null, {}, true, '', 'A,B', [1], [null], ['A', 1]]),
  ...each(['message', 'signMessage'], ['anchor'], ['a'.repeat(31), 'a'.repeat(33), 'é'.repeat(32), 'x']),
  ...each(
    senders,
    ['process'],
    ['abc', 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aa', 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaAA']
  ),
  ...each(
    ['message', 'signMessage'],
    ['tags'],
    [[{ name: 'a' }], [{ name: 'a', value: 5 }], [{ name: 'a', value: null }]]
  ),
  wrong('message', { process: 5, anchor: 5, returnAssignmentSlot: 5, returnMessageId: 5 }),
  wrong('result', { process: 5, message: absent }),
  wrong('results', { process: 5, from: 5, to: 5, sort: 5, limit: 'x' }),
  wrong('assign', { process: 5, message: 5, baseLayer: 5, exclude: 5 })
]

// aoconnect reports these with internal errors.
const messageOf = (type, value) => {
  if (value === absent) return 'Required'
  const received = value === null ? 'null' : Array.isArray(value) ? 'array' : value !== value ? 'nan' : typeof value
  return `Expected ${type}, received ${received}`
}
const expected = (type, value) => new RegExp(messageOf(type, value))
const zod = (verbs, fields, type, values) =>
  verbs.flatMap((verb) =>
    fields.flatMap((field) =>
      values.map((value) => wrong(verb, { [field]: value }, refused('ZodError', expected(type, value))))
    )
  )

const inside = [
  ...zod(['dryrun'], ['process'], 'string', [absent, ...notText]),
  ...zod(['dryrun'], ['Id', 'Owner'], 'string', notText),
  ...zod(['dryrun'], ['anchor'], 'string', [5, {}, [], true]),
  ...zod(['dryrun'], ['tags'], 'array', [5, {}, true, 'x']),
  ...zod(['getMessages', 'getMessageById', 'getLastSlot'], ['processId'], 'string', [absent, ...notText]),
  ...zod(['getMessageById'], ['messageId'], 'string', [absent, ...notText]),
  ...zod(['getMessages'], ['from', 'to'], 'string', notText),
  ...zod(['getMessages'], ['limit'], 'string', notText),
  ...zod(['getLastSlot'], ['since'], 'number', [null, {}, [], true, '', '5', NaN]),
  ...[
    [[{ name: 'a' }], /Required/],
    [[{ value: 'a' }], /Required/],
    [[{ name: 'a', value: 5 }], /Expected string, received number/],
    [[{ name: 5, value: 'a' }], /Expected string, received number/],
    [['x'], /Expected object, received string/],
    [[null], /Expected object, received null/]
  ].map(([tags, text]) => wrong('dryrun', { tags }, refused('ZodError', text))),
  ...['message', 'signMessage'].flatMap((verb) => [
    ...[5, 0, {}, 'x', '', true].map((tags) => wrong(verb, { tags }, refused('TypeError', expected('array', tags)))),
    ...[['x'], [5], [null], [{ value: 'a' }], [{}], [{ name: 5, value: 'a' }]].map((tags) =>
      wrong(verb, { tags }, refused('TypeError', /tag|name|Expected/i))
    )
  ]),
  ...[5, {}, true, 5n, () => {}].map((data) => wrong('message', { data }, refused('TypeError', /data/)))
]

/** An argument that aoconnect's error does not name, or names by a number. The rest of the error is equal. */
const named = (verbs, field, theirs, type, values) =>
  verbs.flatMap((verb) =>
    values.map((value) => {
      // Every falsy signer counts as missing.
      const problem = value === absent || (field === 'signer' && !value) ? 'Required' : messageOf(type, value)
      return wrong(
        verb,
        { [field]: value },
        {
          row: 25,
          aoconnect: { error: `${theirs}: ${problem}.`, sent: verb === 'spawn' && field === 'signer' ? 1 : 0 },
          aoxide: { error: new RegExp(`'${field}': ${problem}\\.`), code: 'BAD_ARGUMENT', sent: 0 }
        }
      )
    })
  )

const unnamed = [
  ...named([...senders, 'spawn'], 'signer', "'undefined'", 'function', [absent, ...notText, '', 'x']),
  ...named(['spawn'], 'module', "Invalid Arguments '0'", 'string', [absent, ...notText])
]

// aoconnect requests the module before it checks the arguments of spawn. aoxide checks them first.
const spawnTags = [[{ name: 'a' }], [{ name: 'a', value: 5 }], [{ name: 'a', value: null }]]
const badTag = 'Invalid tag format for [object Object], expected {name:string, value: string}'
const early = (field) => ({
  row: 26,
  aoconnect: { error: badTag, sent: 1 },
  aoxide: { error: new RegExp(`'${field}'`), code: 'BAD_ARGUMENT', sent: 0 }
})
const late = [
  ...[absent, ...notText].map((scheduler) => wrong('spawn', { scheduler }, early('scheduler'))),
  ...spawnTags.map((tags) => wrong('spawn', { tags }, early('value')))
]

const nothing = {
  message: "'undefined': Required.",
  signMessage: "'undefined': Required.",
  monitor: "'undefined': Required.",
  unmonitor: "'undefined': Required.",
  spawn: "Invalid Arguments '0': Required."
}

const calls = Object.keys(required).flatMap((verb) => [
  {
    name: `${verb}()`,
    replies: network(),
    call: (ao) => ao[verb](),
    differs: refused(verb.startsWith('get') ? 'ZodError' : 'TypeError', /Required/)
  },
  {
    name: `${verb}(null)`,
    replies: network(),
    call: (ao) => ao[verb](null),
    differs: refused(verb.startsWith('get') ? 'ZodError' : 'TypeError', /Required|received null/)
  },
  {
    name: `${verb}({})`,
    replies: network(),
    call: (ao) => ao[verb]({}),
    differs: nothing[verb]
      ? { row: 25, aoconnect: { error: nothing[verb] }, aoxide: { error: /'signer': Required\./, sent: 0 } }
      : verb.startsWith('get') || verb === 'dryrun'
        ? refused('ZodError', /Required/)
        : undefined,
    mustFail: true
  }
])

const flipped = (raw) => Uint8Array.from(raw, (byte, at) => (at === raw.length - 1 ? byte ^ 1 : byte))
const signed = [absent, 5, null, {}, 'text', new Uint8Array(10), new Uint8Array(2000)].map((raw) => [
  shown(raw),
  () => raw
])
const sendSigned = [
  ...[absent, ...notText].map((id) => ({
    name: `sendSignedMessage with id ${shown(id)}`,
    replies: network(),
    mustFail: true,
    async call(ao, { process, signer }) {
      const { raw } = await ao.signMessage({ process, signer })
      return ao.sendSignedMessage(id === absent ? { raw } : { id, raw })
    }
  })),
  ...[...signed, ['a flipped bit', flipped]].map(([label, change]) => ({
    name: `sendSignedMessage with raw ${label}`,
    replies: network(),
    async call(ao, { process, signer }) {
      const { id, raw } = await ao.signMessage({ process, signer })
      const changed = change(raw)
      return ao.sendSignedMessage(changed === absent ? { id } : { id, raw: changed })
    },
    differs: {
      row: 17,
      aoconnect: { error: 'Error while communicating with MU: {}', sent: 0 },
      aoxide: {
        sent: 0,
        error: (error) => assert.match(error.code, /^(BAD_(ARGUMENT|ITEM|SIGNATURE)|UNSUPPORTED)$/, error.message)
      }
    }
  })),
  {
    name: 'sendSignedMessage with an id that is not the id of the item',
    replies: network(),
    async call(ao, { process, signer }) {
      const { raw } = await ao.signMessage({ process, signer })
      return ao.sendSignedMessage({ id: process, raw })
    },
    differs: {
      row: 36,
      aoconnect: { sent: 1 },
      aoxide: { error: /^The id .* does not belong to the item/, code: 'BAD_ARGUMENT', sent: 0 }
    }
  }
]

export const args = [...sameErrors, ...inside, ...unnamed, ...late, ...calls, ...sendSigned]
