// What @noble/curves and viem sign and verify, for items of the types 2 to 7. The bytes to sign are arbundles' own.
import assert from 'node:assert/strict'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hashMessage, hashTypedData, hexToBytes, recoverPublicKey, verifyMessage, verifyTypedData } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { arbundles } from './peers.mjs'

export const seeds = [1, 2, 3].map((first) => Uint8Array.from({ length: 32 }, (_, index) => (first + index * 11) % 256))
export const publicKeys = seeds.map((seed) => ed25519.getPublicKey(seed))
export const ethereumKey = `0x${Buffer.from(seeds[0]).toString('hex')}`
export const account = privateKeyToAccount(ethereumKey)

export const tags = [{ name: 'Action', value: 'Test' }]
export const target = 'OXcT1sVRSA5eGwt2k6Yuz8-3e3g9WJi5uSE99CWqsBs'
const hex = (bytes) => Buffer.from(bytes).toString('hex')

/** The text that each type signs, for a deep hash. */
const asText = {
  2: (hash) => hash,
  4: (hash) => Buffer.from(hex(hash)),
  5: (hash) => Buffer.from(`APTOS\nmessage: ${hex(hash)}\nnonce: bundlr`)
}

/** Typed data of type 7. */
const typedData = (hash) => ({
  domain: { name: 'Bundlr', version: '1' },
  types: {
    Bundlr: [
      { name: 'Transaction hash', type: 'bytes' },
      { name: 'address', type: 'address' }
    ]
  },
  primaryType: 'Bundlr',
  message: { 'Transaction hash': `0x${hex(hash)}`, address: account.address }
})

/** The first and the third of three keys sign; two must. */
function multiSignature(sign) {
  const signature = Buffer.alloc(32 * 64 + 4)
  for (const index of [0, 2]) signature.set(sign(seeds[index]), index * 64)
  signature[32 * 64] = 0b1010_0000
  return signature
}
const multiOwner = Buffer.alloc(32 * 32 + 1)
for (const [index, key] of publicKeys.entries()) multiOwner.set(key, index * 32)
multiOwner[32 * 32] = 2

/** An Ethereum signature of @noble/curves over a hash. */
function nobleEthereum(hash) {
  const signature = secp256k1.sign(hexToBytes(hash), seeds[0], { prehash: false, format: 'recovered' })
  return Uint8Array.from([...signature.subarray(1), signature[0] + 27])
}
const ethereumOwner = secp256k1.getPublicKey(seeds[0], false)
const typedOwner = Buffer.from(account.address.toLowerCase())

const SIGNATURE_LENGTH = { 2: 64, 3: 65, 4: 64, 5: 64, 6: 32 * 64 + 4, 7: 65 }

/** What signs an item in arbundles: the type, the library, the owner, and a function of the library. */
export const PEERS = [
  ...[2, 4, 5].map((type) => [
    type,
    '@noble/curves',
    publicKeys[0],
    (hash) => ed25519.sign(asText[type](hash), seeds[0])
  ]),
  [6, '@noble/curves', multiOwner, (hash) => multiSignature((seed) => ed25519.sign(hash, seed))],
  [3, '@noble/curves', ethereumOwner, (hash) => nobleEthereum(hashMessage({ raw: hash }))],
  [3, 'viem', ethereumOwner, async (hash) => hexToBytes(await account.signMessage({ message: { raw: hash } }))],
  [7, '@noble/curves', typedOwner, (hash) => nobleEthereum(hashTypedData(typedData(hash)))],
  [7, 'viem', typedOwner, async (hash) => hexToBytes(await account.signTypedData(typedData(hash)))]
]

/** The bytes of an item that another library signs. */
export async function itemOf([type, , owner, sign]) {
  const signer = {
    signatureType: type,
    ownerLength: owner.length,
    signatureLength: SIGNATURE_LENGTH[type],
    publicKey: Buffer.from(owner),
    sign: async (hash) => Buffer.from(await sign(hash))
  }
  const made = arbundles.createData('a second opinion', signer, { tags, target })
  await made.sign(signer)
  return made.getRaw()
}

/** Asserts that the other libraries accept the signature of an item, given its bytes. */
export async function assertAccepted(type, raw) {
  const item = new arbundles.DataItem(Buffer.from(raw))
  assert.equal(item.signatureType, type)
  await checks[type](
    new Uint8Array(await item.getSignatureData()),
    new Uint8Array(item.rawOwner),
    new Uint8Array(item.rawSignature)
  )
}

/** RFC 8032 to the letter: encodings that only ZIP-215 allows are refused. */
const isEd25519 = (signature, message, key) => ed25519.verify(signature, message, key, { zip215: false })

function checkEd25519(type) {
  return (hash, owner, signature) => {
    assert.deepEqual(owner, publicKeys[0])
    assert.equal(isEd25519(signature, asText[type](hash), owner), true)
  }
}

/** The curve accepts the signature, with s in the lower half. */
function checkCurve(hash, signature) {
  const options = { prehash: false, lowS: true }
  assert.equal(secp256k1.verify(signature.subarray(0, 64), hexToBytes(hash), ethereumOwner, options), true)
}

const checks = {
  2: checkEd25519(2),
  4: checkEd25519(4),
  5: checkEd25519(5),
  6: (hash, owner, signature) => {
    assert.deepEqual(Buffer.from(owner), multiOwner)
    assert.equal(signature[32 * 64], 0b1010_0000)
    for (const index of [0, 2])
      assert.equal(isEd25519(signature.subarray(index * 64, index * 64 + 64), hash, publicKeys[index]), true)
  },
  3: async (hash, owner, signature) => {
    const message = { raw: hash }
    assert.equal(await verifyMessage({ address: account.address, message, signature }), true)
    const recovered = await recoverPublicKey({ hash: hashMessage(message), signature })
    assert.deepEqual(owner, hexToBytes(recovered))
    checkCurve(hashMessage(message), signature)
  },
  7: async (hash, owner, signature) => {
    assert.deepEqual(Buffer.from(owner), typedOwner)
    const data = typedData(hash)
    assert.equal(await verifyTypedData({ address: account.address, signature, ...data }), true)
    checkCurve(hashTypedData(data), signature)
  }
}
