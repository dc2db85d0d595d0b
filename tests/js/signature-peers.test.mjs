// Second opinions on signature types 2 to 7: the curves of @noble/curves, the Ethereum messages and typed data of viem.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { aoxide, subpath } from './support/package.mjs'
import {
  PEERS,
  account,
  assertAccepted,
  ethereumKey,
  itemOf,
  publicKeys,
  seeds,
  tags,
  target
} from './support/signature-peers.mjs'

const { DataItem } = await subpath('ans104')
const { createSigner } = aoxide
const hex = (bytes) => Buffer.from(bytes).toString('hex')

describe('DataItem.verify: items that other libraries sign', () => {
  for (const peer of PEERS)
    test(`accepts an item of type ${peer[0]} that ${peer[1]} signed, and refuses it with other data`, async () => {
      const raw = await itemOf(peer)
      const item = await DataItem.parse(raw)
      assert.equal(item.signatureType, peer[0])
      assert.deepEqual(await item.verify(), { valid: true, problems: [] })
      const changed = Uint8Array.from(raw)
      changed[changed.length - 1] ^= 1
      assert.equal((await (await DataItem.parse(changed)).verify({ strict: false })).valid, false)
    })
})

const secretKey = (index) => Uint8Array.from([...seeds[index], ...publicKeys[index]])
const signHash = (seed) => async (text) => ed25519.sign(text, seed)
const aptosWallet = {
  account: async () => ({ publicKey: `0x${hex(publicKeys[0])}` }),
  async signMessage({ message, nonce }) {
    const fullMessage = `APTOS\nmessage: ${message}\nnonce: ${nonce}`
    return { signature: `0x${hex(ed25519.sign(Buffer.from(fullMessage), seeds[0]))}`, fullMessage }
  }
}
const aptosKeys = {
  publicKeys,
  threshold: 2,
  collectSignatures: async (message) => ({
    signatures: await Promise.all([0, 2].map((index) => signHash(seeds[index])(message))),
    bitmap: [0, 2]
  })
}
/** A wallet of EIP-1193 whose signatures are viem's. */
const viemWallet = {
  async request({ method, params }) {
    if (method === 'eth_requestAccounts') return [account.address]
    if (method === 'personal_sign') return account.signMessage({ message: { raw: params[0] } })
    if (method === 'eth_signTypedData_v4') return account.signTypedData(JSON.parse(params[1]))
    throw new Error(`no method ${method}`)
  }
}

const OURS = [
  [2, 'an Ed25519 key', secretKey(0)],
  [4, 'an Ed25519 key for text', secretKey(0), { type: 4 }],
  [5, 'a wallet of Aptos', aptosWallet],
  [6, 'several keys of Aptos', aptosKeys],
  [3, 'an Ethereum key', ethereumKey],
  [7, 'an Ethereum key for typed data', ethereumKey, { type: 7 }],
  [3, 'a wallet that is viem', viemWallet],
  [7, 'a wallet that is viem, for typed data', viemWallet, { type: 7 }]
]

describe('DataItem.sign: items that other libraries verify', () => {
  for (const [type, what, given, options] of OURS)
    test(`signs with ${what}, and the other libraries accept the signature of type ${type}`, async () => {
      const item = await DataItem.create({ data: 'a second opinion', tags, target }).sign(createSigner(given, options))
      assert.equal(item.signatureType, type)
      await assertAccepted(type, item.raw)
    })
})
