// Error responses, responses that are not JSON, and responses with missing or unusual members.
import assert from 'node:assert/strict'
import { isNamed } from '../differences.mjs'
import { json, moduleTags, network, text, transactions, unreachable } from '../replies.mjs'

const verbs = {
  message: { unit: 'mu', call: (ao, { process, signer }) => ao.message({ process, signer }) },
  sendSignedMessage: {
    unit: 'mu',
    call: async (ao, { process, signer }) => ao.sendSignedMessage(await ao.signMessage({ process, signer }))
  },
  spawn: { unit: 'mu', sent: 2, call: (ao, { module, scheduler, signer }) => ao.spawn({ module, scheduler, signer }) },
  monitor: { unit: 'mu', call: (ao, { process, signer }) => ao.monitor({ process, signer }) },
  unmonitor: { unit: 'mu', call: (ao, { process, signer }) => ao.unmonitor({ process, signer }) },
  assign: { unit: 'mu', call: (ao, { process, message }) => ao.assign({ process, message }) },
  result: { unit: 'cu', call: (ao, { process, message }) => ao.result({ process, message }) },
  results: { unit: 'cu', call: (ao, { process }) => ao.results({ process }) },
  dryrun: { unit: 'cu', call: (ao, { process }) => ao.dryrun({ process }) },
  getMessages: {
    unit: 'su',
    call: (ao, { fresh }) => ao.getMessages({ processId: fresh, from: '1', to: '2', limit: '3' })
  },
  getMessageById: { unit: 'su', call: (ao, { fresh }) => ao.getMessageById({ processId: fresh, messageId: 'm' }) },
  getLastSlot: { unit: 'su', call: (ao, { fresh }) => ao.getLastSlot({ processId: fresh }) }
}

const statuses = {
  '500 with JSON': () => json({ error: 'boom' }, 500),
  '404 with JSON': () => json({ error: 'not here' }, 404),
  '429 with text': () => text('slow down', 429),
  '502 with HTML': () => text('<html>bad gateway</html>', 502),
  'a redirect that fetch does not follow': () => text('moved', 307)
}
const bodies = {
  '500 with JSON': '500: {"error":"boom"}',
  '404 with JSON': '404: {"error":"not here"}',
  '429 with text': '429: slow down',
  '502 with HTML': '502: <html>bad gateway</html>',
  'a redirect that fetch does not follow': '307: moved'
}

// aoconnect's result when it ignores an error status.
const ignored = {
  '500 with JSON': { value: { error: 'boom' } },
  '404 with JSON': { value: { error: 'not here' } }
}
const theirs = (verb, label) => {
  if (!ignored[label]) return { error: (error) => isNamed(error, 'SyntaxError') }
  if (verb === 'results') return { error: "Invalid Return 'edges': Required." }
  if (verb === 'getLastSlot') return { error: (error) => isNamed(error, 'TypeError') }
  return ignored[label]
}

const failing = Object.entries(verbs).flatMap(([verb, { unit, call }]) =>
  Object.entries(statuses).map(([label, answer]) => ({
    name: `${verb} when the response is ${label}`,
    replies: network({ [unit]: answer }),
    call,
    differs:
      unit === 'mu'
        ? undefined
        : {
            row: 10,
            aoconnect: theirs(verb, label),
            aoxide: {
              code: 'HTTP_STATUS',
              error(error) {
                assert.ok(error.message.includes(bodies[label]), error.message)
                assert.equal(error.details.status, answer().status)
                assert.equal(error.details.body, bodies[label].slice(5))
                assert.match(error.details.url, /^https:/)
              }
            }
          }
  }))
)

const long = 'x'.repeat(100_000)
const longBodies = ['message', 'assign'].map((verb) => ({
  name: `${verb} when the response is 500 with a long text`,
  replies: network({ mu: () => text(long, 500) }),
  call: verbs[verb].call,
  differs: {
    row: 35,
    aoconnect: { error: `500: ${long}` },
    aoxide: {
      code: 'HTTP_STATUS',
      error(error) {
        assert.match(error.message, /500: x{100}/)
        assert.ok(error.message.length < 1000)
        assert.equal(error.details.body, long)
      }
    }
  }
}))

