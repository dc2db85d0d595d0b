// Correct results, dryruns and schedules.
import { inspect } from 'node:util'
import { evaluation, json, network, scheduled } from '../replies.mjs'

const results = network({
  cu: () => json({ edges: [{ cursor: 'eyJ0IjoxfQ==', node: { Output: {}, Messages: [], Spawns: [], Error: 'e' } }] })
})

const pages = [
  {},
  { from: 'eyJ0+/=', to: 'b' },
  { from: 'a b&c=d%25', limit: 5 },
  { sort: 'ASC' },
  { sort: 'DESC', limit: 25, from: 'a', to: 'b' },
  { from: '', to: '', limit: 0 },
  { from: undefined, to: undefined, limit: undefined, sort: undefined },
  { limit: 1.5 },
  { limit: -1 },
  { from: "~!*()'-._" }
].map((page) => ({
  name: `results ${inspect(page)}`,
  replies: results,
  call: (ao, { process }) => ao.results({ process, ...page })
}))

const message = {
  tags: [
    { name: 'Action', value: 'Balance' },
    { name: 'Né', value: '€' }
  ],
  data: 'some text "quoted" \n é'
}

const dryruns = {
  'only a process': {},
  'tags and data': message,
  'an Id and an Owner': { ...message, Id: 'the-id', Owner: 'the-owner' },
  'an empty Id and Owner': { Id: '', Owner: '' },
  'an anchor': { anchor: 'short' },
  'an empty anchor': { anchor: '' },
  'no anchor, no tags, no data': { anchor: null, tags: null, data: null },
  'empty data': { data: '' },
  'an object as data': { data: { a: [1] } },
  'a list as data': { data: [1, 2] },
  'a number as data': { data: 5 },
  'data 0': { data: 0 },
  'data false': { data: false },
  'an empty list of tags': { tags: [] },
  'tags of the protocol': {
    tags: [
      { name: 'Data-Protocol', value: 'ao' },
      { name: 'Type', value: 'Message' },
      { name: 'Variant', value: 'x' }
    ]
  },
  'an empty tag name and value': { tags: [{ name: '', value: '' }] },
  'a further member in a tag': { tags: [{ name: 'a', value: 'b', extra: 1 }] },
  'fields that are not sent': {
    Target: 'x',
    Data: 'x',
    Tags: [],
    Anchor: 'x',
    From: 'x',
    Module: 'x',
    Cron: true,
    Timestamp: 5,
    'Block-Height': 5
  }
}

const bases = ['http://localhost:6363', 'https://cu.test/base'].flatMap((CU_URL) => [
  {
    name: `result from ${CU_URL}`,
    options: { CU_URL },
    replies: () => json(evaluation),
    call: (ao, { process, message }) => ao.result({ process, message })
  },
  {
    name: `results from ${CU_URL}`,
    options: { CU_URL },
    replies: () => json({ edges: [] }),
    call: (ao, { process }) => ao.results({ process, limit: 2 })
  },
  {
    name: `dryrun on ${CU_URL}`,
    options: { CU_URL },
    replies: () => json(evaluation),
    call: (ao, { process }) => ao.dryrun({ process })
  }
])

const page = (...nonces) => ({ edges: nonces.map((nonce, at) => ({ cursor: String(at), node: scheduled(nonce) })) })
const noNonce = { edges: [{ cursor: '0', node: { assignment: { tags: [{ name: 'nonce', value: '5' }] } } }] }

export const read = [
  { name: 'result', call: (ao, { process, message }) => ao.result({ process, message }) },
  {
    name: 'result when the response has all JSON types',
    replies: network({ cu: () => json({ Error: 'é', Output: null, deep: { a: [1, 1.5, 1e21, true, null, 'x'] } }) }),
    call: (ao, { process, message }) => ao.result({ process, message })
  },
  {
    name: 'result when the response is an empty object',
    replies: network({ cu: () => json({}) }),
    call: (ao, { process, message }) => ao.result({ process, message })
  },
  ...pages,
  {
    name: 'results when the page is empty',
    replies: network({ cu: () => json({ edges: [] }) }),
    call: (ao, { process }) => ao.results({ process })
  },
  ...Object.entries(dryruns).map(([label, fields]) => ({
    name: `dryrun with ${label}`,
    call: (ao, { process }) => ao.dryrun({ process, ...fields })
  })),
  ...bases,
  {
    name: 'getMessages with a limit',
    call: (ao, { fresh }) => ao.getMessages({ processId: fresh, from: '1', to: '1760000000000', limit: '50' })
  },
  {
    name: 'getMessageById',
    call: (ao, { fresh, message }) => ao.getMessageById({ processId: fresh, messageId: message })
  },
  {
    name: 'getLastSlot',
    replies: network({ su: () => json(page('3', '4')) }),
    call: (ao, { fresh }) => ao.getLastSlot({ processId: fresh })
  },
  {
    name: 'getLastSlot with since: 60 seconds',
    replies: network({ su: () => json(page('3')) }),
    call: (ao, { fresh }) => ao.getLastSlot({ processId: fresh, since: 60_000 })
  },
  {
    name: 'getLastSlot with since: 0, which means the default of ten minutes',
    replies: network({ su: () => json(page('3')) }),
    call: (ao, { fresh }) => ao.getLastSlot({ processId: fresh, since: 0 })
  },
  {
    name: 'getLastSlot when the schedule has no entry',
    replies: network({ su: () => json(page()) }),
    call: (ao, { fresh }) => ao.getLastSlot({ processId: fresh })
  },
  {
    name: 'getLastSlot when the assignment has no nonce',
    replies: network({ su: () => json(noNonce) }),
    call: (ao, { fresh }) => ao.getLastSlot({ processId: fresh })
  },
  {
    name: 'getMessageById twice: the scheduler is looked up once',
    async call(ao, { fresh, message }) {
      await ao.getMessageById({ processId: fresh, messageId: message })
      return ao.getMessageById({ processId: fresh, messageId: message })
    }
  }
].map((entry) => ({ replies: network(), ...entry }))
