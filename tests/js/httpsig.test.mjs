// Signed HTTP messages: verified by other libraries, sent over a real connection, and changed at random.
import assert from 'node:assert/strict'
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as nodeSign,
  verify as nodeVerify,
  constants
} from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { assertAoError } from './support/compare.mjs'
import { address, jwk, owner } from './support/key.mjs'
import { aoxide, installed, subpath } from './support/package.mjs'
import { aoconnect } from './support/peers.mjs'
import { random } from './support/random.mjs'

const { encodeRequest, decodeReply } = await subpath('httpsig')
const hbsig = await import('hbsig')

const signer = aoxide.createSigner(jwk)
const url = 'http://127.0.0.1'
const modulus = owner.toString('base64')
const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
const publicKey = createPublicKey(privateKey)
const pss = (salt) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: salt })
const signPss = (bytes, salt = 64) => nodeSign('sha512', bytes, { key: privateKey, ...pss(salt) })

const encode = (fields, more) => encodeRequest({ url, fields, ...more })
const decode = ({ headers, body }) => decodeReply(headers, body)
const header = (bytes) => Buffer.from(bytes).toString('latin1')

/** Builds the signature base of plain fields, independently of aoxide. */
function baseOf(headers) {
  const [, names, params] = /^comm-[^=]+=\(([^)]*)\)(.*)$/.exec(headers['signature-input'])
  const lines = names.split(' ').map((name) => `${name}: ${headers[name.slice(1, -1)]}`)
  return Buffer.from([...lines, `"@signature-params": (${names})${params}`].join('\n'), 'latin1')
}

const signatureOf = ({ signature }) => Buffer.from(signature.replace(/^[^:]*:|:$/g, ''), 'base64')

describe('a signed request', () => {
  test('verifies in an independent implementation of RFC 9421', async () => {
    const request = await encode({ Action: 'Eval', count: 3 }, { path: '/push', data: '1 + 1', signer })
    const { signature, 'signature-input': input, ...headers } = request.headers
    const digest = createHash('sha256').update('1 + 1').digest('base64')
    assert.deepEqual(headers, {
      action: 'Eval',
      'ao-body-key': 'data',
      'ao-types': 'count="integer"',
      'content-digest': `sha-256=:${digest}:`,
      count: '3'
    })
    assert.equal(request.url, `${url}/push`)
    assert.equal(request.method, 'POST')
    assert.equal(Buffer.from(request.body).toString(), '1 + 1')

    const bytes = signatureOf(request.headers)
    const id = createHash('sha256').update(bytes).digest('base64url')
    assert.equal(request.id, id)
    const label = `comm-${id.toLowerCase()}`
    assert.equal(signature, `${label}=:${bytes.toString('base64')}:`)
    const names = '"action" "ao-body-key" "ao-types" "content-digest" "count"'
    assert.equal(input, `${label}=(${names});alg="rsa-pss-sha512";keyid="publickey:${modulus}"`)
    assert.ok(nodeVerify('sha512', baseOf(request.headers), { key: publicKey, ...pss(64) }, bytes), 'salt of 64 bytes')
  })

  test('verifies in hbsig', async () => {
    const { headers, url: address, method } = await encode({ action: 'Eval', list: [1, 'two'], ok: true }, { signer })
    const { verified, error } = await hbsig.verify({ headers, url: address, method }, owner)
    assert.ok(verified, error)
  })

  for (const [whose, make] of Object.entries({
    aoxide: () => signer,
    aoconnect: () => aoconnect.createSigner(jwk),
    'a function, with the signature as text': () => async (create, kind) => {
      assert.equal(kind, 'httpsig')
      const base = await create({ publicKey: jwk.n, type: 1, alg: 'rsa-pss-sha512' })
      return { signature: signPss(base, 32).toString('base64') }
    }
  }))
    test(`made with a signer of ${whose} is decoded and verified`, async () => {
      const request = await encode({ action: 'Eval' }, { data: new Blob(['hello']), signer: make() })
      const { message, signatures, problems } = await decode(request)
      assert.deepEqual(message, { action: 'Eval', data: 'hello' })
      assert.deepEqual(problems, [])
      assert.deepEqual(signatures, [
        {
          valid: true,
          label: `comm-${request.id.toLowerCase()}`,
          algorithm: 'rsa-pss-sha512',
          keyId: `publickey:${modulus}`,
          address,
          id: request.id,
          covered: ['action', 'data'],
          problems: []
        }
      ])
    })

  test('encodes symbols and booleans as atoms', async () => {
    const { headers } = await encode({ a: Symbol('ok'), b: false, c: Symbol('x)'), d: 1 }).catch((error) => error)
    assert.equal(headers, undefined)
    const request = await encode({ a: Symbol('ok'), b: false })
    assert.deepEqual(request.headers, { a: 'ok', 'ao-types': 'a="atom", b="atom"', b: 'false' })
  })

  test("has a new signature each time; for an older node, in that node's order", async () => {
    const [one, two] = await Promise.all([encode({ a: '1' }, { signer }), encode({ a: '1' }, { signer })])
    assert.notEqual(one.id, two.id)
    const request = await encode({ a: '1' }, { data: 'x', signer, dialect: '2025-09' })
    assert.match(request.headers['signature-input'], /=\("a" "ao-body-key" "content-digest"\);/)
    assert.ok((await decode(request)).signatures[0].valid)
  })
})

