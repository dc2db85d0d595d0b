// Items whose data is a Blob, a file or a stream: signed, read and verified a chunk at a time.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { arbundles, verifies } from './support/peers.mjs'

const { DataItem, StoredItem, readStream, signStream } = await subpath('ans104')
const signer = aoxide.createSigner(jwk)
const MEBI = 1024 * 1024
setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const tags = [{ name: 'Type', value: 'Film' }]

/** The error of this package with which a promise rejects. */
async function refusal(promise, code) {
  const error = await promise.then(
    () => assert.fail('did not reject'),
    (error) => error
  )
  assertAoError(error, code)
  return error
}

/** Chunks of 64 KiB, none of which is kept. */
function generated(size, { onChunk } = {}) {
  let at = 0
  return new ReadableStream(
    {
      pull(controller) {
        onChunk?.(at)
        const length = Math.min(size - at, 64 * 1024)
        if (length > 0) controller.enqueue(new Uint8Array(length).fill(at >> 16))
        at += length
        if (at === size) controller.close()
      }
    },
    { highWaterMark: 0 }
  )
}

async function collect(iterable) {
  const all = []
  for await (const each of iterable) all.push(each)
  return all
}

const whole = async (stream) => Buffer.concat(await collect(stream))

describe('items of a Blob', () => {
  const data = new Blob([new Uint8Array(5 * MEBI + 17).fill(3)])

  test('the item is that of DataItem, which arbundles verifies', async () => {
    const item = await StoredItem.sign({ data, tags, target: 'A'.repeat(43), anchor: 'a'.repeat(32) }, signer)
    const raw = Buffer.from(await item.blob().arrayBuffer())
    assert.ok(await verifies(raw))
    const parsed = await DataItem.parse(raw)
    assert.deepEqual([parsed.id, parsed.tags, parsed.target], [item.id, tags, 'A'.repeat(43)])
    assert.equal(item.dataSize, data.size)
    assert.equal(item.size, raw.length)
    assert.deepEqual(await whole(item.stream()), raw)
    assert.deepEqual(await whole(item.dataStream()), Buffer.from(await data.arrayBuffer()))
    assert.deepEqual(await item.verify(), { valid: true, problems: [] })
  })

  test('an item of arbundles in a Blob is read and verified', async () => {
    const theirSigner = new arbundles.ArweaveSigner(jwk)
    const peer = arbundles.createData('hello', theirSigner, { tags })
    await peer.sign(theirSigner)
    const item = await StoredItem.parse(new Blob([peer.getRaw()]))
    assert.equal(item.id, peer.id)
    assert.equal((await item.verify()).valid, true)
    const forged = Buffer.from(peer.getRaw())
    forged[forged.length - 1] ^= 1
    const { valid, problems } = await (await StoredItem.parse(forged)).verify({ strict: false })
    assert.deepEqual([valid, problems[0].code], [false, 'SIGNATURE'])
  })

  test('progress ends at the size of the data', async () => {
    const seen = []
    await StoredItem.sign({ data }, signer, { onProgress: (progress) => seen.push(progress) })
    assert.equal(seen.length, 6)
    assert.deepEqual(seen.at(-1), { done: data.size, total: data.size })
  })

  test('an abort between two chunks rejects with its reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = () => controller.abort(reason)
    await assert.rejects(StoredItem.sign({ data }, signer, { onProgress, signal: controller.signal }), reason)
  })

  test('wrong fields are refused before the data is read', async () => {
    const unread = { size: 1, read: () => assert.fail('was read') }
    await refusal(StoredItem.sign({ data: unread, anchor: 'short' }, signer), 'BAD_ANCHOR')
    await refusal(StoredItem.sign({ data: unread, target: 'short' }, signer), 'BAD_ID')
    await refusal(StoredItem.sign({ data: 7 }, signer), 'BAD_ARGUMENT')
  })

  test('a wallet that takes only whole items is refused', async () => {
    const wallet = async (create) => ({ raw: await create({ passthrough: true }) })
    await refusal(StoredItem.sign({ data }, wallet), 'UNSUPPORTED')
  })

  test('a signature of something else is refused', async () => {
    const liar = async (create) => {
      await create({ type: 1, publicKey: Buffer.from(jwk.n, 'base64url') })
      return { signature: new Uint8Array(512) }
    }
    await refusal(StoredItem.sign({ data }, liar), 'BAD_SIGNATURE')
  })

  test('without the hashes of Node.js, as in a browser, the signature is as valid', async () => {
    const { getBuiltinModule } = process
    process.getBuiltinModule = undefined
    try {
      const item = await StoredItem.sign({ data }, signer)
      assert.ok(await verifies(await item.raw()))
      assert.equal((await item.verify()).valid, true)
    } finally {
      process.getBuiltinModule = getBuiltinModule
    }
  })

  test('a file that ends too early is refused', async () => {
    const short = { size: 100, read: () => new Uint8Array(5) }
    await refusal(StoredItem.sign({ data: short }, signer), 'BAD_ARGUMENT')
  })
})

