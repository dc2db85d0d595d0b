// The state of a process, read from a node, as plain values.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { URL, client, form, process } from './support/node.mjs'
import { random } from './support/random.mjs'
import { json, text } from './support/replies.mjs'

const checksum = {
  'commitment-device': 'httpsig@1.0',
  committed: ['alice', 'ao-types', 'bob'],
  keyid: 'constant:ao',
  signature: 'Bd_uS2TCoY05YvQlfmVyeKFjZ8ZBFDa2xIHfI_B_C-8',
  type: 'hmac-sha256'
}
const signature = { ...checksum, keyid: 'publickey:AQAB', type: 'rsa-pss-sha512' }

describe('state', () => {
  for (const [options, path] of [
    [undefined, 'now'],
    [{ path: 'cache/balances' }, 'now/cache/balances'],
    [{ path: ['cache', 'a/b c', '..', 'é'] }, 'now/cache/a%2Fb%20c/%252E%252E/%C3%A9'],
    [{ path: 'cache', at: 'compute' }, 'compute/cache'],
    [{ path: 'cache', at: 'now' }, 'now/cache'],
    [{ path: 'results/outbox', slot: 12 }, 'compute&slot=12/results/outbox'],
    [{ slot: '12' }, 'compute&slot=12']
  ]) {
    test(`reads ${JSON.stringify(options)}`, async () => {
      const { ao, requests } = client({ state: () => json({ a: 'b' }) })
      assert.deepEqual(await ao.state(process, options), { a: 'b' })
      assert.deepEqual(
        requests.map(({ method, url, headers }) => [method, url, headers]),
        [['GET', `${URL}/${process}~process@1.0/${path}${form}`, { accept: 'application/json' }]]
      )
    })
  }

  for (const [answer, value] of [
    [{ body: 'text' }, 'text'],
    [{ body: '21', 'ao-types': 'body="integer"' }, 21],
    [{ body: '21', status: '200', 'ao-types': 'body="integer", status="integer"' }, 21],
    [{ body: '{"a":[1]}', 'content-type': 'application/json' }, { a: [1] }],
    [
      { body: '{"a":[1]}', 'content-type': 'application/json', other: 'x' },
      { body: '{"a":[1]}', 'content-type': 'application/json', other: 'x' }
    ],
    [
      { a: '1', b: '1', 'ao-types': 'a="integer"' },
      { a: 1, b: '1' }
    ],
    [{ a: '9007199254740993', 'ao-types': 'a="integer"' }, { a: 9007199254740993n }],
    [
      { a: '1.5e3', b: 'true', c: 'null', d: 'ok', 'ao-types': 'a="float", b="atom", c="atom", d="atom"' },
      { a: 1500, b: true, c: null, d: 'ok' }
    ],
    [{ b: 'false', 'ao-types': 'b=atom' }, { b: false }],
    [{ 'ao-types': 'a="empty-list", b="empty-message", c="empty-binary"' }, { a: [], b: {}, c: '' }],
    [{ a: '"(ao-type-integer) 1", "two", "a \\"b\\""', 'ao-types': 'a="list"' }, { a: [1, 'two', 'a "b"'] }],
    [{ a: '1, "two", ?1, 2.5, ok , -3', 'ao-types': 'a="list"' }, { a: [1, 'two', true, 2.5, 'ok', -3] }],
    [{ a: '"one", "broken', 'ao-types': 'a="list"' }, { a: '"one", "broken' }],
    [
      { a: '1', b: '2', 'ao-types': ' a = "Integer" ,b=integer' },
      { a: 1, b: 2 }
    ],
    [{ a: { 2: 'y', 1: 'x', 10: 'z' }, 'ao-types': 'a="list"' }, { a: ['x', 'y', 'z'] }],
    [{ 1: 'x', 2: 'y', 'ao-types': '.="list"' }, ['x', 'y']],
    [
      { Balance: '1', 'a key': '2', 'ao-types': 'balance="integer", a%20key="integer"' },
      { Balance: 1, 'a key': 2 }
    ],
    [{ a: { b: '1', 'ao-types': 'b="integer"' }, commitments: { x: 1 }, hashpath: 'h', priv: {} }, { a: { b: 1 } }],
    // In nested maps, these names belong to the process.
    [
      { a: { b: '1', commitments: { x: '1', 'ao-types': 'x="integer"' }, hashpath: 'h', priv: { k: 'v' } } },
      { a: { b: '1', commitments: { x: 1 }, hashpath: 'h', priv: { k: 'v' } } }
    ],
    [{ a: { body: 'text' } }, { a: { body: 'text' } }],
    [{ balances: { body: '21', 'ao-types': 'body="integer"' }, status: '200' }, { balances: { body: 21 } }],
    [
      { a: { body: '{"a":[1]}', 'content-type': 'application/json' } },
      { a: { body: '{"a":[1]}', 'content-type': 'application/json' } }
    ],
    [
      { body: { body: { body: 'deep', priv: 'kept' }, status: '200' }, device: 'json@1.0' },
      { body: { body: 'deep', priv: 'kept' }, status: '200' }
    ],
    [
      { a: [{ body: 'x' }, { commitments: 5, priv: null }], b: { a: { body: 'x', device: 'd' } } },
      { a: [{ body: 'x' }, { commitments: 5, priv: null }], b: { a: { body: 'x', device: 'd' } } }
    ],
    [{ body: '', 'ao-types': 'body="empty-list"', status: '200' }, []],
    [{ 'ao-types': 'body="empty-message"', status: '200' }, {}],
    // A node of November 2025 bundles maps with a checksum each, which adds no information.
    [
      { map: { alice: '10', bob: 7, commitments: { 'Bd_uS2TCoY05YvQlfmVyeKFjZ8ZBFDa2xIHfI_B_C-8': checksum } } },
      { map: { alice: '10', bob: 7 } }
    ],
    [
      { order: { commitments: { x: checksum, y: signature } } },
      { order: { commitments: { x: checksum, y: signature } } }
    ],
    [
      { a: 1, b: true, c: null, d: [1, { e: '2', 'ao-types': 'e="integer"' }] },
      { a: 1, b: true, c: null, d: [1, { e: 2 }] }
    ],
    [{ a: 'x', status: '200', 'ao-types': 'status="integer"' }, { a: 'x' }],
    [
      { status: 'open', b: { status: '200' } },
      { status: 'open', b: { status: '200' } }
    ],
    [
      { a: 'x', b: 'x', c: '', 'ao-types': 'a="integer", b="float", c="toString", %zz="constructor"' },
      { a: 'x', b: 'x', c: '' }
    ],
    [{ a: 'constructor', 'ao-types': 'a="atom"' }, { a: 'constructor' }],
    [{ body: '{', 'content-type': 'application/json' }, '{'],
    [
      [1, 'a'],
      [1, 'a']
    ],
    [21, 21],
    ['x', 'x'],
    [null, null]
  ]) {
    test(`decodes ${JSON.stringify(answer)}`, async () => {
      const { ao } = client({ state: () => json(answer) })
      assert.deepEqual(await ao.state(process, { path: 'cache' }), value)
    })
  }

  for (const [answer, value] of [
    [() => text('hello'), 'hello'],
    [() => text('12'), 12],
    [() => new Response('plain', { headers: { 'content-type': 'text/plain' } }), 'plain'],
    [() => text('{"a":"b'), undefined],
    [() => text('["a'), undefined],
    [() => text('<html>'), undefined],
    [() => text(''), undefined],
    [() => new Response('hello', { headers: { 'content-type': 'text/html' } }), undefined],
    [() => new Response('hello', { headers: { 'content-type': 'application/json' } }), undefined]
  ]) {
    test(`returns text without a structure: ${answer}`, async () => {
      const { ao } = client({ state: answer })
      if (value === undefined) await assert.rejects(ao.state(process), { code: 'BAD_RESPONSE' })
      else assert.equal(await ao.state(process, { path: 'cache/x' }), value)
    })
  }

  test('decodes random responses, or rejects with a code', async () => {
    const { below, pick, text: letters, chance } = random(7)
    const types = ['integer', 'float', 'atom', 'list', 'empty-list', 'empty-message', 'empty-binary', 'toString', '']
    const leaf = () =>
      pick([letters(below(8)), String(below(1e6)), 'true', '"(ao-type-list) 1"', 5, null, true, [], {}])
    const message = (depth) => {
      const members = Array.from({ length: below(5) }, () => [
        pick(['a', 'B', '1', '2', 'body', 'status', '__proto__', 'constructor', letters(3)]),
        depth > 0 && chance(0.4) ? message(depth - 1) : leaf()
      ])
      const said = members.map(([name]) => `${chance(0.5) ? encodeURIComponent(name) : name}="${pick(types)}"`)
      return Object.fromEntries([...members, ['ao-types', pick([said.join(', '), letters(9), 5])]])
    }
    for (let round = 0; round < 2000; round++) {
      const answer = message(4)
      const { ao } = client({ state: () => json(answer) })
      await ao.state(process).catch((error) => assertAoError(error, 'BAD_RESPONSE'))
    }
    const deep = client({ state: () => text('['.repeat(100_000) + ']'.repeat(100_000)) })
    await assert.rejects(deep.ao.state(process), (error) => assertAoError(error, 'BAD_RESPONSE') ?? true)
  })

  test('a missing state and a response that is not a state reject', async () => {
    const { ao } = client({ state: () => text('not_found', 404) })
    await assert.rejects(ao.state(process, { path: 'cache/x' }), {
      code: 'HTTP_STATUS',
      details: { status: 404, url: `${URL}/${process}~process@1.0/now/cache/x${form}`, body: 'not_found' }
    })
    const broken = client({ state: () => text('<html>') })
    await assert.rejects(broken.ao.state(process), { code: 'BAD_RESPONSE' })
    for (const bad of [{ slot: 'x' }, { slot: 1.5 }, { slot: -1 }, { path: 5 }, { path: [5] }]) {
      const { ao, requests } = client()
      await assert.rejects(ao.state(process, bad), (error) => assertAoError(error, 'BAD_ARGUMENT') ?? true)
      assert.equal(requests.length, 0)
    }
    await assert.rejects(ao.state('abc'), { code: 'BAD_ID' })
    await assert.rejects(ao.state(), { code: 'BAD_ARGUMENT' })
  })
})

test('a state that was crafted to be slow is decoded in time', async () => {
  const long = 200_000
  const answers = [
    { a: '\\"'.repeat(long), 'ao-types': 'a="list"' },
    { a: 'b', 'ao-types': `a${' '.repeat(long)}` },
    { a: '"'.repeat(long + 1), 'ao-types': 'a="list"' }
  ]
  for (const answer of answers) {
    const began = performance.now()
    const { ao } = client({ state: () => json(answer) })
    assert.deepEqual(await ao.state(process), { a: answer.a })
    // Without a limit it would take minutes.
    assert.ok(performance.now() - began < 20_000)
  }
})
