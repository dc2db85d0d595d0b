// Compares creating and verifying data items in Node.js with arbundles, and with a bare signature.
import { randomFillSync, webcrypto } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { jwk } from '../tests/js/support/key.mjs'
import { aoxide, subpath } from '../tests/js/support/package.mjs'
import { arbundles } from '../tests/js/support/peers.mjs'
import { race } from './measure.mjs'
import { MB, ms, row } from './table.mjs'

const { Bundle, DataItem, StoredItem } = await subpath('ans104')
const KIB = 1024
const MIB = 1024 * KIB

const tags = [
  { name: 'Data-Protocol', value: 'ao' },
  { name: 'Type', value: 'Message' },
  { name: 'Action', value: 'Balance' }
]
const random = (length) => randomFillSync(Buffer.alloc(length))

/**
 * Functions that create, sign and serialise an item, one for each library. Each creates its signer once, as programs do.
 */
function makers() {
  const ours = aoxide.createSigner(jwk)
  const theirs = new arbundles.ArweaveSigner(jwk)
  return {
    aoxide: async (data) => (await DataItem.create({ data, tags }).sign(ours)).raw,
    arbundles: async (data) => {
      const item = arbundles.createData(data, theirs, { tags })
      await item.sign(theirs)
      return item.getRaw()
    }
  }
}

/** A signature without an item: the lower bound of every library. */
async function bareSignature() {
  const algorithm = { name: 'RSA-PSS', hash: 'SHA-256' }
  const key = await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  const message = random(48)
  return () => webcrypto.subtle.sign({ name: 'RSA-PSS', saltLength: 32 }, key, message)
}

/**
 * Parses a bundle of 10,000 items, and reads the item in the middle by its id; or lists the ids of all. arbundles makes an object
 * of each item at once, which reads its fields later, as this package's does. By an id, it finds bytes of another place: so its
 * item is read by its number.
 */
async function bundles() {
  const ours = aoxide.createSigner(jwk)
  const [item, wanted] = await Promise.all(
    [100, 101].map((size) => DataItem.create({ data: random(size), tags }).sign(ours))
  )
  const all = Array(10_000).fill(item)
  all[5000] = wanted
  const bytes = Buffer.from(await (await Bundle.create(all)).bytes())
  const count = ({ length }) => {
    if (length !== 10_000) throw new Error('the bundle was not read')
  }
  const demand = (owner) => {
    if (owner !== wanted.owner) throw new Error('another item was read')
  }
  const options = { rounds: 51, warmUp: 20 }
  const one = await race(
    {
      aoxide: async () => demand((await (await Bundle.parse(bytes)).get(wanted.id)).owner),
      arbundles: async () => demand(arbundles.unbundleData(bytes).get(5000).owner)
    },
    options
  )
  const ids = await race(
    {
      aoxide: async () => count((await Bundle.parse(bytes)).ids),
      arbundles: async () => count(arbundles.unbundleData(bytes).getIds())
    },
    options
  )
  return { one, ids }
}

/**
 * Signs 100 MiB of a Blob. arbundles takes no Blob: it gets the Blob's bytes. Returns the times, and the most memory that was
 * used on top of the Blob.
 */
async function blobs() {
  const signer = aoxide.createSigner(jwk)
  const theirs = new arbundles.ArweaveSigner(jwk)
  const blob = new Blob([random(100 * MIB)])
  const ours = (options) => StoredItem.sign({ data: blob, tags }, signer, options)
  const peer = async () => {
    const item = arbundles.createData(Buffer.from(await blob.arrayBuffer()), theirs, { tags })
    await item.sign(theirs)
    return item
  }
  const times = await race(
    { aoxide: async () => void (await ours()), arbundles: async () => void (await peer()) },
    { rounds: 7, warmUp: 2 }
  )
  const memory = {
    aoxide: await peak(() => ours({ onProgress: measure })),
    arbundles: await peak(async () => {
      const item = await peer()
      measure()
      return item
    })
  }
  return { times, memory }
}

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
let most = 0

/** Buffers that are in use, and not garbage. */
function measure() {
  gc()
  most = Math.max(most, process.memoryUsage().arrayBuffers)
}

async function peak(run) {
  gc()
  const { arrayBuffers } = process.memoryUsage()
  most = arrayBuffers
  await run()
  return most - arrayBuffers
}

export async function items() {
  const make = makers()
  const signature = await bareSignature()
  const [small, large] = [random(KIB), random(10 * MIB)]

  const signSmall = await race(
    {
      aoxide: () => make.aoxide(small),
      arbundles: () => make.arbundles(small),
      signature
    },
    { rounds: 201, warmUp: 60 }
  )
  const signLarge = await race(
    { aoxide: () => make.aoxide(large), arbundles: () => make.arbundles(large) },
    { rounds: 8, warmUp: 1, inTurn: 6 }
  )

  const raw = await make.arbundles(small)
  const demand = (valid) => {
    if (!valid) throw new Error('a valid item was rejected')
  }
  const verifySmall = await race(
    {
      aoxide: async () => demand((await (await DataItem.parse(raw)).verify()).valid),
      arbundles: async () => demand(await arbundles.DataItem.verify(raw))
    },
    { rounds: 501, warmUp: 200 }
  )

  const parsed = await bundles()
  const signBlob = await blobs()

  const compare = (what, times, peer, most, peerName = peer) =>
    row({ what, aoxide: times.aoxide, peer: times[peer], peerName, unit: ms, most })
  const rows = [
    compare('create, sign, serialise 1 KiB, RSA-4096', signSmall, 'arbundles', 0.75),
    compare('the same, compared with a bare signature', signSmall, 'signature', 1.2, 'SubtleCrypto'),
    compare('create, sign, serialise 10 MiB, RSA-4096', signLarge, 'arbundles', 1),
    compare('verify 1 KiB', verifySmall, 'arbundles', 1.5),
    compare('parse a bundle of 10,000 items, read one', parsed.one, 'arbundles', 0.2),
    compare('parse a bundle of 10,000 items, list all ids', parsed.ids, 'arbundles', 0.3),
    compare('sign 100 MiB of a Blob, RSA-4096', signBlob.times, 'arbundles', 1),
    row({
      what: 'the same, memory on top of the Blob',
      aoxide: signBlob.memory.aoxide,
      peer: signBlob.memory.arbundles,
      peerName: 'arbundles',
      unit: MB,
      mostOwn: 16 * MIB
    })
  ]
  return { rows }
}
