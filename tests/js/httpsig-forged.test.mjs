// Signed replies that were changed in transit. The documented check must accept only the signed parts.
import assert from 'node:assert/strict'
import { constants, createHash, createPrivateKey, sign as nodeSign } from 'node:crypto'
import { describe, test } from 'node:test'
import { address, jwk, owner } from './support/key.mjs'
import { client } from './support/node.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { text } from './support/replies.mjs'

const { encodeRequest, decodeReply } = await subpath('httpsig')

const signer = aoxide.createSigner(jwk)
const url = 'http://127.0.0.1'
const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
const signPss = (text) => nodeSign('sha512', Buffer.from(text), { key: privateKey, ...padding }).toString('base64')

/** A reply with the signature of a current node. */
async function signed(fields, data) {
  const { headers, body } = await encodeRequest({ url, fields, data, signer })
  return { headers: Object.entries(headers), body }
}

/** A reply with a signature by RFC 9421. `covered` has the components, as in the signature input, and their values. */
function signedByHand(headers, covered, more = '') {
  const names = Object.keys(covered)
  const params = `(${names.join(' ')})${more};alg="rsa-pss-sha512";keyid="publickey:${owner.toString('base64')}"`
  const lines = names.map((name) => `${name}: ${covered[name]}`)
  const base = [...lines, `"@signature-params": ${params}`].join('\n')
  return [...Object.entries(headers), ['signature-input', `sig=${params}`], ['signature', `sig=:${signPss(base)}:`]]
}

/** The check that the documentation shows. */
const isTrusted = ({ signatures }, name) =>
  signatures.some(({ valid, address: by, covered }) => valid && by === address && covered.includes(name))

const codes = (problems) => problems.map(({ code }) => code)

describe('unsigned parts of a reply', () => {
  const balances = { alice: '7', bob: 12, deep: { list: ['x', true] } }
  const fields = { action: 'Balances', balances, supply: [1, 'two'] }

  for (const [what, line, code] of [
    ['a member of a signed map in ao-ids', ['ao-ids', 'balances/mallory="1000000"'], 'BAD_FIELD'],
    ['a type in a signed map in ao-ids', ['ao-ids', 'balances/ao-types="alice=\\"integer\\""'], 'BAD_FIELD'],
    ['types in ao-ids', ['ao-ids', 'ao-types="action=\\"atom\\""'], 'BAD_FIELD'],
    ['another value in ao-ids', ['ao-ids', 'balances="none"'], 'CONFLICT'],
    ['a header for a part of a map', ['balances/mallory', '1000000'], 'BAD_FIELD'],
    ['a header of the same name', ['balances', 'none'], 'CONFLICT']
  ])
    test(`${what} does not change the decoded fields`, async () => {
      const { headers, body } = await signed(fields)
      const reply = await decodeReply([...headers, line], body)
      assert.deepEqual(reply.message, fields)
      for (const name of Object.keys(fields)) assert.ok(isTrusted(reply, name), name)
      assert.deepEqual(codes(reply.problems), [code])
    })

  test('unsigned types beside signed values are ignored', async () => {
    const { headers, body } = await signed({ action: '1', map: { a: '1' } })
    const types = ['ao-types', 'action="integer", map="empty-list", .="list"']
    const reply = await decodeReply([...headers, types], body)
    assert.deepEqual(reply.message, { action: '1', map: { a: '1' } })
    assert.ok(isTrusted(reply, 'action') && isTrusted(reply, 'map'))
  })

  const parts = '--b\r\ncontent-disposition: form-data;name="balance"\r\n\r\n1000000\r\n--b--'
  const digest = `sha-256=:${createHash('sha256').update(parts).digest('base64')}:`
  const multipart = ['content-type', 'multipart/form-data; boundary=b']
  for (const [what, lines, body] of [
    ['a body under its name', [['ao-body-key', 'balance']], '1000000'],
    ['a part of its name', [multipart], parts],
    ['a part of its name, with a digest', [multipart, ['content-digest', digest]], parts]
  ])
    test(`${what} does not displace a signed header`, async () => {
      const { headers } = await signed({ action: 'Info', balance: 100 })
      const reply = await decodeReply([...headers, ...lines], body)
      assert.deepEqual(reply.message, { action: 'Info', balance: 100 })
      assert.ok(isTrusted(reply, 'balance'))
      assert.deepEqual(codes(reply.problems), ['CONFLICT'])
      assert.deepEqual(codes(reply.signatures[0].problems), ['UNCOVERED_BODY'])
    })

  test('an unsigned name for the body is not covered', async () => {
    const { headers } = await signed({ action: 'Info' })
    const reply = await decodeReply([...headers, ['ao-body-key', 'balance']], '1000000')
    assert.equal(reply.message.balance, '1000000')
    assert.ok(isTrusted(reply, 'action') && !isTrusted(reply, 'balance'))
  })

  test('an unsigned content type does not split a signed body into parts', async () => {
    // The parts are in the form that nodes write, so that the bytes alone do not show the change.
    const { headers, body } = await signed({ balance: { mallory: 1000000 } })
    const type = headers.find(([name]) => name === 'content-type')
    const said = Buffer.from(body).toString()
    const honest = await signed({ data: said })
    for (const lines of [honest.headers, [...honest.headers, type]]) {
      const reply = await decodeReply(lines, said)
      assert.ok(!isTrusted(reply, 'balance') && !isTrusted(reply, 'data'))
      assert.deepEqual(codes(reply.signatures[0].problems), ['AMBIGUOUS_BODY'])
    }
  })
})

