// Compares verifying data items of every signature type in Node.js with arbundles.
import { readFileSync } from 'node:fs'
import { hashMessage } from '@ethersproject/hash'
import elliptic from 'secp256k1/elliptic.js'
import { jwk } from '../tests/js/support/key.mjs'
import { subpath } from '../tests/js/support/package.mjs'
import { arbundles } from '../tests/js/support/peers.mjs'
import { race } from './measure.mjs'
import { ms, row } from './table.mjs'

const { DataItem } = await subpath('ans104')

const NAMES = {
  1: 'Arweave, RSA-4096',
  2: 'Ed25519',
  3: 'Ethereum',
  4: 'Solana',
  5: 'Aptos',
  6: 'two of three Aptos keys',
  7: 'Ethereum, typed data'
}
/** The most of arbundles' time. */
const MOST = { rsa: 0.8, other: 0.5 }

/** An item of each type, signed by arbundles. */
async function signedItems() {
  const signer = new arbundles.ArweaveSigner(jwk)
  const rsa = arbundles.createData('Hello, signatures ✓', signer, { tags: [{ name: 'Action', value: 'Test' }] })
  await rsa.sign(signer)
  const recorded = JSON.parse(readFileSync(new URL('../tests/vectors/signatures.json', import.meta.url), 'utf8'))
  // Two of each type are recorded; the second has a target, an anchor, tags and data.
  const others = new Map(recorded.map(({ type, raw }) => [type, Buffer.from(raw, 'base64')]))
  return [[1, rsa.getRaw()], ...others]
}

const demand = (valid) => {
  if (!valid) throw new Error('a valid item was rejected')
}

/**
 * What arbundles does for type 3 in a page. In Node.js its package secp256k1 runs native code; in a page, the JavaScript of
 * elliptic.
 */
async function verifyInPage(raw) {
  const item = new arbundles.DataItem(raw)
  const digest = Buffer.from(hashMessage(await item.getSignatureData()).slice(2), 'hex')
  return elliptic.ecdsaVerify(item.rawSignature.subarray(0, 64), digest, item.rawOwner)
}

export async function signatures() {
  const rows = []
  for (const [type, raw] of await signedItems()) {
    const times = await race(
      {
        aoxide: async () => demand((await (await DataItem.parse(raw)).verify()).valid),
        arbundles: async () => demand(await (type === 3 ? verifyInPage(raw) : arbundles.DataItem.verify(raw)))
      },
      { rounds: 201, warmUp: 60 }
    )
    rows.push(
      row({
        what: `verify an item of type ${type} (${NAMES[type]})`,
        aoxide: times.aoxide,
        peer: times.arbundles,
        peerName: type === 3 ? 'arbundles, as in pages' : 'arbundles',
        unit: ms,
        most: type === 1 ? MOST.rsa : MOST.other
      })
    )
  }
  return { rows }
}