const notJson = { text: 'hello', 'an empty body': '', HTML: '<html></html>' }
const unread = ['monitor', 'unmonitor']
const unparsable = Object.entries(verbs).flatMap(([verb, { unit, call }]) =>
  Object.entries(notJson).map(([label, body]) => ({
    name: `${verb} when the response is 200 with ${label}`,
    replies: network({ [unit]: () => text(body) }),
    call,
    differs: unread.includes(verb)
      ? undefined
      : {
          row: 11,
          aoconnect: { error: (error) => isNamed(error, 'SyntaxError') },
          aoxide: { error: /JSON/, code: 'BAD_RESPONSE' }
        }
  }))
)

const unreached = Object.entries(verbs).map(([verb, { unit, call, sent }]) => {
  const ours = {
    code: 'HTTP_NETWORK',
    error(error) {
      assert.match(error.message, /fetch failed/)
      assert.ok(error.cause instanceof TypeError, 'the cause is what fetch threw')
      assert.equal(error.cause.message, 'fetch failed')
      assert.equal(error.cause.cause.message, 'connect ECONNREFUSED')
      if (unit === 'mu') assert.match(error.message, /^Error while communicating with MU/)
    }
  }
  return {
    name: `${verb} when the unit cannot be reached`,
    replies: network({ [unit]: unreachable }),
    call,
    differs:
      unit === 'mu'
        ? { row: 9, aoconnect: { error: 'Error while communicating with MU: {"cause":{}}', sent }, aoxide: ours }
        : { row: 11, aoconnect: { error: (error) => isNamed(error, 'TypeError') }, aoxide: ours }
  }
})

const page = { edges: [{ cursor: 'c', node: { Output: {}, Messages: [], Spawns: [], Assignments: [1], GasUsed: 5 } }] }
const whole = { ...page, pageInfo: { hasNextPage: true } }

const bodiesByVerb = [
  {
    name: 'results when the response has further members',
    replies: network({ cu: () => json(whole) }),
    call: verbs.results.call,
    differs: {
      row: 14,
      aoconnect: { value: { edges: [{ cursor: 'c', node: { Output: {}, Messages: [], Spawns: [] } }] } },
      aoxide: { value: whole }
    }
  },
  ...[{}, { error: 'x' }, { edges: 'x' }, { edges: null }].map((body) => ({
    name: `results when the response is ${JSON.stringify(body)}`,
    replies: network({ cu: () => json(body) }),
    call: verbs.results.call
  })),
  {
    name: 'assign when the response has no id',
    replies: network({ mu: () => json({}) }),
    call: verbs.assign.call
  },
  ...['message', 'monitor'].map((verb) => ({
    name: `${verb} when the response is 202 with another id`,
    replies: network({ mu: () => json({ id: 'another' }, 202) }),
    call: verbs[verb].call
  })),
  ...[{}, { processId: '' }, { processId: null }, { id: 'x' }].map((body) => ({
    name: `spawn when the response is ${JSON.stringify(body)}`,
    replies: network({ mu: () => json(body) }),
    call: verbs.spawn.call
  })),
  ...['result', 'dryrun', 'getMessageById'].map((verb) => ({
    name: `${verb} when the response is null`,
    replies: network({ [verbs[verb].unit]: () => json(null) }),
    call: verbs[verb].call
  }))
]

