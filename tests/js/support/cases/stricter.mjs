// Input that aoconnect accepts, and that aoxide refuses, encodes or escapes.
import assert from 'node:assert/strict'
import { json, network, scheduled } from '../replies.mjs'

const message =
  (fields) =>
  (ao, { process, signer }) =>
    ao.message({ process, signer, data: 'd', ...fields })
const dryrun =
  (fields) =>
  (ao, { process }) =>
    ao.dryrun({ process, ...fields })
const accepted = { value: '<item 1>', sent: 1 }
const ours = (code, error = /./) => ({ code, error, sent: 0 })

const standard = 'Pj7nX+Vq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const padded = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA='
const invalidIds = {
  empty: '',
  'in standard base64': standard,
  padded: padded,
  'not canonical base64url': 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaB'
}
const ids = Object.entries(invalidIds).flatMap(([label, process]) =>
  ['message', 'monitor'].map((verb) => ({
    name: `${verb} with a process id that is ${label}`,
    call: (ao, { signer }) => ao[verb]({ process, signer, data: 'd' }),
    differs: { row: 27, aoconnect: accepted, aoxide: ours('BAD_ID', /Target/) }
  }))
)

// aoconnect writes the id into the URL without a check.
const unchecked = [padded, standard].flatMap((id) =>
  [
    ['result', (ao, { message }) => ao.result({ process: id, message })],
    ['result', (ao, { process }) => ao.result({ process, message: id })],
    ['results', (ao) => ao.results({ process: id })],
    ['dryrun', (ao) => ao.dryrun({ process: id })],
    ['assign', (ao, { process }) => ao.assign({ process, message: id })],
    ['assign', (ao, { message }) => ao.assign({ process: id, message })],
    ['getMessageById', (ao, { fresh }) => ao.getMessageById({ processId: fresh, messageId: id })]
  ].map(([verb, call]) => ({
    name: `${verb} with ${call.toString().replace(/.*\(/, '')} and the id ${id}`,
    replies: network({ cu: () => json({ edges: [] }) }),
    call,
    differs: { row: 27, aoconnect: {}, aoxide: ours('BAD_ID', /43 characters/) }
  }))
)

const limited = {
  '129 tags with those of the protocol': [Array.from({ length: 125 }, () => ({ name: 'n', value: 'v' })), /128/],
  'an empty name': [[{ name: '', value: 'v' }], /name/],
  'a name of 1025 bytes': [[{ name: 'n'.repeat(1025), value: 'v' }], /1024/],
  'a value of 3073 bytes': [[{ name: 'n', value: 'v'.repeat(3073) }], /3072/],
  'a lone surrogate': [[{ name: 'n', value: 'a\ud800' }], /surrogate/]
}
const limits = Object.entries(limited).map(([label, [tags, text]]) => ({
  name: `message with ${label}`,
  call: message({ tags }),
  differs: { row: 28, aoconnect: accepted, aoxide: ours('BAD_TAGS', text) }
}))

const unsupported = {
  'a list of numbers': [1, 2],
  'an empty list': [],
  'a Uint16Array': new Uint16Array([258, 259]),
  'a DataView': new DataView(new ArrayBuffer(3)),
  'a Date': new Date(0)
}
const datas = [
  ...Object.entries(unsupported).map(([label, data]) => ({
    name: `message with ${label} as data`,
    call: message({ data }),
    differs: { row: 30, aoconnect: accepted, aoxide: ours('BAD_ARGUMENT', /'data'/) }
  })),
  {
    name: 'message with a Blob as data',
    call: message({ data: new Blob(['h\u00e9', new Uint8Array([0, 255])]) }),
    differs: {
      row: 30,
      aoconnect: { error: /Received an instance of Blob/, sent: 0 },
      aoxide: { ...accepted, check: ({ requests }) => assert.equal(requests[0].body.data, '68c3a900ff') }
    }
  }
]