describe('operations that SubtleCrypto lacks', () => {
  test('a key without its primes signs', async () => {
    const { kty, n, e, d } = jwk
    const request = await encode({ a: '1' }, { signer: aoxide.createSigner({ kty, n, e, d }) })
    assert.ok((await decode(request)).signatures[0].valid)
  })

  test('signatures with any salt length verify', async () => {
    for (const salt of [0, 20, 32, 64, 446]) {
      const signer = async (create) => ({ signature: signPss(await create({ publicKey: owner }), salt) })
      assert.ok((await decode(await encode({ a: '1' }, { signer }))).signatures[0].valid, `${salt}`)
    }
  })
})

test('a fault in the module rejects with CRASH, and the next call works', async () => {
  const { run } = await import(pathToFileURL(`${installed}/httpsig/module.js`).href)
  const trap = async () => (await (await glue()).default()).__wbindgen_free(0x7ffffff0, 1, 1)
  const glue = () => import(pathToFileURL(`${installed}/wasm/httpsig.js`).href)
  const answers = []
  const hanging = encode({ a: '1' }, { signer: () => new Promise((resolve) => answers.push(resolve)) })
  const ended = assert.rejects(hanging, { name: 'AoError', code: 'CRASH' })
  while (!answers.length) await sleep(1)
  await assert.rejects(run(trap), { name: 'AoError', code: 'CRASH' })
  await ended
  assert.ok((await decode(await encode({ a: '1' }, { signer }))).signatures[0].valid)
  for (const answer of answers) answer({ signature: 'late' })
  await sleep(20)
})

describe('wallets', () => {
  /** A wallet that changes the given bytes with `prepare`, then signs them. */
  const wallet = (prepare) => ({
    permissions: [],
    async connect(permissions) {
      this.permissions.push(...permissions)
    },
    signDataItem: () => assert.fail('no data item is signed'),
    getActivePublicKey: async () => jwk.n,
    getActiveAddress: async () => address,
    async signMessage(bytes, { hashAlgorithm }) {
      assert.equal(hashAlgorithm, 'SHA-512')
      return signPss(prepare(Buffer.from(bytes)), 32)
    }
  })

  test('a wallet that signs the message: the signature verifies', async () => {
    const page = wallet((bytes) => bytes)
    const request = await encode({ action: 'Eval' }, { signer: aoxide.createSigner(page) })
    assert.deepEqual(page.permissions, ['ACCESS_ADDRESS', 'ACCESS_PUBLIC_KEY', 'SIGNATURE'])
    assert.ok((await decode(request)).signatures[0].valid)
  })

  test('a wallet that hashes the message first, as Wander does, is recognised', async () => {
    const page = wallet((bytes) => createHash('sha512').update(bytes).digest())
    const error = await encode({ a: '1' }, { signer: aoxide.createSigner(page) }).catch((thrown) => thrown)
    assertAoError(error)
    assert.equal(error.code, 'UNSUPPORTED')
    assert.match(error.message, /ANS-104/)
  })

  test('a wallet without signMessage or with another key type is refused', async () => {
    const { signMessage, ...page } = wallet()
    assert.ok(signMessage)
    const refused = (signer, kind) => signer(() => assert.fail('nothing is asked'), kind)
    await assert.rejects(refused(aoxide.createSigner(page), 'httpsig'), { code: 'UNSUPPORTED' })
    for (const each of [aoxide.createSigner(page), signer])
      await assert.rejects(refused(each, 'other'), { code: 'UNSUPPORTED', message: /"other"/ })
  })
})

