// Keys in every form that key files have, and keys that cannot sign. With the latter, no request is made.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { address, jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { verifies } from './support/peers.mjs'

const { DataItem } = await subpath('ans104')
const { kty, n, e, d, p, q, dp, dq, qi } = jwk
const other = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export({ format: 'jwk' })
const short = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

const usable = {
  'as it was exported': jwk,
  'n, e and d alone, as HyperBEAM exports': { kty, n, e, d },
  'the exponent in four bytes': { kty, n, e: 'AAEAAQ', d },
  'numbers with padding': { ...jwk, n: `${n}=`, e: `${e}==` },
  'numbers with leading zeros': {
    ...jwk,
    p: Buffer.concat([Buffer.alloc(1), Buffer.from(p, 'base64url')]).toString('base64url')
  },
  'meant for something else': { ...jwk, alg: 'RS256', key_ops: ['decrypt'], use: 'enc', ext: false },
  'with the numbers for speed mixed up': { kty, n, e, d, p, q, dp: dq, dq: dp, qi },
  'with empty members': { kty, n, e, d, p: '', q: '', dp: '', dq: '', qi: '' }
}

for (const [state, key] of Object.entries(usable)) {
  test(`a key ${state} signs`, async () => {
    const item = await DataItem.create({ data: 'x' }).sign(aoxide.createSigner(key))
    assert.equal(item.address, address)
    assert.equal(await aoxide.jwkToAddress(key), address)
    assert.ok(await verifies(item.raw))
  })
}

const unusable = {
  'without its private part': [{ kty, n, e }, /no private part/],
  'of another kind': [{ ...jwk, kty: 'EC' }, /kty/],
  'of 2048 bits': [short, /Owner must be 512 bytes, but was incorrectly 256/],
  'that is not base64url': [{ ...jwk, d: '!' }, /not base64url/],
  'with a number as a member': [{ ...jwk, d: 5 }, /d is not text/],
  'with the modulus of another key': [{ ...jwk, n: other.n }, /do not fit together/],
  'with the private members of another key': [{ ...other, n }, /do not fit together/],
  'with another exponent': [{ ...jwk, e: 'Aw' }, /exponent/]
}

for (const [state, [key, message]] of Object.entries(unusable)) {
  test(`a key ${state} is refused, and nothing is sent`, async () => {
    const fetch = () => assert.fail('a request was made')
    const process = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'
    const signer = aoxide.createSigner(key)
    const error = await aoxide
      .connect({ fetch })
      .message({ process, signer })
      .catch((thrown) => thrown)
    assert.ok(error instanceof aoxide.AoError, String(error))
    assert.equal(error.code, 'BAD_KEY')
    assert.match(error.message, message)
  })
}

test('a signer works after its JWK object was wiped', async () => {
  const mine = { ...jwk }
  const signer = aoxide.createSigner(mine)
  for (const member of Object.keys(mine)) mine[member] = ''
  assert.equal((await DataItem.create({ data: 'x' }).sign(signer)).address, address)
})

test('a generated key signs, and has the members of a key file', async () => {
  const fresh = await aoxide.generateJwk()
  assert.deepEqual(Object.keys(fresh), ['kty', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'])
  const item = await DataItem.create({ data: 'x' }).sign(aoxide.createSigner(fresh))
  assert.equal(item.address, await aoxide.jwkToAddress(fresh))
  assert.ok(await verifies(item.raw))
})
