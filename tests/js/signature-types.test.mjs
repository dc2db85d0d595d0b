// Signature types 2 to 7: items of arbundles verify here, and ours there; every key and wallet signs; forgeries are refused.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { getPublicKey, sign, verify as verifyEd25519 } from '@noble/ed25519'
import { Wallet, verifyMessage } from '@ethersproject/wallet'
import bs58 from 'bs58'
import { assertAoError, ids } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { arbundles } from './support/peers.mjs'
import { recorder } from './support/record.mjs'
import { network } from './support/replies.mjs'

const { DataItem, ownerAddress } = await subpath('ans104')
const { createSigner } = aoxide

const seed = Uint8Array.from({ length: 32 }, (_, index) => index + 1)
const ethereumKey = `0x${'11'.repeat(32)}`
const hex = (bytes) => Buffer.from(bytes).toString('hex')
const base64url = (bytes) => Buffer.from(bytes).toString('base64url')
const solanaKey = Uint8Array.from([...seed, ...(await getPublicKey(seed))])

/** A wallet of EIP-1193 over a key. `asked` has the methods that it was called with. */
function ethereumWallet(key = ethereumKey) {
  const wallet = new Wallet(key)
  const asked = []
  const request = async ({ method, params }) => {
    asked.push(method)
    if (method === 'eth_requestAccounts') return [wallet.address]
    if (method === 'personal_sign') return wallet.signMessage(Buffer.from(params[0].slice(2), 'hex'))
    if (method === 'eth_signTypedData_v4') {
      const { domain, types, message } = JSON.parse(params[1])
      delete types.EIP712Domain
      return wallet._signTypedData(domain, types, message)
    }
    throw new Error(`no method ${method}`)
  }
  return { request, asked }
}

const solanaWallet = {
  publicKey: { toBytes: () => solanaKey.subarray(32) },
  signMessage: async (message) => ({ signature: await sign(message, seed) })
}

const aptosWallet = {
  account: async () => ({ publicKey: `0x${hex(await getPublicKey(seed))}` }),
  async signMessage({ message, nonce }) {
    const fullMessage = `APTOS\nmessage: ${message}\nnonce: ${nonce}`
    return { signature: `0x${hex(await sign(Buffer.from(fullMessage), seed))}`, fullMessage }
  }
}

const seeds = [1, 2, 3].map((first) => Uint8Array.from({ length: 32 }, () => first))
const aptosKeys = {
  publicKeys: await Promise.all(seeds.map((seed) => getPublicKey(seed))),
  threshold: 2,
  collectSignatures: async (message) => ({
    signatures: [await sign(message, seeds[0]), await sign(message, seeds[2])],
    bitmap: [0, 2]
  })
}

/** Each parameter of createSigner, what it is taken for, and the type of its items. */
const SIGNERS = [
  ['an Ed25519 key of 64 bytes', solanaKey, 'ed25519-key', 2],
  ['an Ed25519 key of 64 numbers', [...solanaKey], 'ed25519-key', 2],
  ['an Ed25519 JWK', { kty: 'OKP', crv: 'Ed25519', d: base64url(seed) }, 'ed25519-key', 2],
  ['an Ed25519 key for text', solanaKey, 'ed25519-key', 4, { type: 4 }],
  ['an Ethereum key', ethereumKey, 'ethereum-key', 3],
  ['an Ethereum JWK', { kty: 'EC', crv: 'secp256k1', d: base64url(seed) }, 'ethereum-key', 3],
  ['an Ethereum key for typed data', ethereumKey, 'ethereum-key', 7, { type: 7 }],
  ['a wallet of Ethereum', ethereumWallet(), 'ethereum-wallet', 3],
  ['a wallet of Ethereum for typed data', ethereumWallet(), 'ethereum-wallet', 7, { type: 7 }],
  ['a wallet of Solana', solanaWallet, 'solana-wallet', 2],
  ['a wallet of Solana for text', solanaWallet, 'solana-wallet', 4, { type: 4 }],
  ['a wallet of Aptos', aptosWallet, 'aptos-wallet', 5],
  ['several keys of Aptos', aptosKeys, 'aptos-keys', 6]
]

const signWith = (given) => DataItem.create({ data: 'x' }).sign(createSigner(given))

const rejects = (promise, code) => assert.rejects(promise, (error) => (assertAoError(error, code), true))

const tags = [{ name: 'Action', value: 'Test' }]

