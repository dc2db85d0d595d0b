// Calls of mainnet mode in which the two libraries differ.
import assert from 'node:assert/strict'
import { address, evaluation, json, node } from '../replies.mjs'
import { mainnetFaults } from './mainnet-faults.mjs'

const bytes = Uint8Array.of(0, 255, 10, 128)
const anchor = 'an anchor that is 32 bytes long.'
const result = { Assignments: [], Error: undefined, ...evaluation }

/** Checks of an item or a request. */
const tagged = (pattern, at = -1) => ({
  check: ({ requests }) => assert.match(requests.at(at).body.tags.join(' '), pattern)
})
const sentRequests = (...expected) => ({
  check: ({ error, requests }) => {
    assert.ifError(error)
    assert.deepEqual(
      requests.map(({ method, url }) => `${method} ${url.replace('https://node.test/', '')}`),
      expected
    )
  }
})
const refused = (code, error = /./) => ({ code, error, sent: 0 })

const form = '?require-codec=application/json&accept-bundle=true'

const given = [
  {
    name: 'message with an anchor',
    anchors: true,
    call: (ao, { process }) => ao.message({ process, anchor }),
    differs: {
      row: 15,
      aoconnect: { check: ({ requests: [{ body }] }) => assert.equal(body.anchor, '') },
      aoxide: {
        check: ({ requests: [{ body }] }) => assert.equal(body.anchor, Buffer.from(anchor).toString('base64url'))
      }
    }
  },
  {
    name: 'message with tags of the same name',
    call: (ao, { process }) => ao.message({ process, tags: ['1', '2'].map((value) => ({ name: 'A', value })) }),
    differs: { row: 15, aoconnect: tagged(/^A=2 signing/), aoxide: tagged(/^A=1 A=2 signing/) }
  },
  {
    name: 'message with a tag name that is a number',
    call: (ao, { process }) => ao.message({ process, tags: ['b', '7', 'a'].map((name) => ({ name, value: 'x' })) }),
    differs: { row: 15, aoconnect: tagged(/^7=x b=x a=x/), aoxide: tagged(/^b=x 7=x a=x/) }
  },
  {
    name: 'spawn with two authorities',
    call: (ao, { module }) => ao.spawn({ module, tags: ['x', 'y'].map((value) => ({ name: 'Authority', value })) }),
    differs: {
      row: 15,
      aoconnect: tagged(/ Authority=y Scheduler=/),
      aoxide: tagged(/ Authority=x Authority=y Scheduler=/)
    }
  },
  {
    name: 'spawn with a scheduler argument',
    call: (ao, { module }) => ao.spawn({ module, scheduler: 'mine' }),
    differs: {
      row: 15,
      aoconnect: tagged(new RegExp(`Scheduler=${address}`)),
      aoxide: { ...tagged(/Authority=mine Scheduler=mine/), sent: 1 }
    }
  },
  {
    name: 'message with a signer argument, without one in connect',
    options: { signer: undefined },
    call: (ao, { process, signer }) => ao.message({ process, signer }),
    differs: { row: 15, aoconnect: { error: 'HTTP request failed', sent: 0 }, aoxide: { value: 7, sent: 1 } }
  },
  {
    name: 'message with a custom fetch',
    async call(_, { library, jwk, process }) {
      let count = 0
      const fetch = async () => {
        count++
        return json({ slot: 7 })
      }
      const ao = library.connect({
        MODE: 'mainnet',
        URL: 'https://node.test',
        fetch,
        signer: library.createSigner(jwk)
      })
      await ao.message({ process })
      return count
    },
    differs: { row: 15, aoconnect: { value: 0 }, aoxide: { value: 1 } }
  },
  {
    name: 'spawn with MODULE in the environment',
    async call(ao, { module }) {
      process.env.MODULE = 'from-the-environment'
      try {
        await ao.spawn({ module })
      } finally {
        delete process.env.MODULE
      }
    },
    differs: { row: 15, aoconnect: tagged(/Module=from-the-environment/), aoxide: tagged(/Module=Oj7/) }
  }
]