// The error names what is missing. It does not name internal types.
const plain = (error) => assert.doesNotMatch(error.message, /struct|at line \d/)
const unusualBodies = [
  ...[null, [], 'x'].flatMap((body) =>
    ['results', 'getLastSlot', 'assign'].map((verb) => ({
      name: `${verb} when the response is ${JSON.stringify(body)}`,
      replies: network({ [verbs[verb].unit]: () => json(body) }),
      call: verbs[verb].call,
      differs: {
        row: 11,
        aoconnect: { error: /Invalid Return|Cannot read properties/ },
        aoxide: { error: plain, code: 'BAD_RESPONSE' }
      }
    }))
  ),
  {
    name: 'spawn when the gateway responds with a GraphQL error',
    replies: network({ gateway: () => json({ errors: [{ message: 'too complex' }] }) }),
    call: verbs.spawn.call,
    differs: {
      row: 11,
      aoconnect: { error: "'data': Required.", sent: 1 },
      aoxide: { error: plain, code: 'BAD_RESPONSE', sent: 1 }
    }
  },
  {
    name: 'getLastSlot when the entry is empty',
    replies: network({ su: () => json({ edges: [{}] }) }),
    call: verbs.getLastSlot.call
  }
]

const slotCall = (ao, { fresh, signer }) => ao.message({ process: fresh, signer, returnAssignmentSlot: true })
const slots = [
  ...Object.entries(statuses).map(([label, answer]) => ({
    name: `message with the slot, when the scheduler responds with ${label}`,
    replies: network({ su: answer }),
    call: slotCall
  })),
  ...[{}, { assignment: {} }, { assignment: { tags: [] } }].map((body) => ({
    name: `message with the slot, when the scheduler responds with ${JSON.stringify(body)}`,
    replies: network({ su: () => json(body) }),
    call: slotCall,
    differs: {
      row: 11,
      aoconnect: { error: (error) => isNamed(error, 'TypeError'), sent: 3 },
      aoxide: { error: /Nonce/, code: 'BAD_RESPONSE', sent: 3 }
    }
  }))
]

const without = (...names) => Object.fromEntries(Object.entries(moduleTags).filter(([name]) => !names.includes(name)))
const gateway = {
  ...Object.fromEntries(Object.keys(moduleTags).map((name) => [`a module without ${name}`, without(name)])),
  'a module without any encoding': without('Module-Format', 'Input-Encoding', 'Output-Encoding'),
  'a process in place of the module': { ...moduleTags, Type: 'Process' },
  'a module of another protocol': { ...moduleTags, 'Data-Protocol': 'AO' },
  'a module with tag names in lower case': Object.fromEntries(
    Object.entries(moduleTags).map(([k, v]) => [k.toLowerCase(), v])
  ),
  'a module with several types, one of them Module': { ...moduleTags, Type: ['Process', 'Module'] },
  'a module with several protocols, one of them ao': { ...moduleTags, 'Data-Protocol': ['other', 'ao'] },
  'a module with an empty format': { ...moduleTags, 'Module-Format': '' }
}
const modules = [
  ...Object.entries(gateway).map(([label, tags]) => ({
    name: `spawn of ${label}`,
    replies: network({ gateway: () => json(transactions(tags)) }),
    call: verbs.spawn.call
  })),
  {
    name: 'spawn of a module that the gateway does not have',
    replies: network({ gateway: () => json(transactions()) }),
    call: verbs.spawn.call,
    differs: {
      row: 11,
      aoconnect: { error: "Invalid Return 'undefined': Required.", sent: 1 },
      aoxide: { error: /Oj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA/, code: 'NOT_FOUND', sent: 1 }
    }
  },
  ...Object.entries(statuses).map(([label, answer]) => ({
    name: `spawn when the gateway responds with ${label}`,
    replies: network({ gateway: answer }),
    call: verbs.spawn.call
  })),
  {
    name: 'spawn when the gateway cannot be reached',
    replies: network({ gateway: unreachable }),
    call: verbs.spawn.call
  }
]