describe('createSigner', () => {
  for (const [what, given, source, type, options] of SIGNERS)
    test(`signs with ${what}, and arbundles verifies it`, async () => {
      const signer = createSigner(given, options)
      assert.equal(signer.source, source)
      const item = await DataItem.create({ data: 'hello', tags }).sign(signer)
      assert.equal(item.signatureType, type)
      assert.deepEqual(await item.verify(), { valid: true, problems: [] })
      assert.equal(await arbundles.DataItem.verify(Buffer.from(item.raw)), true)
    })

  test('SubtleCrypto and the module give the same Ed25519 signature; the module signs where SubtleCrypto cannot', async (t) => {
    for (const options of [undefined, { type: 4 }])
      for (const key of [solanaKey, { kty: 'OKP', crv: 'Ed25519', d: base64url(seed) }]) {
        const sign = () => DataItem.create({ data: 'hello', tags }).sign(createSigner(key, options))
        const spy = t.mock.method(crypto.subtle, 'sign')
        const byHost = await sign()
        assert.equal(spy.mock.callCount(), 1, 'SubtleCrypto signs')
        t.mock.method(crypto.subtle, 'importKey', () => Promise.reject(new DOMException('no', 'NotSupportedError')))
        const byModule = await sign()
        assert.equal(spy.mock.callCount(), 1, 'the module signs')
        t.mock.restoreAll()
        assert.deepEqual(byHost.raw, byModule.raw)
        assert.equal(await arbundles.DataItem.verify(Buffer.from(byHost.raw)), true)
      }
  })

  test('takes the keys and wallets of Arweave for what they are', () => {
    assert.equal(createSigner(jwk).source, 'arweave-key')
    for (const wallet of [undefined, null, {}, { signDataItem() {}, signMessage() {}, request() {} }])
      assert.equal(createSigner(wallet).source, 'arweave-wallet')
  })

  test('asks a wallet of Ethereum for its key once per account, and with typed data never', async () => {
    const wallet = ethereumWallet()
    const signer = createSigner(wallet)
    for (let count = 0; count < 2; count++) await DataItem.create({ data: 'x' }).sign(signer)
    const dialogs = wallet.asked.filter((method) => method !== 'eth_requestAccounts')
    assert.deepEqual(dialogs, ['personal_sign', 'personal_sign', 'personal_sign'])
    const typed = ethereumWallet()
    await DataItem.create({ data: 'x' }).sign(createSigner(typed, { type: 7 }))
    assert.deepEqual(typed.asked, ['eth_requestAccounts', 'eth_signTypedData_v4'])
  })

  test('rejects with SIGNER when a wallet refuses, has no account, or signs with another one', async () => {
    const refuses = { request: () => Promise.reject(new Error('User rejected the request')) }
    const empty = { request: async () => [] }
    const { request } = ethereumWallet()
    const other = new Wallet(`0x${'22'.repeat(32)}`).address
    const switched = { request: async (call) => (call.method === 'eth_requestAccounts' ? [other] : request(call)) }
    for (const wallet of [refuses, empty, switched]) await rejects(signWith(wallet), 'SIGNER')
  })

  test('refuses keys that are none', async () => {
    for (const text of ['0x', '0x1234', 'secret', `0x${'zz'.repeat(32)}`])
      assert.throws(() => createSigner(text), { name: 'AoError', code: 'BAD_ARGUMENT' })
    for (const key of [`0x${'00'.repeat(32)}`, `0x${'ff'.repeat(32)}`, new Uint8Array(64)])
      await rejects(signWith(key), 'BAD_KEY')
  })

  test('rejects with UNSUPPORTED when an Ethereum key is to sign an HTTP message', async () => {
    const { encodeRequest } = await subpath('httpsig')
    const signer = createSigner(ethereumKey)
    await rejects(encodeRequest({ url: 'https://node.test', fields: { a: '1' }, signer }), 'UNSUPPORTED')
  })

  test('sends messages with an Ethereum key', async () => {
    const { fetch, requests } = recorder(network())
    const ao = aoxide.connect({ MODE: 'legacy', fetch })
    const id = await ao.message({ process: ids.process, data: 'hi', signer: createSigner(ethereumKey) })
    const item = await DataItem.parse(requests.at(-1).body)
    assert.deepEqual([item.id, item.signatureType, (await item.verify()).valid], [id, 3, true])
  })
})