const P = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const reads = [
  {
    name: 'result',
    call: (ao, { process }) => ao.result({ process, slot: 5 }),
    aoconnect: [`POST ${P}~process@1.0/compute/results=5`],
    aoxide: [`GET ${P}~process@1.0/compute&slot=5/results${form}`]
  },
  {
    name: 'results',
    call: (ao, { process }) => ao.results({ process }),
    aoconnect: [`POST ${P}/slot/current`, `POST ${P}/compute/results=12`],
    aoxide: [`GET ${P}/slot/current`, `GET ${P}~process@1.0/compute&slot=12/results${form}`]
  },
  {
    name: 'dryrun',
    call: (ao, { process }) => ao.dryrun({ process, tags: [{ name: 'Action', value: 'Info' }], data: 'd' }),
    aoconnect: [`POST ${P}~process@1.0/as=execution/compute&Action=Info`],
    aoxide: [`GET ${P}~process@1.0/as=execution/compute&Action=Info&data=d${form}`]
  },
  {
    name: 'results, signed',
    options: { signedReads: true },
    call: (ao, { process }) => ao.results({ process }),
    aoconnect: [`POST ${P}/slot/current`, `POST ${P}/compute/results=12`],
    aoxide: [`POST ${P}/slot/current`, `POST ${P}~process@1.0/compute&slot=12/results`]
  }
].map(({ aoconnect, aoxide, ...entry }) => ({
  ...entry,
  differs: { row: 16, aoconnect: sentRequests(...aoconnect), aoxide: sentRequests(...aoxide) }
}))
reads.push({
  name: 'result, signed, with tags of the protocol',
  options: { signedReads: true },
  call: (ao, { process }) => ao.result({ process, slot: 5, tags: [{ name: 'Type', value: 'X' }] }),
  differs: { row: 16, aoconnect: tagged(/Type=X/), aoxide: tagged(/Type=Message/) }
})

const unsigned = ['message', 'spawn'].map((verb) => ({
  name: `${verb} without a signer`,
  options: { signer: undefined, SCHEDULER: 's' },
  call: (ao, { process, module }) => ao[verb]({ process, module }),
  differs: {
    row: 20,
    aoconnect: { error: 'HTTP request failed', sent: 0 },
    aoxide: refused('BAD_ARGUMENT', /'signer': Required/)
  }
}))

const escaped = {
  name: 'dryrun with a tag that contains /, &, ? and #',
  options: { signedReads: true },
  call: (ao, { process }) => ao.dryrun({ process, tags: [{ name: 'a/b', value: 'c&d=e?f#g' }] }),
  differs: {
    row: 21,
    aoconnect: sentRequests(`POST ${P}~process@1.0/as=execution/compute&a/b=c&d=e%3Ff%23g`),
    aoxide: sentRequests(`POST ${P}~process@1.0/as=execution/compute&a%2Fb=c%26d%3De%3Ff%23g`)
  }
}

const ids = [
  { answer: { slot: 7, id: 'said' }, both: false },
  { answer: { slot: 7, id: 'said' }, both: true },
  { answer: { slot: 7 }, both: false },
  { answer: { slot: 7 }, both: true }
].map(({ answer, both }) => ({
  name: `message with its id${both ? ' and its slot' : ''}, when the response is ${JSON.stringify(answer)}`,
  replies: node({ push: () => json(answer) }),
  call: (ao, { process }) => ao.message({ process, returnMessageId: true, returnAssignmentSlot: both }),
  differs: {
    row: 22,
    aoconnect: answer.id
      ? { value: both ? { slot: 7, id: 'said' } : 'said' }
      : { error: 'Message id not found in response' },
    aoxide: { value: both ? { slot: 7, id: '<item 1>' } : '<item 1>' }
  }
}))