describe('items of a stream', () => {
  test('the head and the data given again make an item that arbundles verifies', async () => {
    const size = 3 * MEBI + 5
    const signed = await signStream(generated(size), { tags }, signer)
    assert.equal(signed.dataSize, size)
    const raw = await whole(signed.withData(generated(size)))
    assert.ok(await verifies(raw))
    assert.equal((await DataItem.parse(raw)).id, signed.id)
  })

  test('other data than was signed ends the stream with an error', async () => {
    const signed = await signStream(generated(MEBI), {}, signer)
    for (const other of [generated(MEBI + 1), generated(MEBI - 1)])
      await refusal(whole(signed.withData(other)), 'BAD_ARGUMENT')
  })

  test('an item is read from a stream of any chunks, and verified at its end', async () => {
    const { raw } = await DataItem.create({ data: 'hello '.repeat(1000), tags }).sign(signer)
    for (const size of [1, 7, 1000, 1044, raw.length]) {
      const chunks = Array.from({ length: Math.ceil(raw.length / size) }, (_, index) =>
        raw.subarray(index * size, (index + 1) * size)
      )
      const item = await readStream(ReadableStream.from(chunks))
      assert.deepEqual(item.tags, tags)
      assert.equal((await whole(item.data)).toString(), 'hello '.repeat(1000))
      assert.deepEqual(await item.verification, { valid: true, problems: [] })
    }
  })

  test('changed data is not valid, and data that is not read to its end rejects the verification', async () => {
    const { raw } = await DataItem.create({ data: 'hello' }).sign(signer)
    const forged = Uint8Array.from(raw).fill(0, raw.length - 1)
    const changed = await readStream(ReadableStream.from([forged]))
    await whole(changed.data)
    assert.equal((await changed.verification).valid, false)
    const { data, verification } = await readStream(ReadableStream.from([raw.subarray(0, -2), raw.subarray(-2)]))
    const reader = data.getReader()
    await reader.read()
    await reader.cancel()
    await refusal(verification, 'BAD_ITEM')
    await refusal(readStream(ReadableStream.from([raw.subarray(0, 100)])), 'BAD_ITEM')
  })

  test('an abort cancels the source and rejects with its reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    let cancelled
    const endless = new ReadableStream({
      pull: (stream) => stream.enqueue(new Uint8Array(1000)),
      cancel: (why) => void (cancelled = why)
    })
    const onProgress = ({ done }) => done > 10_000 && controller.abort(reason)
    await assert.rejects(signStream(endless, {}, signer, { signal: controller.signal, onProgress }), reason)
    assert.equal(cancelled, reason)
    assert.equal(endless.locked, false)
  })

  test('128 MiB are signed, sent and verified within 8 MiB over the chunks', async () => {
    const size = 128 * MEBI
    let most = 0
    const measured = () => {
      const { arrayBuffers } = process.memoryUsage()
      most = Math.max(most, arrayBuffers)
    }
    const onChunk = (at) => {
      if (at % MEBI !== 0) return
      gc()
      measured()
    }
    gc()
    const { arrayBuffers: start } = process.memoryUsage()
    const signed = await signStream(generated(size, { onChunk }), { tags }, signer)
    const item = await readStream(signed.withData(generated(size, { onChunk })))
    const hash = createHash('sha256')
    for await (const chunk of item.data) hash.update(chunk)
    assert.deepEqual(await item.verification, { valid: true, problems: [] })
    assert.ok(most - start < 8 * MEBI, `${((most - start) / MEBI).toFixed(1)} MiB`)
  })
})
