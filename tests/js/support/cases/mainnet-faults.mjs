// Error responses and unusual responses of HyperBEAM nodes, and wrong arguments in mainnet mode.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { json, node, spawned, text, unreachable } from '../replies.mjs'

const verbs = {
  message: ['push', (ao, { process }) => ao.message({ process }), 'Error sending message'],
  spawn: ['spawn', (ao, { module }) => ao.spawn({ module }), 'Error spawning process'],
  result: ['result', (ao, { process }) => ao.result({ process, slot: 5 }), 'Error getting result'],
  results: ['slot', (ao, { process }) => ao.results({ process }), 'Error getting results'],
  dryrun: ['dryrun', (ao, { process }) => ao.dryrun({ process }), 'Error running dryrun']
}
const faults = {
  '400 with text': () => text('no such thing', 400),
  '404 with HTML': () => text('<html>not here</html>', 404),
  '500 with HTML': () => text('<html>oh</html>', 500),
  '502 with an empty body': () => text('', 502)
}
const errors = Object.entries(verbs).flatMap(([verb, [part, call, theirs]]) => [
  ...Object.entries(faults).map(([label, answer]) => ({
    name: `${verb} when the response is ${label}`,
    replies: node({ [part]: answer }),
    call,
    differs: {
      row: 39,
      aoconnect: { error: theirs },
      aoxide: {
        code: 'HTTP_STATUS',
        error(error) {
          assert.equal(error.details.status, answer().status)
          assert.match(error.details.url, /^https:\/\/node\.test\//)
          assert.equal('id' in error.details, ['message', 'spawn'].includes(verb))
        }
      }
    }
  })),
  {
    name: `${verb} when the node cannot be reached`,
    replies: node({ [part]: unreachable }),
    call,
    differs: {
      row: 39,
      aoconnect: { error: 'HTTP request failed' },
      aoxide: { code: 'HTTP_NETWORK', error: (error) => assert.equal(error.cause.message, 'fetch failed') }
    }
  }
])
const notJson = ['message', 'result', 'dryrun'].flatMap((verb) =>
  ['', '<html>', '{"slot":7'].map((answer) => ({
    name: `${verb} when the response is 200 with ${JSON.stringify(answer)}`,
    replies: node({ [verbs[verb][0]]: () => text(answer) }),
    call: verbs[verb][1],
    differs: { row: 39, aoconnect: { error: /JSON/ }, aoxide: { code: 'BAD_RESPONSE', error: /not JSON/ } }
  }))
)
const unnamed = [
  {
    name: 'spawn when the response has no process',
    replies: node({ spawn: () => json({}) }),
    call: verbs.spawn[1],
    differs: {
      row: 39,
      aoconnect: { error: 'Error spawning process' },
      aoxide: { code: 'BAD_RESPONSE', error: (error) => assert.match(error.details.id, /^[\w-]{43}$/) }
    }
  },
  {
    name: 'spawn when the node returns HTML as its address',
    replies: node({ address: () => text('<html>') }),
    call: verbs.spawn[1],
    differs: {
      row: 39,
      aoconnect: { value: spawned },
      aoxide: { code: 'BAD_RESPONSE', error: /No scheduler provided/, sent: 1 }
    }
  },
  {
    name: 'results when the node returns HTML as the slot',
    replies: node({ slot: () => text('<html>') }),
    call: verbs.results[1],
    differs: {
      row: 39,
      aoconnect: { check: ({ value }) => assert.equal(value.edges[0].cursor, '<html>') },
      aoxide: { code: 'BAD_RESPONSE', error: /no number/ }
    }
  }
]

const bad = [
  ['message', { process: 'abc' }, /32 bytes/, 'BAD_ID'],
  ['message', { tags: [{ name: 'a', value: 5 }] }, undefined, 'BAD_ARGUMENT'],
  ['message', { tags: {} }, /./, 'BAD_ARGUMENT'],
  ['message', { data: {} }, /./, 'BAD_ARGUMENT'],
  ['spawn', { module: undefined }, 'No module provided', 'BAD_ARGUMENT'],
  ['spawn', { module: 5 }, undefined, 'BAD_ARGUMENT'],
  ['result', { slot: undefined }, undefined, 'BAD_ARGUMENT'],
  ['result', { process: undefined }, undefined, 'BAD_ARGUMENT'],
  ['result', { slot: {} }, undefined, 'BAD_ARGUMENT'],
  ['results', { from: 'x' }, undefined, 'BAD_ARGUMENT'],
  ['results', { limit: '5' }, undefined, 'BAD_ARGUMENT'],
  ['results', { sort: 'desc' }, undefined, 'BAD_ARGUMENT'],
  ['dryrun', { process: 'abc' }, /32 bytes/, 'BAD_ID'],
  ['request', { path: '' }, 'Path is required for all requests', 'BAD_ARGUMENT'],
  ['request', { 'signing-format': 'x' }, 'Invalid signing format: x', 'BAD_ARGUMENT'],
  ['request', { field: {} }, undefined, 'BAD_ARGUMENT']
].map(([verb, fields, theirs, code]) => ({
  name: `${verb} with ${inspect(fields)}`,
  call: (ao, { process, module }) =>
    ao[verb]({ process, module, slot: 5, path: '/x', 'signing-format': 'ans104', ...fields }),
  differs: {
    row: 11,
    aoconnect: theirs ? { error: theirs } : { check: ({ value, error }) => assert.ok(value !== undefined || error) },
    aoxide: { code, error: /./, check: ({ requests }) => assert.ok(requests.every(({ method }) => method === 'GET')) }
  }
}))

export const mainnetFaults = [...errors, ...notJson, ...unnamed, ...bad]
