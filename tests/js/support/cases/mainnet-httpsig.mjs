// HTTP messages: `request` in mainnet mode with the signing format `httpsig`, which is the default.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { address, json, node, text, unreachable } from '../replies.mjs'

/** Sends the request, and reads the whole response. */
const ask = (fields) => async (ao) => {
  const response = await ao.request({ path: '/~x@1.0/y', ...fields })
  assert.ok(response instanceof Response)
  return [response.status, await response.text()]
}

const labels = ({ headers }) => headers['signature-input']?.split('=')[0]

/** The only request that was sent, without its signature. */
function sent({ error, requests }) {
  assert.ifError(error)
  assert.equal(requests.length, 1)
  const [{ headers, ...request }] = requests
  const { signature, 'signature-input': input, ...fields } = headers
  assert.equal(signature === undefined, input === undefined)
  return { ...request, fields }
}

// Not signed, because there is no signer.
const flat = {
  'only a path': {},
  'the signing format httpsig': { 'signing-format': 'httpsig' },
  'the signing format null': { 'signing-format': null },
  'text fields': { Action: 'Info', 'accept-bundle': 'true', 'x-y.z': 'a, b', empty: '' },
  'the fields of an item': { target: address, anchor: 'x', Type: 'T', Variant: 'v', 'Data-Protocol': 'ao' },
  'undefined and null fields': { a: undefined, b: null, c: 'x' },
  'a path without a slash': { path: '~x@1.0/y/z' }
}
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']
const answers = { 201: () => json({}, 201), 400: () => json({ no: true }, 400), 404: () => text('<html>', 404) }

export const httpMessages = [
  ...Object.entries(flat).map(([label, fields]) => ({ name: `request with ${label}`, call: ask(fields) })),
  ...methods.map((method) => ({ name: `request with the method ${method}`, call: ask({ method, Action: 'Info' }) })),
  ...[429, 500, 503].concat(Object.keys(answers)).map((status) => ({
    name: `request when the response is ${status}`,
    replies: node({ other: answers[status] ?? (() => text('busy', status)) }),
    call: ask({})
  })),
  ...['https://node.test/', 'https://node.test/base/'].map((URL) => ({
    name: `request to ${URL}`,
    options: { URL },
    call: ask({ Action: 'Info' })
  }))
].map((entry) => ({
  replies: node(),
  unsigned: true,
  ...entry,
  options: { MODE: 'mainnet', URL: 'https://node.test', signer: undefined, ...entry.options }
}))

/** Both libraries sign the same fields, each in its own form. */
const signed = Object.entries({
  'only a path': [{}, {}],
  fields: [
    { Action: 'Info', method: 'POST', Type: 'T' },
    { action: 'Info', type: 'T' }
  ]
}).map(([label, [given, expected]]) => {
  const check = (label, key) => (seen) => {
    assert.deepEqual(sent(seen).fields, { ...expected, 'signing-format': 'httpsig' })
    const [{ headers }] = seen.requests
    assert.match(labels({ headers }), label)
    assert.match(headers['signature-input'], key)
  }
  return {
    name: `signed request with ${label}`,
    call: ask(given),
    differs: {
      row: 44,
      // Nodes ignore this label, and cannot read the key from this id.
      aoconnect: { check: check(/^http-sig-[0-9a-f]{16}$/, /;keyid="[\w-]+"$/) },
      aoxide: { check: check(/^comm-[\w-]{43}$/, /;keyid="publickey:[A-Za-z0-9+/]+=*"$/) }
    }
  }
})

const kept = ['host', 'Cookie', 'connection', 'User-Agent'].map((name) => ({
  name: `request with ${name}, a header that browsers do not let programs set`,
  call: ask({ [name]: 'x' }),
  differs: {
    row: 44,
    aoconnect: { check: (seen) => assert.equal(sent(seen).fields[name.toLowerCase()], 'x') },
    aoxide: { code: 'BAD_ARGUMENT', error: /Browsers do not let programs/, sent: 0 }
  }
}))

