// Bundles: aoxide and arbundles read each other's. Forged ones that arbundles accepts are refused.
import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { arbundles } from './support/peers.mjs'

const { Bundle, DataItem, StoredItem } = await subpath('ans104')
const signer = aoxide.createSigner(jwk)
const theirSigner = new arbundles.ArweaveSigner(jwk)
/** Signs in a fraction of a millisecond. */
const quickSigner = aoxide.createSigner(await ed25519())

async function ed25519() {
  const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  return crypto.subtle.exportKey('jwk', privateKey)
}

const text = (data) => DataItem.create({ data, tags: [{ name: 'Type', value: 'Note' }] }).sign(quickSigner)
const collect = async (iterable) => {
  const all = []
  for await (const each of iterable) all.push(each)
  return all
}
const decode = async (item) => new TextDecoder().decode(await item.data())

/** The error of this package with which a promise rejects. */
async function refusal(promise, code) {
  const error = await promise.then(
    () => assert.fail('did not reject'),
    (error) => error
  )
  assertAoError(error, code)
  return error
}

/** Where the entry of an item stands in the header. */
const entry = (index) => 32 + 64 * index

/** A source that counts what is read of it. */
function counted(size, read) {
  const source = { size, bytes: 0, read: (start, end) => ((source.bytes += end - start), read(start, end)) }
  return source
}

let items, bundle, raw
before(async () => {
  items = await Promise.all(['one', 'two', 'three'].map(text))
  bundle = await Bundle.create(items)
  raw = await bundle.bytes()
})

describe('bundles of both libraries', () => {
  test('arbundles reads and verifies a bundle of aoxide', async () => {
    const theirs = arbundles.unbundleData(Buffer.from(raw))
    assert.deepEqual(
      theirs.items.map(({ id, rawData }) => [id, rawData.toString()]),
      items.map(({ id, data }) => [id, Buffer.from(data).toString()])
    )
    assert.ok(await theirs.verify())
  })

  test('aoxide reads and verifies a bundle of arbundles, and writes the same bytes', async () => {
    const made = ['a', 'bb', ''].map((data) => arbundles.createData(data, theirSigner))
    const theirs = await arbundles.bundleAndSignData(made, theirSigner)
    const read = await Bundle.parse(new Uint8Array(theirs.getRaw()))
    assert.deepEqual(read.ids, theirs.getIds())
    assert.deepEqual(await Promise.all((await collect(read)).map(decode)), ['a', 'bb', ''])
    assert.deepEqual(await read.verify(), { valid: true, failures: [] })
    const ours = await Bundle.create(await collect(read))
    assert.ok(theirs.getRaw().equals(await ours.bytes()))
  })

  test('10,000 items: each library reads the bundle of the other', async () => {
    const [first, second] = items
    const many = await Bundle.create(Array.from({ length: 10_000 }, (_, index) => (index % 2 ? second : first)))
    const bytes = Buffer.from(await many.bytes())
    const theirs = arbundles.unbundleData(bytes)
    assert.equal(theirs.length, 10_000)
    assert.deepEqual(theirs.getIds(), many.ids)
    const again = await Bundle.parse(bytes)
    assert.equal(again.length, 10_000)
    assert.deepEqual(again.ids, theirs.getIds())
    assert.equal((await again.at(-1)).id, second.id)
    assert.equal(await decode(await again.get(second.id)), 'two')
    assert.equal(await again.at(10_000), undefined)
    assert.equal(await again.get('A'.repeat(43)), undefined)
  })

  test('items are found by their ids, the first of several, however many are asked for', async () => {
    const many = await Promise.all(Array.from({ length: 12 }, (_, index) => text(`item ${index}`)))
    const read = await Bundle.parse(await (await Bundle.create([...many, ...many])).bytes())
    const unknown = randomFillSync(Buffer.alloc(32)).toString('base64url')
    for (const [index, { id }] of [...many, ...many].entries()) {
      assert.equal(await decode(await read.get(id)), `item ${index % many.length}`)
      for (const other of [unknown, `${id}A`, id.slice(0, -1), id.slice(0, 2), '', '____' + id.slice(4)])
        assert.equal(await read.get(other), undefined, other)
    }
  })

  test('an item is found by its id, where arbundles gives bytes of another place', async () => {
    const theirs = arbundles.unbundleData(Buffer.from(raw))
    assert.notEqual(theirs.get(items[0].id).rawData.toString(), 'one')
    assert.equal(await decode(await (await Bundle.parse(raw)).get(items[0].id)), 'one')
  })

  test('an empty bundle is read by both', async () => {
    const empty = await (await Bundle.create([])).bytes()
    assert.equal((await Bundle.parse(empty)).length, 0)
    assert.deepEqual(arbundles.unbundleData(Buffer.from(empty)).items, [])
  })

  test('a bundle in a bundle: the carrier verifies in arbundles, and its items are read through both levels', async () => {
    const inner = await bundle.sign(quickSigner, { tags: [{ name: 'App-Name', value: 'Notes' }] })
    assert.deepEqual(inner.tags, [
      { name: 'Bundle-Format', value: 'binary' },
      { name: 'Bundle-Version', value: '2.0.0' },
      { name: 'App-Name', value: 'Notes' }
    ])
    const outer = await Bundle.create([items[0], inner])
    const carrier = await outer.sign(signer)
    assert.ok(await arbundles.DataItem.verify(Buffer.from(await carrier.raw())))

    const source = await StoredItem.parse(await carrier.raw())
    assert.ok(source.isBundle && !(await outer.at(0)).isBundle)
    const nested = await (await Bundle.parse(source)).get(inner.id)
    assert.ok(nested.isBundle)
    assert.deepEqual(await Promise.all((await collect(await Bundle.parse(nested))).map(decode)), [
      'one',
      'two',
      'three'
    ])
    const theirs = arbundles.unbundleData(Buffer.from(await carrier.data())).get(1)
    assert.deepEqual(arbundles.unbundleData(theirs.rawData).getIds(), bundle.ids)
    const item = await DataItem.parse(await carrier.raw())
    assert.equal((await Bundle.parse(item)).length, 2)
  })
})