const id = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'

describe('refused messages', () => {
  const cyclic = {}
  cyclic.self = cyclic
  const cases = {
    'no address': [{ url: undefined }, 'BAD_ARGUMENT', /'url'/],
    'a path that is none': [{ path: 5 }, 'BAD_ARGUMENT', /'path'/],
    'a body with GET': [{ method: 'GET', data: 'x' }, 'BAD_ARGUMENT', /'method'/],
    'another age': [{ dialect: '2024' }, 'BAD_ARGUMENT', /'dialect'/],
    'a signer that is none': [{ signer: jwk }, 'BAD_ARGUMENT', /'signer'/],
    'a date': [{ fields: { when: new Date() } }, 'BAD_ARGUMENT', /'when'/],
    'a function': [{ fields: { f() {} } }, 'BAD_ARGUMENT', /'f'/],
    'nothing in a list': [{ fields: { list: [null] } }, 'BAD_ARGUMENT', /'list'/],
    'half a character': [{ fields: { x: '\ud800' } }, 'BAD_ARGUMENT', /'x'/],
    'no number': [{ fields: { x: NaN } }, 'BAD_ARGUMENT', /'x'/],
    'too large an integer': [{ fields: { x: 2n ** 127n } }, 'BAD_ARGUMENT', /'x'/],
    'a name twice': [{ fields: { A: '1', a: '2' } }, 'BAD_ARGUMENT', /'a'/],
    'a name of HTTP': [{ fields: { Host: 'x' } }, 'BAD_ARGUMENT', /'host'/],
    'a name that nodes keep to themselves': [{ fields: { private: 'x' } }, 'BAD_ARGUMENT', /'private'/],
    'a name of the encoding': [{ fields: { Signature: 'x' } }, 'BAD_ARGUMENT', /'signature'/],
    'what contains itself': [{ fields: cyclic }, 'BAD_ARGUMENT', /deep/],
    'what no node verifies': [{ fields: { x: ' y ' }, signer }, 'UNSUPPORTED', /white space/],
    'lines in a field': [{ fields: { x: 'a\nb' }, signer }, 'UNSUPPORTED', /'x' has control characters/],
    'an integer of 16 digits': [{ fields: { x: 10n ** 15n }, signer }, 'UNSUPPORTED', /15 digits/],
    'an id, in September 2025': [{ fields: { [id]: 'x' }, signer, dialect: '2025-09' }, 'UNSUPPORTED', /is an id/],
    'a body to the schedule': [
      { path: `${id}~process@1.0/schedule`, fields: { body: 'x' }, signer },
      'UNSUPPORTED',
      /'data'/
    ],
    'a body to push': [{ url: 'https://node/push?a=b', fields: { body: 'x' }, signer }, 'UNSUPPORTED', /'data'/],
    'a signer that throws': [{ fields: { a: '1' }, signer: () => Promise.reject(new Error('no')) }, 'SIGNER', /no/],
    'a signer that asks nothing': [{ fields: { a: '1' }, signer: () => ({ signature: '' }) }, 'SIGNER', /create/],
    'a signer without a signature': [
      { fields: { a: '1' }, signer: async (create) => void (await create({ publicKey: owner })) },
      'SIGNER',
      /signature/
    ],
    'a signature over something else': [
      {
        fields: { a: '1' },
        signer: async (create) => ({ signature: signPss((await create({ publicKey: owner })).subarray(1)) })
      },
      'BAD_SIGNATURE',
      /Nothing was sent/
    ],
    'a key of another kind': [
      { fields: { a: '1' }, signer: (create) => create({ publicKey: owner, type: 3 }) },
      'UNSUPPORTED',
      /type 1/
    ]
  }
  for (const [what, [input, code, expectedMessage]] of Object.entries(cases))
    test(what, async () => {
      const error = await encodeRequest({ url, ...input }).catch((thrown) => thrown)
      assertAoError(error)
      assert.equal(error.code, code, error.message)
      assert.match(error.message, expectedMessage)
    })

  test('a value that is not a reply is refused', async () => {
    for (const [headers, body] of [
      [null, ''],
      [[['a', 1]], ''],
      [[5], ''],
      [{}, 5]
    ])
      await assert.rejects(decodeReply(headers, body), { name: 'AoError', code: 'BAD_ARGUMENT' })
    const multipart = { 'content-type': 'multipart/form-data; boundary=b' }
    await assert.rejects(decodeReply(multipart, '--b\r\n'), { name: 'AoError', code: 'BAD_RESPONSE' })
  })
})