const hex = (text) => ({ bytes: Buffer.from(text).toString('hex') })
const bodies = [
  ['data', { method: 'POST', data: 'hello' }, { data: 'hello' }, 'hello'],
  ['data, without a method', { data: 'hello' }, { data: 'hello' }, 'hello'],
  ['a body', { method: 'POST', body: 'hello' }, { body: 'hello' }, 'hello'],
  ['a nested value', { method: 'POST', map: { a: 'x' } }, {}, /\r\na: x\r\n/],
  ['nested values, without a method', { map: { a: 'x' }, more: { b: 'y' } }, {}, /\r\nb: y\r\n/]
].map(([label, fields, theirs, ours]) => ({
  name: `signed request with ${label}`,
  call: ask(fields),
  differs: {
    row: 46,
    aoconnect: {
      check(seen) {
        const { body, method, fields: headers } = sent(seen)
        assert.deepEqual([body, method], [undefined, fields.method ?? 'GET'])
        for (const [name, value] of Object.entries(theirs)) assert.equal(headers[name], value)
        // aoconnect sends the digest without the body.
        assert.equal('content-digest' in headers, Object.keys(theirs).length === 0)
      }
    },
    aoxide: {
      check(seen) {
        const { body, method, fields: headers } = sent(seen)
        assert.equal(method, 'POST')
        if (typeof ours === 'string') assert.deepEqual(body, hex(ours))
        else assert.match(Buffer.from(body.bytes, 'hex').toString(), ours)
        assert.match(headers['content-digest'], /^sha-256=:[A-Za-z0-9+/]{43}=:$/)
      }
    }
  }
}))
const bodiless = ['GET', 'head'].map((method) => ({
  name: `request with the method ${method} and data`,
  call: ask({ method, data: 'hello' }),
  differs: {
    row: 46,
    aoconnect: { check: (seen) => assert.equal(sent(seen).fields.data, 'hello') },
    aoxide: { code: 'BAD_ARGUMENT', error: /have no body/, sent: 0 }
  }
}))