describe('signatures', () => {
  test('a forged signature is not valid', async () => {
    const names = '"ao-ids" "ao-body-key" "ao-types" "content-digest" "content-type" "action" "map" "x"'
    const key = `alg="rsa-pss-sha512";keyid="publickey:${owner.toString('base64')}"`
    const { headers, body } = await signed({ action: 'Eval', map: { a: 1 } })
    for (const input of [`bogus=(${names})`, `bogus=(${names});${key}`]) {
      const reply = await decodeReply(
        [
          ...headers,
          ['ao-ids', 'action="Steal", map="none"'],
          ['x', '1'],
          ['signature', `bogus=:${Buffer.alloc(512, 7).toString('base64')}:`],
          ['signature-input', input]
        ],
        body
      )
      assert.deepEqual(reply.message, { action: 'Eval', map: { a: 1 }, x: '1' })
      assert.ok(isTrusted(reply, 'action') && isTrusted(reply, 'map') && !isTrusted(reply, 'x'))
      assert.deepEqual([reply.signatures[1].valid, reply.signatures[1].covered], [false, []])
    }
  })

  test('a derived component covers no field', async () => {
    const headers = signedByHand({ balance: '1' }, { '"@status"': 200, '"balance"': 1 })
    const reply = await decodeReply([...headers, ['status', '402'], ['@status', '402']], '', { status: 200 })
    assert.equal(reply.message.status, '402')
    assert.deepEqual(reply.signatures[0].covered, ['balance'])
    assert.ok(isTrusted(reply, 'balance'))
  })

  test('a component that is part of a field covers no field', async () => {
    const covered = { '"a";sf': 1, '"b";key="x"': 1, '"balance"': 1 }
    const reply = await decodeReply(signedByHand({ a: '1', b: 'x=1, y=2', balance: '1' }, covered))
    assert.deepEqual(reply.signatures[0].covered, ['balance'])
    assert.equal(reply.signatures[0].valid, true)
  })

  for (const [expires, valid] of [
    ['4102444800', true],
    ['1', false],
    ['-1', false],
    ['4102444800.5', false],
    ['"4102444800"', false]
  ])
    test(`a signature with expires=${expires} is ${valid ? 'valid' : 'expired'}`, async () => {
      const headers = signedByHand({ balance: '1' }, { '"balance"': 1 }, `;expires=${expires}`)
      const reply = await decodeReply(headers)
      assert.equal(reply.signatures[0].valid, valid)
      assert.deepEqual(codes(reply.signatures[0].problems), valid ? [] : ['EXPIRED'])
      assert.equal(isTrusted(reply, 'balance'), valid)
    })
})

describe('names with a meaning in JavaScript', () => {
  const own = (text) => JSON.parse(text)

  test('__proto__ is refused before signing, because runtimes drop a header of this name', async () => {
    const fields = own('{"__proto__":"x","a":"1"}')
    const refused = { code: 'BAD_ARGUMENT', message: /__proto__/ }
    const failingSigner = () => assert.fail('nothing is signed')
    await assert.rejects(encodeRequest({ url, fields }), refused)
    await assert.rejects(encodeRequest({ url, fields, signer: failingSigner }), refused)
    const { ao, requests } = client({ other: () => text('good') })
    await assert.rejects(ao.request({ ...fields, path: '/~test@1.0/say' }), refused)
    await assert.rejects(ao.request({ ...fields, path: '/~test@1.0/say', signer: null }), refused)
    assert.equal(requests.length, 0)
  })

  test('__proto__ in a data item is a tag', async () => {
    const { ao, requests } = client({ other: () => text('good') })
    await ao.request({ ...own('{"__proto__":"x"}'), path: '/~test@1.0/say', 'signing-format': 'ans104' })
    const { DataItem } = await subpath('ans104')
    const { tags } = await DataItem.parse(Uint8Array.from(Buffer.from(requests[0].body)))
    assert.deepEqual(
      tags.filter(({ name }) => name === '__proto__'),
      [{ name: '__proto__', value: 'x' }]
    )
  })

  test('nested names come back as own properties', async () => {
    const fields = own('{"map":{"__proto__":{"x":"1"},"constructor":"c","tostring":"t"},"constructor":"d"}')
    const { headers, body } = await signed(fields)
    const reply = await decodeReply(headers, body)
    for (const object of [reply.message, reply.message.map])
      assert.equal(Object.getPrototypeOf(object), Object.prototype)
    assert.deepEqual(Object.keys(reply.message.map).sort(), ['__proto__', 'constructor', 'tostring'])
    assert.equal(JSON.stringify(reply.message.map.constructor), '"c"')
    assert.deepEqual(Object.getOwnPropertyDescriptor(reply.message.map, '__proto__').value, { x: '1' })
    assert.equal({}.x, undefined)
    assert.ok(isTrusted(reply, 'map') && isTrusted(reply, 'constructor'))
  })
})