const bytes = new TextEncoder().encode('h\u00e9')
const sentData = (expected) => ({ check: ({ requests }) => assert.deepEqual(requests[0].body.Data, expected) })
const dryruns = [
  {
    name: 'dryrun with bytes that are UTF-8',
    call: dryrun({ data: bytes }),
    differs: { row: 29, aoconnect: sentData({ 0: 104, 1: 195, 2: 169 }), aoxide: sentData('h\u00e9') }
  },
  {
    name: 'dryrun with an ArrayBuffer that is UTF-8',
    call: dryrun({ data: bytes.buffer }),
    differs: { row: 29, aoconnect: sentData({}), aoxide: sentData('h\u00e9') }
  },
  {
    name: 'dryrun with a Blob that is UTF-8',
    call: dryrun({ data: new Blob(['h\u00e9']) }),
    differs: { row: 29, aoconnect: sentData({}), aoxide: sentData('h\u00e9') }
  },
  {
    name: 'dryrun with bytes that are not UTF-8',
    call: dryrun({ data: new Uint8Array([1, 2, 255]) }),
    differs: { row: 29, aoconnect: sentData({ 0: 1, 1: 2, 2: 255 }), aoxide: ours('BAD_ARGUMENT', /UTF-8/) }
  }
]

const delimiters = 'a&b=c#d e'
const escaped = 'a%26b%3Dc%23d'
const url = (pattern, at = 0) => ({
  check: ({ requests }) => assert.match(requests[at].url, pattern)
})
const urls = [
  ['result', (ao) => ao.result({ process: delimiters, message: 'm' }), 0],
  ['dryrun', (ao) => ao.dryrun({ process: delimiters }), 0],
  ['assign', (ao) => ao.assign({ process: delimiters, message: delimiters, exclude: [delimiters] }), 0],
  ['getMessages', (ao, { fresh }) => ao.getMessages({ processId: fresh, from: delimiters, to: '2', limit: '3' }), 1]
].map(([verb, call, at]) => ({
  name: `${verb} with a value that contains & and #`,
  call,
  differs: { row: 31, aoconnect: url(/=a&b=c#d e/, at), aoxide: url(new RegExp(`=${escaped}(\\+|%20)e`), at) }
}))

// In paths, too: these values must not end the path or start a query.
const paths = [
  ['result', (ao) => ao.result({ process: 'p', message: 'm/../x?y=z#w' }), 0],
  ['getMessageById', (ao, { fresh }) => ao.getMessageById({ processId: fresh, messageId: 'm/../x?y=z#w' }), 1]
].map(([verb, call, at]) => ({
  name: `${verb} with an id that contains /, ? and #`,
  call,
  differs: { row: 31, aoconnect: url(/\/m\/\.\.\/x\?y=z#w\?/, at), aoxide: url(/\/m%2F\.\.%2Fx%3Fy(=|%3D)z%23w\?/, at) }
}))

const slashes = ['https://mu.test/', 'https://mu.test/base/'].flatMap((MU_URL) => {
  const options = { MU_URL, CU_URL: MU_URL.replace('mu.', 'cu.') }
  return [
    ['monitor', (ao, { process, signer }) => ao.monitor({ process, signer })],
    ['result', (ao) => ao.result({ process: 'p', message: 'm' })],
    ['results', (ao) => ao.results({ process: 'p' })],
    ['dryrun', (ao) => ao.dryrun({ process: 'p' })]
  ].map(([verb, call]) => ({
    name: `${verb} at ${MU_URL}`,
    options,
    replies: () => json({ edges: [] }),
    call,
    differs: { row: 32, aoconnect: url(/test\/(base\/)?\/\w/), aoxide: url(/test\/(base\/)?\w/) }
  }))
})

export const stricter = [
  ...ids,
  ...unchecked,
  ...limits,
  ...datas,
  ...dryruns,
  ...urls,
  ...paths,
  ...slashes,
  {
    name: 'spawn when the URL of the gateway has a path',
    options: { GATEWAY_URL: 'https://gateway.test/arweave' },
    call: (ao, { module, scheduler, signer }) => ao.spawn({ module, scheduler, signer }),
    differs: {
      row: 32,
      aoconnect: url(/^https:\/\/gateway\.test\/arweavegraphql$/),
      aoxide: url(/^https:\/\/gateway\.test\/arweave\/graphql$/)
    }
  },
  {
    name: 'getLastSlot when the nonce is a number',
    replies: network({ su: () => json({ edges: [{ cursor: '4', node: scheduled(4) }] }) }),
    call: (ao, { fresh }) => ao.getLastSlot({ processId: fresh }),
    differs: { row: 34, aoconnect: { value: 4 }, aoxide: { value: '4' } }
  }
].map((entry) => ({ replies: network(), ...entry }))