/** The values of the headers, or aoconnect's error. */
const values = [
  [{ n: 5 }, { n: '5', 'ao-types': 'n=integer' }, { n: '5', 'ao-types': 'n="integer"' }],
  [
    { n: 5, f: 1.5 },
    { f: '1.5', 'ao-types': 'n=integer,f=float' },
    { f: '1.50000000000000000000e+00', 'ao-types': 'f="float", n="integer"' }
  ],
  [{ yes: true }, 'Cannot encode value of type boolean', { yes: 'true', 'ao-types': 'yes="atom"' }],
  [{ big: 10n ** 14n }, 'Cannot encode value of type bigint', { big: '1'.padEnd(15, '0') }],
  [{ l: '€' }, 'Cannot convert argument to a ByteString', { l: Buffer.from('€').toString('latin1') }],
  [{ list: [{ a: 1 }] }, 'is an invalid header name', { 'content-type': /^multipart\/form-data; boundary="/ }],
  [{ list: ['a', 2] }, { 'ao-types': 'list=list' }, { 'content-type': /^multipart/ }],
  [{ none: [] }, { 'ao-types': 'none=empty-list' }, { 'content-type': /^multipart/ }],
  [{ raw: Uint8Array.of(200, 255, 161) }, { raw: '200,255,161' }, { raw: '\u00c8\u00ff\u00a1' }],
  [{ raw: Uint8Array.of(255) }, { raw: '255' }, { raw: '\u00ff' }],
  [{ data: new Blob(['hi']) }, 'Cannot encode value of type object', { data: undefined, 'ao-body-key': 'data' }]
].map(([given, theirs, ours]) => {
  const side = (expected) =>
    typeof expected === 'string'
      ? { error: new RegExp(`^Failed to format request for signing: .*${expected}`) }
      : {
          check(seen) {
            const { fields } = sent(seen)
            for (const [name, value] of Object.entries(expected))
              if (value instanceof RegExp) assert.match(fields[name], value)
              else assert.equal(fields[name], value, inspect(fields))
          }
        }
  return {
    name: `request with ${inspect(given)}`,
    call: ask({ method: 'POST', ...given }),
    differs: { row: 47, aoconnect: side(theirs), aoxide: side(ours) }
  }
})

const given = [
  {
    name: 'request with a signer argument, without one in connect',
    options: { signer: undefined },
    call: (ao, { signer }) => ask({ signer, Action: 'Info' })(ao),
    differs: {
      row: 15,
      aoconnect: { error: /Cannot encode value of type function/, sent: 0 },
      aoxide: { check: (seen) => assert.match(labels(seen.requests[0]), /^comm-/) }
    }
  },
  {
    name: 'request with signer: null, with a signer in connect',
    call: ask({ signer: null, Action: 'Info' }),
    differs: {
      row: 15,
      aoconnect: { check: (seen) => assert.match(labels(seen.requests[0]), /^http-sig-/) },
      aoxide: { check: (seen) => assert.equal(labels(seen.requests[0]), undefined) }
    }
  },
  {
    name: 'request with a query',
    call: ask({ path: '/a?b=c#d' }),
    differs: {
      row: 43,
      aoconnect: { check: (seen) => assert.equal(sent(seen).url, 'https://node.test/a%3Fb=c%23d') },
      aoxide: { check: (seen) => assert.equal(sent(seen).url, 'https://node.test/a?b=c%23d') }
    }
  },
  {
    name: 'request when the URL has a path without a slash at the end',
    options: { URL: 'https://node.test/base' },
    call: ask({ path: '/a' }),
    differs: {
      row: 32,
      aoconnect: { check: (seen) => assert.equal(sent(seen).url, 'https://node.test/basea') },
      aoxide: { check: (seen) => assert.equal(sent(seen).url, 'https://node.test/base/a') }
    }
  },
  {
    name: 'request when the node cannot be reached',
    replies: node({ other: unreachable }),
    call: ask({ Action: 'Info' }),
    differs: {
      row: 39,
      aoconnect: { error: 'HTTP request failed', sent: 1 },
      aoxide: {
        code: 'HTTP_NETWORK',
        sent: 1,
        error(error) {
          assert.equal(error.cause.message, 'fetch failed')
          assert.match(error.details.id, /^[\w-]{43}$/)
        }
      }
    }
  }
]

const refused = [
  [{ path: '' }, 'Path is required for all requests', 'BAD_ARGUMENT'],
  [{ path: undefined }, 'Path is required for all requests', 'BAD_ARGUMENT'],
  [{ 'signing-format': 'x' }, 'Invalid signing format: x', 'BAD_ARGUMENT'],
  [{ 'a b': 'x' }, /is an invalid header name/, 'BAD_ARGUMENT'],
  [{ 'a/b': 'x\ny' }, /is an invalid header name/, 'BAD_ARGUMENT'],
  [{ field() {} }, /Cannot encode value of type function/, 'BAD_ARGUMENT'],
  [{ method: 5 }, undefined, 'BAD_ARGUMENT'],
  [{ method: 'TRACE' }, undefined, 'BAD_ARGUMENT'],
  [{ method: '' }, undefined, 'BAD_ARGUMENT'],
  [{ A: 'x', a: 'y' }, undefined, 'BAD_ARGUMENT'],
  [{ retry: 'often' }, undefined, 'BAD_ARGUMENT']
].map(([fields, theirs, code]) => ({
  name: `request with the arguments ${inspect(fields)}`,
  call: ask(fields),
  differs: {
    row: 11,
    aoconnect: theirs ? { error: theirs, sent: 0 } : { check: ({ requests }) => assert.ok(requests.length <= 1) },
    aoxide: { code, error: /./, sent: 0 }
  }
}))
const signers = {
  throws: () => {
    throw new Error('not now')
  },
  rejects: async () => Promise.reject(new Error('not now')),
  'does not call create': async () => ({ signature: 'x' }),
  'is a number': 5
}
const failing = Object.entries(signers).map(([label, signer]) => ({
  name: `request with a signer that ${label}`,
  options: { signer },
  call: ask({ Action: 'Info' }),
  differs: {
    row: 11,
    aoconnect: { error: /^Failed to format request for signing/, sent: 0 },
    aoxide: { code: label === 'is a number' ? 'BAD_ARGUMENT' : 'SIGNER', error: /./, sent: 0 }
  }
}))

export const httpMessagesDiffer = [
  ...signed,
  ...kept,
  ...bodies,
  ...bodiless,
  ...values,
  ...given,
  ...refused,
  ...failing
].map((entry) => ({
  replies: node(),
  unsigned: true,
  ...entry,
  options: { MODE: 'mainnet', URL: 'https://node.test', ...entry.options }
}))