describe('ownerAddress', () => {
  const WRITERS = ['gateway', 'compute-unit', 'node']
  const addressesOf = async (item) => Promise.all(WRITERS.map((writer) => ownerAddress(item, writer)))

  test('is the SHA-256 of the owner, with EIP-55 for Ethereum and base58 for Solana where the network writes it so', async () => {
    const ethereum = new Wallet(ethereumKey).address
    const solana = bs58.encode(solanaKey.subarray(32))
    const expected = {
      2: (hash) => [hash, hash, hash],
      3: (hash) => [hash, ethereum, ethereum],
      4: (hash) => [hash, hash, solana],
      5: (hash) => [hash, hash, hash],
      6: (hash) => [hash, hash, hash],
      7: (hash) => [hash, hash, ethereum]
    }
    for (const [what, given, , type, options] of SIGNERS.filter(([what]) => !what.includes('JWK'))) {
      const item = await DataItem.create({ data: 'x' }).sign(createSigner(given, options))
      const hash = createHash('sha256').update(Buffer.from(item.owner, 'base64url')).digest('base64url')
      assert.deepEqual(await addressesOf(item), expected[type](hash), what)
    }
    const item = await DataItem.create({ data: 'x' }).sign(createSigner(jwk))
    assert.deepEqual(await addressesOf(item), Array(3).fill(await aoxide.jwkToAddress(jwk)))
  })

  test('rejects with BAD_KEY for an owner of another type', async () => {
    await rejects(ownerAddress({ signatureType: 7, owner: base64url(seed), address: '' }, 'node'), 'BAD_KEY')
    await rejects(ownerAddress({ signatureType: 3, owner: '!', address: '' }, 'compute-unit'), 'BAD_KEY')
  })
})

describe('DataItem.verify', () => {
  const recorded = async () => JSON.parse(await readFile(new URL('../vectors/signatures.json', import.meta.url)))
  /** The bytes of a recorded item with changes. */
  const changed = async (type, change) => {
    const { raw } = (await recorded()).findLast((item) => item.type === type)
    const bytes = new Uint8Array(Buffer.from(raw, 'base64'))
    change(bytes)
    return bytes
  }

  test('accepts the items of arbundles', async () => {
    for (const { type, id, raw } of await recorded()) {
      const item = await DataItem.parse(Buffer.from(raw, 'base64'))
      assert.deepEqual([item.signatureType, item.id], [type, id])
      assert.deepEqual(await item.verify(), { valid: true, problems: [] })
    }
  })

  test('agrees with other libraries on what was signed', async () => {
    const [, ed25519] = await recorded()
    const item = await DataItem.parse(Buffer.from(ed25519.raw, 'base64'))
    const hash = await new arbundles.DataItem(Buffer.from(item.raw)).getSignatureData()
    const bytes = (text) => Buffer.from(text, 'base64url')
    assert.equal(await verifyEd25519(bytes(item.signature), hash, bytes(item.owner)), true)
    const ethereum = await DataItem.create({ data: 'x' }).sign(createSigner(ethereumKey))
    const message = await new arbundles.DataItem(Buffer.from(ethereum.raw)).getSignatureData()
    const signer = verifyMessage(message, `0x${hex(bytes(ethereum.signature))}`)
    assert.equal(signer, new Wallet(ethereumKey).address)
  })

  // What arbundles accepts, although the item is not what its signer signed.
  const FORGERIES = [
    [
      'an item of several keys that no key has signed',
      6,
      (bytes) => bytes.fill(0, 2, 2 + 32 * 64 + 4),
      'BELOW_THRESHOLD',
      false
    ],
    [
      'an item of several keys of which too few have signed',
      6,
      (bytes) => (bytes[2 + 32 * 64] = 0x80),
      'BELOW_THRESHOLD',
      false
    ],
    ['an Ethereum item with another last byte of its signature', 3, (bytes) => (bytes[66] = 99), 'RECOVERY_ID', true],
    ['bytes in the place of a signature that is not there', 6, (bytes) => (bytes[2 + 64] = 1), 'UNUSED_SIGNATURE', true]
  ]
  for (const [what, type, change, code, isLenient] of FORGERIES)
    test(`refuses ${what}, which arbundles accepts`, async () => {
      const raw = await changed(type, change)
      assert.equal(await arbundles.DataItem.verify(Buffer.from(raw)), true, 'arbundles')
      const item = await DataItem.parse(raw)
      const strict = await item.verify()
      assert.equal(strict.valid, false)
      assert.ok(strict.problems.some((problem) => problem.code === code))
      assert.equal((await item.verify({ strict: false })).valid, isLenient)
    })

  test('refuses an item whose data changed, for every type', async () => {
    for (const type of [2, 3, 4, 5, 6, 7]) {
      const raw = await changed(type, (bytes) => (bytes[bytes.length - 1] ^= 1))
      const { valid, problems } = await (await DataItem.parse(raw)).verify({ strict: false })
      assert.equal(valid, false)
      assert.ok(problems.some(({ code }) => code === 'SIGNATURE'))
    }
  })
})