describe('forged bundles that arbundles accepts', () => {
  test('a header that gives an item the id of another', async () => {
    const forged = Buffer.from(raw)
    // The first two ids change places.
    forged.set(raw.subarray(entry(1) + 32, entry(2)), entry(0) + 32)
    forged.set(raw.subarray(entry(0) + 32, entry(1)), entry(1) + 32)
    const theirs = arbundles.unbundleData(Buffer.from(forged))
    assert.ok(await theirs.verify(), 'arbundles accepts it')
    assert.equal(theirs.getIds()[0], items[1].id, 'which says that the first item is the second')
    assert.equal(theirs.get(0).rawData.toString(), 'one')

    const read = await Bundle.parse(forged)
    const { details } = await refusal(read.get(items[0].id), 'BAD_ITEM')
    assert.equal(details.rule, 'ITEM_ID')
    await refusal(collect(read), 'BAD_ITEM')
    const { valid, failures } = await read.verify({ strict: false })
    assert.equal(valid, false)
    assert.deepEqual(
      failures.map(({ index, problems }) => [index, problems[0].code]),
      [
        [0, 'ITEM_ID'],
        [1, 'ITEM_ID']
      ]
    )
  })

  test('bytes behind the last item', async () => {
    const forged = Buffer.concat([raw, Buffer.from('hidden')])
    assert.ok(await arbundles.unbundleData(forged).verify(), 'arbundles accepts it')
    const { details } = await refusal(Bundle.parse(forged), 'BAD_ITEM')
    assert.equal(details.rule, 'SIZE_SUM')
  })

  test('a last item that is longer than the bundle', async () => {
    const forged = Buffer.from(raw)
    forged[entry(2) + 4] = 1
    assert.ok(await arbundles.unbundleData(forged).verify(), 'arbundles accepts it')
    const { details } = await refusal(Bundle.parse(forged), 'BAD_ITEM')
    assert.equal(details.rule, 'ITEM_SIZE')
  })

  test('a last item that the header cuts short in its data is refused', async () => {
    const forged = Buffer.from(raw)
    forged[entry(2)] -= 1
    const { details } = await refusal(Bundle.parse(forged), 'BAD_ITEM')
    assert.equal(details.rule, 'SIZE_SUM')
  })

  test('more items than there are bytes', async () => {
    const forged = Buffer.alloc(32)
    forged.writeUInt32LE(0xffffffff, 0)
    const { details } = await refusal(Bundle.parse(forged), 'BAD_ITEM')
    assert.equal(details.rule, 'ITEM_COUNT')
  })

  test('an item whose data was changed fails verification, and the others do not', async () => {
    const forged = Buffer.from(raw)
    forged[forged.length - 1] ^= 1
    const { failures } = await (await Bundle.parse(forged)).verify()
    assert.deepEqual(
      failures.map(({ index, id, problems }) => [index, id, problems[0].code]),
      [[2, items[2].id, 'SIGNATURE']]
    )
  })
})