/**
 * Random values without those that JavaScript cannot distinguish, so that decoding returns the same value. Signed messages
 * have only what nodes verify.
 */
function randomFields(source, signed, depth = 3) {
  const { below, bytes, pick, text, chance } = source
  const line = () => `v${text(below(20)).replace(/[\0\n]/g, '')}.`
  const value = () =>
    pick([
      line,
      () => (signed && depth === 3 ? line() : `${text(below(40)).replace(/\r/g, '')}\n.`),
      () => below(1e9) - 5e8,
      () => below(1e6) / 7 + 0.1,
      () => (signed ? 1e14 : 2n ** 100n) + (signed ? below(9) : BigInt(below(9))),
      () => chance(0.5),
      () =>
        signed && depth === 3 ? 'bytes' : Uint8Array.from([255, ...bytes(below(30))].filter((byte) => byte !== 13)),
      () => 'l'.repeat(4000 + below(200)),
      () => (depth ? Array.from({ length: below(4) }, () => line()) : 'x'),
      () => (depth ? randomFields(source, signed, depth - 1) : 'y')
    ])()
  return Object.fromEntries(Array.from({ length: below(6) }, (_, at) => [`x${at}-${below(100)}`, value()]))
}

describe('over a connection', () => {
  let server
  let base
  before(async () => {
    // Returns the request as the response.
    server = createServer((request, response) => {
      const pieces = []
      request.on('data', (piece) => pieces.push(piece))
      request.on('end', () => {
        const { host, connection, 'content-length': length, ...headers } = request.headers
        assert.ok(host && connection, length)
        response.writeHead(200, headers)
        response.end(Buffer.concat(pieces))
      })
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${server.address().port}`
  })
  after(() => server.close())

  const source = random(9421)
  for (let round = 1; round <= 40; round++) {
    const signed = round % 4 === 0
    const fields = { action: 'é→ in UTF-8', ...randomFields(source, signed) }
    test(`random message ${round} comes back unchanged${signed ? ' and verifies' : ''}`, async () => {
      const data = round % 3 ? undefined : source.bytes(1 + source.below(300))
      const request = await encodeRequest({
        url: base,
        path: 'echo',
        method: 'POST',
        fields,
        data,
        signer: signed ? signer : undefined
      })
      const response = await fetch(request.url, request)
      const reply = await decodeReply(response.headers, await response.arrayBuffer())
      // Headers that fetch added.
      for (const name of ['accept', 'accept-encoding', 'accept-language', 'sec-fetch-mode', 'user-agent'])
        delete reply.message[name]
      if (typeof reply.message.data === 'string') reply.message.data = new TextEncoder().encode(reply.message.data)
      assert.deepEqual(reply.message, data ? { ...fields, data } : fields)
      assert.deepEqual(reply.problems, [])
      assert.deepEqual(
        reply.signatures.map(({ valid, problems, covered }) => ({
          valid,
          problems,
          covers: covered.includes('action')
        })),
        signed ? [{ valid: true, problems: [], covers: true }] : []
      )
    })
  }
})

describe('replies', () => {
  /** A reply as HyperBEAM signs it: the parameters are signed in another order than they are sent. */
  function nodeReply(fields) {
    const names = Object.keys(fields).sort()
    const list = `(${names.map((name) => `"${name}"`).join(' ')})`
    const key = `keyid="publickey:${modulus}"`
    const bare = (name) => name.replace(/^@/, '')
    const lines = names.map((name) => `"${bare(name)}": ${fields[name]}`)
    const base = (params) => Buffer.from([...lines, `"@signature-params": ${list}${params}`].join('\n'))
    const signature = signPss(base(`;alg="rsa-pss-sha512";bundle="true";${key};tag="t"`), 32)
    return {
      ...Object.fromEntries(names.map((name) => [bare(name), fields[name]])),
      signature: `comm-a=:${signature.toString('base64')}:`,
      'signature-input': `comm-a=${list};alg="rsa-pss-sha512";${key};tag="t";bundle="true"`
    }
  }

  test('with parameters that are signed in alphabetical order, as by nodes, verify', async () => {
    const headers = nodeReply({ 'ao-types': 'slot="integer"', slot: '7', status: '200', '@path': '/x' })
    const { message, signatures } = await decodeReply(new Headers({ ...headers, date: 'today', server: 'x' }))
    assert.deepEqual(message, { slot: 7, status: '200', path: '/x' })
    assert.equal(signatures[0].valid, true, JSON.stringify(signatures[0].problems))
    assert.deepEqual(signatures[0].covered, ['path', 'ao-types', 'slot', 'status'])
    const forged = await decodeReply({ ...headers, slot: '8' })
    assert.deepEqual(
      forged.signatures[0].problems.map(({ code }) => code),
      ['SIGNATURE']
    )
    assert.equal(forged.signatures[0].valid, false)
  })

  test('with further covered components verify', async () => {
    const input = '("@status" "@method";req "@path";req "x-a";req "x-b")'
    const params = `;alg="rsa-pss-sha512";keyid="publickey:${modulus}"`
    const lines = ['"@status": 201', '"@method";req: POST', '"@path";req: /a', '"x-a";req: 1', '"x-b": 2']
    const base = [...lines, `"@signature-params": ${input}${params}`].join('\n')
    const headers = [
      ['x-b', '2'],
      ['signature-input', `sig=${input}${params}`],
      ['signature', `sig=:${signPss(Buffer.from(base)).toString('base64')}:`]
    ]
    const request = { method: 'POST', url: 'https://node/a?b=c', headers: { 'X-A': '1' } }
    const { signatures } = await decodeReply(headers, '', { status: 201, request })
    assert.equal(signatures[0].valid, true)
    const without = await decodeReply(headers, '')
    assert.equal(without.signatures[0].problems[0].code, 'MISSING_COMPONENT')
  })

  test('decode text, bytes, numbers, atoms, and names with a meaning in JavaScript', async () => {
    const headers = {
      big: '123456789012345678901234567890',
      'ao-types': 'big="integer", half="float", no="atom", none="atom", other="atom", old="list", empty="empty-list"',
      half: '5.00000000000000000000e-01',
      no: 'false',
      none: 'null',
      other: 'ok',
      old: '"(ao-type-integer) 1", "two", "(ao-type-list) \\"(ao-type-atom) true\\""',
      __proto__: null
    }
    const { message, problems } = await decodeReply([
      ...Object.entries(headers),
      ['__proto__', 'mine'],
      ['raw', '\xff']
    ])
    assert.deepEqual(problems, [])
    assert.equal(Object.getPrototypeOf(message), Object.prototype)
    assert.equal(Object.getOwnPropertyDescriptor(message, '__proto__').value, 'mine')
    assert.deepEqual(
      { ...message },
      {
        ...{ big: 123456789012345678901234567890n, half: 0.5, no: false, none: null, other: 'ok' },
        ...{ old: [1, 'two', [true]], empty: [], raw: Uint8Array.of(255) },
        ['__proto__']: 'mine'
      }
    )
  })

  test('with random changes reject or report a problem, 1,000 times', async () => {
    const source = random(8941)
    const original = await encode({ action: 'Eval', map: { a: 1, b: ['x'] } }, { data: 'hello', signer })
    let valid = 0
    for (let round = 0; round < 1_000; round++) {
      const headers = Object.entries(original.headers)
      const line = source.pick(headers)
      const body = Uint8Array.from(original.body)
      if (source.chance(0.5)) body[source.below(body.length)] ^= 1 + source.below(255)
      else {
        const at = source.below(line[1].length)
        line[1] = line[1].slice(0, at) + header(source.bytes(source.below(3))) + line[1].slice(at + source.below(3))
      }
      try {
        const { signatures, problems } = await decodeReply(headers, body)
        if (signatures[0]?.valid) valid++
        else assert.ok(signatures[0]?.problems.length || problems.length)
      } catch (error) {
        assertAoError(error)
        assert.equal(error.code, 'BAD_RESPONSE')
      }
    }
    // A change may have no effect, or be in a header that has no meaning.
    assert.ok(valid < 100, `${valid}`)
  })
})
