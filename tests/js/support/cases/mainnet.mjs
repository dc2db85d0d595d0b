// Correct calls of mainnet mode. All requests are signed, because aoconnect signs all.
import assert from 'node:assert/strict'
import { evaluation, json, network, node, scheduled } from '../replies.mjs'

const tags = [
  { name: 'Action', value: 'Transfer' },
  { name: 'Quantity', value: '1000' }
]
const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256)

const datas = {
  'no data': undefined,
  'null data': null,
  'empty text': '',
  text: 'hello',
  'unicode text': 'héllo €uro 😀 \u0000',
  bytes,
  'a view into a larger buffer': new Uint8Array(bytes.buffer, 7, 20),
  'a Buffer': Buffer.from('hé')
}

const withData = Object.entries(datas).flatMap(([label, data]) => [
  { name: `message with ${label}`, call: (ao, { process }) => ao.message({ process, tags, data }) },
  { name: `spawn with ${label}`, call: (ao, { module }) => ao.spawn({ module, tags, data }) },
  { name: `result with ${label}`, call: (ao, { process }) => ao.result({ process, slot: 5, tags, data }) },
  { name: `dryrun with ${label}`, call: (ao, { process }) => ao.dryrun({ process, tags, data }) }
])

const lists = {
  none: [],
  some: tags,
  'tags of the protocol': [
    { name: 'Data-Protocol', value: 'x' },
    { name: 'Type', value: 'y' },
    { name: 'A', value: 'b' },
    { name: 'Variant', value: 'ao.TN.1' },
    { name: 'variant', value: 'z' }
  ],
  'an empty value': [{ name: 'A', value: '' }],
  unicode: [{ name: 'Né', value: '€😀' }]
}
const withTags = Object.entries(lists).flatMap(([label, tags]) => [
  { name: `message with tags: ${label}`, call: (ao, { process }) => ao.message({ process, tags }) },
  { name: `spawn with tags: ${label}`, call: (ao, { module }) => ao.spawn({ module, tags }) },
  ...(label.includes('protocol')
    ? []
    : [{ name: `result with tags: ${label}`, call: (ao, { process }) => ao.result({ process, slot: 5, tags }) }])
])

const wanted = [
  {},
  { returnAssignmentSlot: true },
  { returnAssignmentSlot: false, returnMessageId: false },
  { opts: {} },
  { opts: { fullResponse: false } },
  { opts: { fullResponse: true } },
  { opts: { fullResponse: true }, returnMessageId: true }
].map((flags) => ({
  name: `message with ${JSON.stringify(flags)}`,
  call: (ao, { process }) => ao.message({ process, data: 'd', ...flags })
}))

const definitions = {
  'an authority': { authority: 'an-authority' },
  'an authority in its tags': { tags: [{ name: 'Authority', value: 'an-authority' }, ...tags] },
  'other devices': {
    tags: [
      { name: 'execution-device', value: 'lua@5.3a' },
      { name: 'scheduler-device', value: 'other@1.0' },
      { name: 'Image', value: 'an-image' }
    ]
  },
  'a module in its tags': { tags: [{ name: 'Module', value: 'another' }] }
}
const spawns = Object.entries(definitions).flatMap(([label, fields]) =>
  [undefined, 'a-scheduler'].map((SCHEDULER) => ({
    name: `spawn with ${label}${SCHEDULER ? ', and a scheduler' : ''}`,
    options: { SCHEDULER },
    call: (ao, { module }) => ao.spawn({ module, ...fields })
  }))
)

const requests = {
  'only a path': {},
  'fields of all kinds': { text: 't', number: 5, 'a-float': 1.5, yes: true, big: 10n ** 20n, empty: '' },
  'a target and data': { target: 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA', data: bytes },
  'a type and a variant': { Type: 'T', Variant: 'v', type: 'x', variant: 'y' },
  'fields that are not sent as tags': { 'Data-Protocol': 'x', dryrun: 'x', Path: 'x', Method: 'x', method: 'GET' },
  'fields that choose the form of the response': {
    'accept-bundle': 'true',
    'require-codec': 'application/json',
    'a.b/c': 'd'
  },
  'names in any order': { b: '1', a: '2', Z: '3' }
}
const asked = Object.entries(requests).flatMap(([label, fields]) => ({
  name: `request with ${label}`,
  async call(ao) {
    const response = await ao.request({ path: '/~x@1.0/y', 'signing-format': 'ans104', ...fields })
    assert.ok(response instanceof Response)
    return [response.status, await response.text()]
  }
}))

// Neither library rejects because of a status here.
const refused = [400, 404, 500].map((status) => ({
  name: `request when the response is ${status}`,
  replies: node({ other: () => json({ no: true }, status) }),
  async call(ao) {
    const response = await ao.request({ path: 'x', 'signing-format': 'ans104' })
    return [response.status, await response.json()]
  }
}))

const page = { edges: [{ cursor: '1', node: scheduled('3') }] }
const schedulers = {
  getMessages: (ao, { fresh }) => ao.getMessages({ processId: fresh, from: '1', to: '9', limit: '50' }),
  getMessageById: (ao, { fresh, message }) => ao.getMessageById({ processId: fresh, messageId: message }),
  getLastSlot: (ao, { fresh }) => ao.getLastSlot({ processId: fresh, since: 60_000 })
}

const shapes = {
  'with all members': { ...evaluation, Error: 'e', Assignments: [{ Message: 'm' }], more: { a: [1, null] } },
  'without members': {},
  'with null members': { Output: null, Messages: null }
}

export const mainnet = [
  ...withData,
  ...withTags,
  ...wanted,
  ...spawns,
  ...asked,
  ...refused,
  ...Object.entries(shapes).flatMap(([label, raw]) => [
    {
      name: `result ${label}`,
      replies: node({ result: () => json({ raw }) }),
      call: (ao, { process }) => ao.result({ process, slot: 5 })
    },
    {
      name: `dryrun ${label}`,
      replies: node({ dryrun: () => json({ raw, results: {} }) }),
      call: (ao, { process }) => ao.dryrun({ process })
    }
  ]),
  { name: 'result with a slot that is a string', call: (ao, { process }) => ao.result({ process, slot: '5' }) },
  { name: 'result with slot 0', call: (ao, { process }) => ao.result({ process, slot: 0 }) },
  {
    name: 'result with a slot and a message',
    call: (ao, { process, message }) => ao.result({ process, slot: 5, message })
  },
  {
    name: 'dryrun with a tag that has spaces',
    call: (ao, { process }) => ao.dryrun({ process, tags: [{ name: 'Action', value: 'In fo é' }] })
  },
  ...['https://node.test/', 'https://node.test/base/'].map((URL) => ({
    name: `message to ${URL}`,
    options: { URL },
    call: (ao, { process }) => ao.message({ process })
  })),
  ...Object.entries(schedulers).map(([name, call]) => ({
    name,
    call,
    replies: network({
      su: ({ url }) => json(url.includes('?process-id=') && !url.includes('from') ? scheduled('3') : page)
    })
  }))
].map((entry) => ({
  replies: node(),
  ...entry,
  options: { MODE: 'mainnet', URL: 'https://node.test', signedReads: true, ...entry.options }
}))