describe('large bundles', () => {
  test('of 1 GB in a file, only the header and the item that is asked for are read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'aoxide-'))
    const path = join(folder, 'bundle')
    try {
      // A file with a hole, whose one large item was never signed.
      const huge = { id: 'B'.repeat(42) + 'A', size: 1_000_000_000 }
      const small = items[0]
      const header = Buffer.alloc(entry(2))
      header[0] = 2
      header.writeBigUInt64LE(BigInt(huge.size), entry(0))
      header.set(Buffer.from(huge.id, 'base64url'), entry(0) + 32)
      header.writeBigUInt64LE(BigInt(small.raw.length), entry(1))
      header.set(Buffer.from(small.id, 'base64url'), entry(1) + 32)
      const file = await open(path, 'w+')
      try {
        await file.write(header, 0, header.length, 0)
        await file.write(small.raw, 0, small.raw.length, header.length + huge.size)
        const size = header.length + huge.size + small.raw.length
        const source = counted(size, async (start, end) => {
          const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
          return buffer
        })
        const read = await Bundle.parse(source)
        const item = await read.get(small.id)
        assert.equal(await decode(item), 'one')
        assert.ok(source.bytes < 2 * small.raw.length + 32 + header.length, `${source.bytes} bytes were read`)
        assert.equal((await item.verify()).valid, true)
      } finally {
        await file.close()
      }
      const before = process.memoryUsage().rss
      const blob = await openAsBlob(path)
      const read = await Bundle.parse(blob)
      assert.equal(await decode(await read.at(1)), 'one')
      const grown = process.memoryUsage().rss - before
      assert.ok(grown < 64 * 1024 * 1024, `${grown} bytes more`)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('an item of a Blob becomes part of a bundle without being read', async () => {
    const data = new Blob([randomFillSync(new Uint8Array(3 * 1024 * 1024))])
    const item = await StoredItem.sign({ data }, quickSigner)
    const mixed = await Bundle.create([items[0], item])
    const blob = mixed.blob()
    assert.equal(blob.size, mixed.size)
    assert.ok(await arbundles.unbundleData(Buffer.from(await blob.arrayBuffer())).verify())
    assert.deepEqual(Buffer.concat(await collect(mixed.stream())), Buffer.from(await blob.arrayBuffer()))
    assert.deepEqual(await (await Bundle.parse(blob)).verify(), { valid: true, failures: [] })
  })

  test('verify reports progress and ends when it is aborted', async () => {
    const seen = []
    await bundle.verify({ onProgress: ({ done, total }) => seen.push(done / total) })
    assert.equal(seen.length, 3)
    assert.equal(seen.at(-1), 1)
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = () => controller.abort(reason)
    await assert.rejects(bundle.verify({ onProgress, signal: controller.signal }), reason)
  })
})
