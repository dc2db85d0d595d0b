// Makes signatures.json: items of signature types 2 to 7, signed by arbundles with fixed keys. node tests/vectors/make-signatures.mjs
import { writeFile } from 'node:fs/promises'
import {
  EthereumSigner,
  HexSolanaSigner,
  InjectedAptosSigner,
  MultiSignatureAptosSigner,
  SolanaSigner,
  TypedEthereumSigner,
  createData
} from '@dha-team/arbundles'
import { getPublicKey, sign } from '@noble/ed25519'
import bs58 from 'bs58'

const bytes = (first, length = 32) => Uint8Array.from({ length }, (_, index) => (first + index * 7) % 256)
const hex = (bytes) => Buffer.from(bytes).toString('hex')

async function keyPair(seed) {
  return bs58.encode(Buffer.concat([seed, await getPublicKey(seed)]))
}

/** A stand-in for a wallet, which puts its lines around the message. */
async function injectedAptos(seed) {
  const wallet = {
    async signMessage({ message, nonce }) {
      const shown = `APTOS\nmessage: ${message}\nnonce: ${nonce}`
      return { signature: hex(await sign(Buffer.from(shown), seed)) }
    }
  }
  return new InjectedAptosSigner(wallet, Buffer.from(await getPublicKey(seed)))
}

/** Three keys, two of which must sign: the first and the third. */
async function multiAptos() {
  const seeds = [bytes(5), bytes(6), bytes(7)]
  const owner = Buffer.alloc(32 * 32 + 1)
  for (const [index, seed] of seeds.entries()) owner.set(await getPublicKey(seed), index * 32)
  owner[32 * 32] = 2
  return new MultiSignatureAptosSigner(owner, async (message) => ({
    signatures: [Buffer.from(await sign(message, seeds[0])), Buffer.from(await sign(message, seeds[2]))],
    bitmap: [0, 2]
  }))
}

const ethereumKey = hex(bytes(3))
const signers = [
  [2, hex(bytes(2)), new SolanaSigner(await keyPair(bytes(2)))],
  [3, ethereumKey, new EthereumSigner(ethereumKey)],
  [4, hex(bytes(4)), new HexSolanaSigner(await keyPair(bytes(4)))],
  [5, hex(bytes(5)), await injectedAptos(bytes(5))],
  [6, [5, 6, 7].map((first) => hex(bytes(first))), await multiAptos()],
  [7, ethereumKey, new TypedEthereumSigner(ethereumKey)]
]
const shapes = [
  ['', {}],
  [
    'Hello, signatures ✓',
    {
      target: 'OXcT1sVRSA5eGwt2k6Yuz8-3e3g9WJi5uSE99CWqsBs',
      anchor: 'an anchor of thirty-two letters.',
      tags: [
        { name: 'Action', value: 'Transfer' },
        { name: 'Empty', value: '' }
      ]
    }
  ]
]
const items = []
for (const [type, key, signer] of signers)
  for (const [data, options] of shapes) {
    const item = createData(data, signer, options)
    await item.sign(signer)
    if (item.signatureType !== type || !(await item.isValid())) throw new Error(`type ${type} is not valid`)
    items.push({ type, key, id: item.id, owner: item.owner, raw: item.getRaw().toString('base64') })
  }
await writeFile(new URL('signatures.json', import.meta.url), JSON.stringify(items, null, 1) + '\n')