const body = JSON.stringify(evaluation)
const nothing = { Output: {}, Messages: [], Assignments: [], Spawns: [], Error: undefined }
const places = [
  ['result', { json: { body } }],
  ['result', { results: { raw: evaluation } }],
  ['result', { raw: body }],
  ['dryrun', { results: { json: { body } } }],
  ['push', { slot: 7, json: { body } }]
]
const shapes = [
  ...places.map(([part, answer]) => ({ part, answer, ours: { value: result } })),
  ...[{}, [], null, { raw: null }, { json: { body: '{' } }, { results: {} }].map((answer) => ({
    part: 'result',
    answer,
    ours: { code: 'BAD_RESPONSE', error: /holds no result/ }
  }))
].map(({ part, answer, ours }) => ({
  name: `${part} when the response is ${JSON.stringify(answer).slice(0, 50)}`,
  replies: node({ [part]: () => json(answer) }),
  call: (ao, { process }) =>
    part === 'push' ? ao.message({ process, opts: { fullResponse: true } }) : ao[part]({ process, slot: 5 }),
  differs: {
    row: 37,
    // aoconnect spreads a string into its characters.
    aoconnect: { check: ({ value }) => assert.deepEqual(value?.Output, nothing.Output) },
    aoxide: ours
  }
}))

const unique = {
  name: 'two messages with equal fields',
  anchors: true,
  async call(ao, { process }) {
    await ao.message({ process })
    await ao.message({ process })
  },
  differs: {
    row: 38,
    aoconnect: { check: ({ requests: [a, b] }) => assert.deepEqual(a.body.tags, b.body.tags) },
    aoxide: {
      check({ requests: [a, b] }) {
        const salts = [a, b].map(({ body }) => body.tags.filter((tag) => /^salt=[\w-]{32}$/.test(tag)))
        assert.deepEqual([salts.map(({ length }) => length), a.body.anchor], [[1, 1], ''])
        assert.notDeepEqual(salts[0], salts[1])
      }
    }
  }
}

const older = {
  name: 'result of an older slot',
  options: { signedReads: true },
  // Nodes answer `compute/results=N` with the newest result.
  replies: node({
    result: ({ url }) => json({ raw: { Output: /compute&slot=(\d+)\/results$/.exec(url)?.[1] ?? 'the newest' } })
  }),
  call: async (ao, { process }) => (await ao.result({ process, slot: 5 })).Output,
  differs: { row: 50, aoconnect: { value: 'the newest' }, aoxide: { value: '5' } }
}

const byId = {
  name: 'result of a message by its id',
  call: (ao, { process, message }) => ao.result({ process, message }),
  differs: {
    row: 50,
    aoconnect: sentRequests(`POST ${P}~process@1.0/compute/results=Mj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA`),
    aoxide: refused('BAD_ARGUMENT', /Nodes identify messages by their slots/)
  }
}

const dropped = (name) => ({
  check: ({ requests: [{ body }] }) => assert.ok(!body.tags.some((tag) => tag.startsWith(`${name}=`)))
})
const parts = Object.entries({
  path: { error: /JSON/ },
  anchor: { error: /Anchor must be 32 bytes/ },
  target: dropped('target'),
  Data: dropped('Data'),
  METHOD: dropped('METHOD')
}).map(([name, aoconnect]) => ({
  name: `message with a tag named ${name}`,
  call: (ao, { process }) => ao.message({ process, tags: [{ name, value: P }] }),
  differs: {
    row: 40,
    aoconnect,
    aoxide: refused('BAD_TAGS', new RegExp(`"${name}"`))
  }
}))

const definitions = [
  {
    name: 'spawn with a device tag in title case',
    call: (ao, { module }) => ao.spawn({ module, tags: [{ name: 'Execution-Device', value: 'x' }] }),
    differs: {
      row: 41,
      aoconnect: tagged(/execution-device=genesis-wasm@1.0.*Execution-Device=x/),
      aoxide: tagged(/push-device=push@1.0 Execution-Device=x Authority/)
    }
  },
  {
    name: 'spawn with an execution-device, without a module',
    call: (ao) =>
      ao.spawn({
        tags: [
          { name: 'execution-device', value: 'lua@5.3a' },
          { name: 'module', value: 'code' }
        ]
      }),
    differs: {
      row: 41,
      aoconnect: { error: 'No module provided' },
      aoxide: tagged(/execution-device=lua@5\.3a .* module=code signing-format/)
    }
  }
]

