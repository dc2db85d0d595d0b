// Correct messages, spawns, monitors and assignments.
import assert from 'node:assert/strict'
import { json, network, scheduled } from '../replies.mjs'

const tags = [
  { name: 'Action', value: 'Transfer' },
  { name: 'Quantity', value: '1000' }
]
const anchor = 'an anchor that is 32 bytes long.'
const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256)

const datas = {
  'no data': undefined,
  'null data': null,
  'empty text': '',
  text: 'hello',
  'unicode text': 'héllo €uro 😀 \u0000',
  'a Uint8Array': bytes,
  'an empty Uint8Array': new Uint8Array(0),
  'an ArrayBuffer': bytes.buffer,
  'a view into a larger buffer': new Uint8Array(bytes.buffer, 7, 20),
  'a Buffer': Buffer.from('hé'),
  'the number 0': 0,
  'the boolean false': false
}

const withData = Object.entries(datas).flatMap(([label, data]) => [
  {
    name: `message with ${label}`,
    call: (ao, { process, signer }) => ao.message({ process, signer, tags, data })
  },
  {
    name: `spawn with ${label}`,
    call: (ao, { module, scheduler, signer }) => ao.spawn({ module, scheduler, signer, tags, data })
  }
])

const slots = [
  { returnAssignmentSlot: true },
  { returnAssignmentSlot: true, returnMessageId: true },
  { returnAssignmentSlot: false, returnMessageId: true },
  { returnAssignmentSlot: false, returnMessageId: false },
  { returnAssignmentSlot: undefined, returnMessageId: undefined }
].map((wanted) => ({
  name: `message with ${JSON.stringify(wanted)}`,
  call: (ao, { fresh, signer }) => ao.message({ process: fresh, signer, data: 'd', ...wanted })
}))

const flags = [
  {},
  { baseLayer: true },
  { baseLayer: false },
  { exclude: ['Data'] },
  { exclude: ['Data', 'Tags', 'Owner'] },
  { baseLayer: true, exclude: ['Anchor'] }
].map((flag) => ({
  name: `assign with ${JSON.stringify(flag)}`,
  call: (ao, { process, message }) => ao.assign({ process, message, ...flag })
}))

const nothingExcluded = {
  name: 'assign with an empty exclude',
  call: (ao, { process, message }) => ao.assign({ process, message, exclude: [] }),
  differs: {
    row: 13,
    aoconnect: { check: ({ requests }) => assert.ok(requests[0].url.endsWith('&exclude=')) },
    aoxide: { check: ({ requests }) => assert.match(requests[0].url, /&assign=[\w-]{43}$/) }
  }
}

// MU_URL is passed to fetch unchanged. Only paths are appended.
const urls = ['http://localhost:4002', 'https://mu.test/', 'https://mu.test/base'].flatMap((MU_URL) => [
  {
    name: `message to ${MU_URL}`,
    options: { MU_URL },
    replies: () => json({}),
    call: (ao, { process, signer }) => ao.message({ process, signer })
  },
  {
    name: `assign at ${MU_URL}`,
    options: { MU_URL },
    replies: () => json({ id: 'x' }),
    call: (ao, { process, message }) => ao.assign({ process, message })
  }
])

export const send = [
  ...withData,
  ...slots,
  ...flags,
  nothingExcluded,
  ...urls,
  {
    name: 'message with only a process and a signer',
    call: (ao, { process, signer }) => ao.message({ process, signer }),
    check({ requests: [request] }) {
      // Written out once, to detect that both libraries are wrong in the same way.
      const { owner, ...body } = request.body
      const expected = {
        signatureType: 1,
        target: 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA',
        anchor: '',
        tags: ['Content-Type=text/plain', 'SDK=aoconnect', 'Data-Protocol=ao', 'Variant=ao.TN.1', 'Type=Message'],
        data: '20'
      }
      if (JSON.stringify(body) !== JSON.stringify(expected)) throw new Error(JSON.stringify(body))
    }
  },
  {
    name: 'message with an anchor',
    call: (ao, { process, signer }) => ao.message({ process, signer, anchor })
  },
  {
    name: 'message with an anchor of two-byte characters',
    call: (ao, { process, signer }) => ao.message({ process, signer, anchor: 'é'.repeat(16) })
  },
  {
    name: 'message with an empty anchor',
    call: (ao, { process, signer }) => ao.message({ process, signer, anchor: '' })
  },
  {
    name: 'message with tags: null',
    call: (ao, { process, signer }) => ao.message({ process, signer, tags: null })
  },
  {
    name: 'message with unknown fields',
    call: (ao, { process, signer }) => ao.message({ process, signer, data: 'd', target: 'x', from: 'y', owner: 5 })
  },
  {
    name: 'message when the nonce of the assignment is a number',
    replies: network({ su: () => json(scheduled(12)) }),
    call: (ao, { fresh, signer }) => ao.message({ process: fresh, signer, returnAssignmentSlot: true })
  },
  {
    name: 'signMessage',
    call: (ao, { process, signer }) => ao.signMessage({ process, signer, tags, anchor, data: bytes })
  },
  {
    name: 'signMessage with returnAssignmentSlot and returnMessageId, which it ignores',
    call: (ao, { process, signer }) => ao.signMessage({ process, signer, returnAssignmentSlot: 5, returnMessageId: 5 })
  },
  {
    name: 'sendSignedMessage',
    call: async (ao, { process, signer }) => ao.sendSignedMessage(await ao.signMessage({ process, signer, data: 'd' }))
  },
  {
    name: 'sendSignedMessage with a Uint8Array',
    async call(ao, { process, signer }) {
      const { id, raw } = await ao.signMessage({ process, signer, data: 'd' })
      return ao.sendSignedMessage({ id, raw: new Uint8Array(raw), note: 'ignored' })
    }
  },
  {
    name: 'spawn with an anchor and a process, which it ignores',
    call: (ao, { module, scheduler, signer }) => ao.spawn({ module, scheduler, signer, anchor: 'x', process: 5 })
  },
  {
    name: 'spawn when the MU returns another process id',
    replies: network({ mu: () => json({ processId: 'its-name' }) }),
    call: (ao, { module, scheduler, signer }) => ao.spawn({ module, scheduler, signer })
  },
  ...['monitor', 'unmonitor'].flatMap((verb) => [
    { name: verb, call: (ao, { process, signer }) => ao[verb]({ process, signer }) },
    {
      name: `${verb} with data, tags and an anchor, which it ignores`,
      call: (ao, { process, signer }) => ao[verb]({ process, signer, data: 'd', tags, anchor: 5 })
    },
    {
      name: `${verb} when the URL of the MU has a path`,
      options: { MU_URL: 'https://mu.test/base' },
      call: (ao, { process, signer }) => ao[verb]({ process, signer })
    }
  ]),
  {
    name: 'spawn with a GRAPHQL_URL',
    options: { GRAPHQL_URL: 'https://gateway.test/ql' },
    call: (ao, { module, scheduler, signer }) => ao.spawn({ module, scheduler, signer })
  },
  ...[
    'https://gateway.test',
    'https://gateway.test/',
    'https://gateway.test/arweave/',
    'https://gateway.test/?a=b'
  ].map((GATEWAY_URL) => ({
    name: `spawn with the gateway ${GATEWAY_URL}`,
    options: { GATEWAY_URL },
    call: (ao, { module, scheduler, signer }) => ao.spawn({ module, scheduler, signer })
  }))
].map((entry) => ({ replies: network(), ...entry }))