/** A network whose router does not have the process. The gateway returns a scheduler with the address `Url`. */
const byGateway = network({
  router: () => json({ error: 'unknown' }, 404),
  gateway: ({ body }) =>
    json(
      JSON.parse(body).variables.transactionIds
        ? transactions({ 'Data-Protocol': 'ao', Scheduler: 'its-scheduler' })
        : transactions({ Url: 'https://su.test/base/', 'Time-To-Live': '3600000' })
    )
})
const hosts = (requests) => requests.map(({ url }) => new URL(url).host)
const lookups = [
  {
    name: 'getMessageById when only the gateway has the scheduler',
    replies: byGateway,
    call: verbs.getMessageById.call,
    differs: {
      row: 12,
      aoconnect: {
        check: ({ requests }) =>
          assert.deepEqual(hosts(requests), ['su-router.ao-testnet.xyz', 'arweave.net', 'arweave.net', 'su.test'])
      },
      aoxide: {
        check({ requests }) {
          assert.deepEqual(hosts(requests), ['su-router.ao-testnet.xyz', 'gateway.test', 'gateway.test', 'su.test'])
          assert.match(requests[3].url, /^https:\/\/su\.test\/base\/m\?process-id=/)
          assert.match(requests[1].body.variables.transactionIds[0], /^[\w-]{43}$/)
          assert.deepEqual([requests[2].body.variables].flatMap(Object.values).flat(), ['its-scheduler'])
        }
      }
    }
  },
  {
    name: 'getMessageById when the gateway does not have the process',
    replies: network({ router: () => json({}, 404), gateway: () => json(transactions()) }),
    call: verbs.getMessageById.call,
    differs: {
      row: 12,
      aoconnect: { error: /^Process [\w-]{43} was not found on gateway$/, sent: 2 },
      aoxide: { error: /[\w-]{43} was not found on gateway/, code: 'NOT_FOUND', sent: 2 }
    }
  },
  {
    name: 'getMessageById when the process has no scheduler tag',
    replies: network({ router: () => json({}, 404), gateway: () => json(transactions({ A: 'b' })) }),
    call: verbs.getMessageById.call,
    differs: {
      row: 12,
      aoconnect: { error: 'No "Scheduler" tag found on process', sent: 2 },
      aoxide: { error: /^No "Scheduler" tag found on process/, code: 'NOT_FOUND', sent: 2 }
    }
  },
  {
    name: 'getMessageById when the gateway responds with an error',
    replies: network({ router: () => json({}, 404), gateway: () => text('bad', 500) }),
    call: verbs.getMessageById.call,
    differs: {
      row: 24,
      aoconnect: { error: (error) => assert.ok(error instanceof Response), sent: 2 },
      aoxide: { error: /500: bad/, code: 'HTTP_STATUS', sent: 2 }
    }
  },
  {
    name: 'getMessages without a limit',
    call: (ao, { fresh }) => ao.getMessages({ processId: fresh, from: '1', to: '2' }),
    replies: network(),
    differs: {
      row: 13,
      aoconnect: { check: ({ requests }) => assert.ok(requests[1].url.endsWith('?from=1&to=2&limit=undefined')) },
      aoxide: { check: ({ requests }) => assert.match(requests[1].url, /\?from=1&to=2&process-id=[\w-]{43}$/) }
    }
  },
  {
    name: 'getMessages when the scheduler requires the process in the query',
    call: (ao, { fresh }) => ao.getMessages({ processId: fresh, from: '1', to: '2', limit: '3' }),
    replies: network({
      su: ({ url }) =>
        new globalThis.URL(url).searchParams.has('process-id')
          ? json({ page_info: { has_next_page: false }, edges: [] })
          : text('Query deserialize error: missing field `process-id`', 400)
    }),
    differs: {
      row: 48,
      aoconnect: { error: (error) => isNamed(error, 'SyntaxError') },
      aoxide: { value: { page_info: { has_next_page: false }, edges: [] } }
    }
  }
]

export const responses = [
  ...failing,
  ...longBodies,
  ...unparsable,
  ...unreached,
  ...bodiesByVerb,
  ...unusualBodies,
  ...slots,
  ...modules,
  ...lookups
]