const cursors = (expected) => ({
  check: ({ value, error }) => {
    assert.ifError(error)
    assert.deepEqual(
      value.edges.map(({ cursor }) => cursor),
      expected
    )
  }
})
const pages = [
  [{ from: '9' }, ['10', '11', '12']],
  [{ from: '9', to: '12' }, ['10', '11']],
  [{ from: '9', limit: 2 }, ['10', '11']],
  [{ from: '12' }, []],
  [{ from: '20' }, []],
  [{ limit: 3 }, ['12', '11', '10']],
  [{ limit: 2, sort: 'ASC' }, ['0', '1']],
  [{ from: '3', sort: 'DESC' }, ['2', '1', '0']],
  [{ from: '20', sort: 'DESC', limit: 1 }, ['12']],
  [{ to: '9', sort: 'DESC' }, ['12', '11', '10']]
].map(([page, expected]) => ({
  name: `results ${JSON.stringify(page)}`,
  call: (ao, { process }) => ao.results({ process, ...page }),
  differs: { row: 42, aoconnect: cursors(['12']), aoxide: cursors(expected) }
}))

const fields = [
  {
    name: 'request with a query',
    call: async (ao) => (await ao.request({ path: '/a?b=c#d', 'signing-format': 'ans104' })).text(),
    differs: { row: 43, aoconnect: sentRequests('POST a%3Fb=c%23d'), aoxide: sentRequests('POST a?b=c%23d') }
  },
  {
    name: 'request with bytes in a field',
    call: async (ao) => (await ao.request({ path: '/a', 'signing-format': 'ans104', field: bytes.slice(2, 3) })).text(),
    differs: { row: 43, aoconnect: tagged(/field=10 Data/), aoxide: tagged(/field=\n Data/) }
  },
  {
    name: 'request with undefined and null fields',
    call: async (ao) => (await ao.request({ path: '/a', 'signing-format': 'ans104', a: undefined, b: null })).text(),
    differs: { row: 43, aoconnect: tagged(/a=undefined b=null Data/), aoxide: tagged(/^signing-format=ans104 Data/) }
  }
]

const slots = [
  { answer: () => json({ slot: '7' }), theirs: '7', ours: { value: 7 } },
  {
    answer: () => Response.json({}, { headers: { slot: '7' } }),
    theirs: undefined,
    ours: { value: 7 }
  },
  {
    answer: () => json({}),
    theirs: undefined,
    ours: { code: 'BAD_RESPONSE', error: (error) => assert.match(error.details.id, /^[\w-]{43}$/) }
  }
].map(({ answer, theirs, ours }, at) => ({
  name: `message when the slot is missing or in an unusual place, ${at}`,
  replies: node({ push: answer }),
  call: (ao, { process }) => ao.message({ process }),
  differs: { row: 45, aoconnect: { value: theirs }, aoxide: ours }
}))

const withoutSlash = {
  name: 'message when the URL has a path without a slash at the end',
  options: { URL: 'https://node.test/base' },
  call: (ao, { process }) => ao.message({ process }),
  differs: {
    row: 32,
    aoconnect: { check: ({ requests }) => assert.match(requests[0].url, /test\/basePj7/) },
    aoxide: { check: ({ requests }) => assert.match(requests[0].url, /test\/base\/Pj7/) }
  }
}

export const mainnetDiffers = [
  ...given,
  ...reads,
  ...unsigned,
  escaped,
  ...ids,
  ...shapes,
  unique,
  older,
  byId,
  ...mainnetFaults,
  ...parts,
  ...definitions,
  ...pages,
  ...fields,
  ...slots,
  withoutSlash
].map((entry) => ({
  replies: node(),
  ...entry,
  options: { MODE: 'mainnet', URL: 'https://node.test', ...entry.options }
}))
