// Compares HTTP messages with those of hbsig and aoconnect: equal parts, and parts in which the other library is wrong.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { address, jwk } from './support/key.mjs'
import { subpath } from './support/package.mjs'
import { aoconnect } from './support/peers.mjs'
import { recorder, withGlobalFetch } from './support/record.mjs'

const { encodeRequest, decodeReply } = await subpath('httpsig')
const hbsig = await import('hbsig')

const url = 'http://127.0.0.1'
const encode = (fields, more) => encodeRequest({ url, fields, ...more })

describe('compared with hbsig', () => {
  const { httpsig_to, structured_from, normalize } = hbsig
  /** A message of hbsig in the form of aoxide's. */
  function theirs(fields) {
    const { body, ...headers } = httpsig_to(normalize(structured_from(normalize(fields))))
    return { headers, body }
  }
  // Without the hashes of nested messages, which hbsig does not write.
  const ours = async (fields) => {
    const { headers, body } = await encode(fields, { dialect: '2025-09' })
    return { headers, body: body && Buffer.from(body).toString('latin1') }
  }
  const both = async (fields) => [await ours(fields), theirs(fields)]

  // hbsig uses the names of HyperBEAM of early 2025.
  const renamed = ({ headers: { 'inline-body-key': key, 'body-keys': _, ...headers }, body }) => ({
    headers: key === undefined ? headers : { ...headers, 'ao-body-key': key },
    body
  })
  const same = {
    'text and integers': { action: 'Eval', count: -3, other: 'x y' },
    'a body': { action: 'Eval', body: 'hello' },
    data: { action: 'Eval', data: 'hello' },
    'a nested message': { a: 'x', map: { y: 'z', n: 1 } },
    'messages in messages': { a: 'x', body: 'b', map: { y: 'z', deeper: { q: '1', r: { s: 't' } } } },
    'a nested body': { map: { body: 'alone' } },
    'a long nested value': { map: { y: 'z', long: 'l'.repeat(5000) } }
  }
  for (const [what, fields] of Object.entries(same))
    test(`equal: ${what}`, async () => {
      const [mine, peer] = await both(fields)
      assert.deepEqual(mine, renamed(peer))
      assert.deepEqual((await decodeReply(mine.headers, Buffer.from(mine.body ?? '', 'latin1'))).message, fields)
    })

  // Differences in which hbsig is wrong. Current nodes write the first form.
  const differences = {
    'the body has the name of early 2025': [
      { data: 'x' },
      ({ headers }) => [headers['ao-body-key'], headers['inline-body-key']],
      ['data', undefined],
      [undefined, 'data']
    ],
    'parts are listed in a field of early 2025': [
      { map: { x: 'y' } },
      ({ headers }) => headers['body-keys'],
      undefined,
      '"map"'
    ],
    'atoms are quoted': [{ ok: true }, ({ headers }) => headers.ok, 'true', '"true"'],
    'floats are cut short': [{ x: 1.5 }, ({ headers }) => headers.x, '1.50000000000000000000e+00', '1.5e+00'],
    'lists are one field': [{ list: [1] }, ({ headers }) => headers.list, undefined, '"(ao-type-integer) 1"'],
    'empty values have no place of their own': [
      { list: [] },
      ({ headers }) => headers['ao-types'],
      undefined,
      'list="empty-list"'
    ],
    'empty text is typed': [{ s: '' }, ({ headers }) => headers['ao-types'], undefined, 's="empty-binary"'],
    'long values stay headers': [{ l: 'l'.repeat(4097) }, ({ headers }) => headers.l?.length, undefined, 4097],
    'values with line ends stay headers': [{ l: 'a\nb' }, ({ headers }) => headers.l, undefined, 'a\nb'],
    'ids lose their case': [
      { [address]: 'x' },
      ({ headers }) => Object.keys(headers).some((name) => name === address.toLowerCase()),
      false,
      true
    ],
    'the parts begin with their disposition, and are not sorted': [
      { map: { a: 'x' } },
      ({ body }) => body.indexOf('content-disposition') < body.indexOf('a: x'),
      false,
      true
    ]
  }
  for (const [what, [fields, look, mine, peer]] of Object.entries(differences))
    test(`differs: in hbsig ${what}`, async () => {
      const [a, b] = await both(fields)
      assert.deepEqual([look(a), look(b)], [mine, peer])
    })

  test('differs: signatures of hbsig have a label and a key that current nodes ignore', async () => {
    const sign = hbsig.createSigner(jwk, url)
    const request = await sign({ action: 'Eval', path: '/push' }, { path: false })
    assert.match(
      request.headers['signature-input'],
      /^http-sig-[0-9a-f]{16}=\("action"\);alg="rsa-pss-sha512";keyid="[\w-]+"$/
    )
    // They are valid by RFC 9421.
    const { signatures } = await decodeReply(request.headers)
    assert.equal(signatures[0].valid, true, JSON.stringify(signatures[0].problems))
    assert.equal(signatures[0].address, address)
  })
})

describe('compared with aoconnect', () => {
  /** The request that aoconnect sends. */
  async function request(fields) {
    const { fetch, requests } = recorder(() => new Response('{}'))
    const ao = aoconnect.connect({ MODE: 'mainnet', URL: url, signer: aoconnect.createSigner(jwk) })
    await withGlobalFetch(fetch, () => ao.request({ path: '/push', method: 'POST', ...fields }))
    return requests[0]
  }

  test('a flat message: equal fields, and both signatures verify by RFC 9421', async () => {
    const sent = await request({ Action: 'Eval', count: 1 })
    const { message, signatures, problems } = await decodeReply(sent.headers, sent.body)
    assert.deepEqual(problems, [])
    assert.equal(message.action, 'Eval')
    assert.equal(message.count, 1)
    assert.equal(signatures[0].valid, true, JSON.stringify(signatures[0].problems))
    assert.equal(signatures[0].address, address)
    assert.match(signatures[0].label, /^http-sig-/)
  })

  test("a nested message: aoconnect's digest is not in the form of RFC 9530, and its body is not sent", async () => {
    const sent = await request({ map: { a: 'x' }, other: { b: 'y' } })
    assert.equal(sent.body, undefined)
    assert.match(sent.headers['content-digest'], /^sha-256=:[\w-]{43}:$/)
    await assert.rejects(decodeReply(sent.headers, sent.body), { code: 'BAD_RESPONSE' })
  })
})
