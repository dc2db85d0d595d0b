// Buffers that are transferred, shrink or grow, before a call or during it: the call rejects with BAD_ARGUMENT, and
// other calls go on. Such a buffer once crashed the module, and with it every other call.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { pss } from './support/crafted-items.mjs'
import { jwk, owner } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { decode, verifies } from './support/peers.mjs'
import { json, moduleTags, transactions } from './support/replies.mjs'

const { DataItem, deepHash } = await subpath('ans104')
const { decodeReply, encodeRequest } = await subpath('httpsig')
const { loadModule } = await subpath('compute')

const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const url = 'https://node.test'
const signer = aoxide.createSigner(jwk)
const transfer = (buffer) => structuredClone(buffer, { transfer: [buffer] })

/** Views and buffers whose bytes cannot be read. */
const gone = {
  'a view of a buffer that was transferred'() {
    const bytes = new Uint8Array([1, 2, 3])
    transfer(bytes.buffer)
    return bytes
  },
  'an empty view of a buffer that was transferred'() {
    const bytes = new Uint8Array([1, 2, 3]).subarray(3)
    transfer(bytes.buffer)
    return bytes
  },
  'a buffer that was transferred'() {
    const { buffer } = new Uint8Array([1, 2, 3])
    transfer(buffer)
    return buffer
  },
  'a view of a buffer that has shrunk'() {
    const buffer = new ArrayBuffer(16, { maxByteLength: 16 })
    const bytes = new Uint8Array(buffer, 0, 16)
    buffer.resize(8)
    return bytes
  },
  'a length-tracking view that begins after the end of its buffer'() {
    const buffer = new ArrayBuffer(16, { maxByteLength: 16 })
    const bytes = new Uint8Array(buffer, 12)
    buffer.resize(8)
    return bytes
  },
  'a view of memory that has grown'() {
    const memory = new WebAssembly.Memory({ initial: 1 })
    const bytes = new Uint8Array(memory.buffer, 0, 3)
    memory.grow(1)
    return bytes
  },
  "a Buffer of Node's that was transferred"() {
    const bytes = Buffer.from(new Uint8Array([1, 2, 3]).buffer)
    transfer(bytes.buffer)
    return bytes
  },
  'an object with the prototype of Uint8Array': () => Object.create(Uint8Array.prototype)
}

/** Every place where bytes are read. */
const readers = {
  'data of a message': (ao, bytes) => ao.message({ process, signer, data: bytes }),
  'data of a message that a wallet signs': (ao, bytes) =>
    ao.message({ process, signer: (create) => create({ passthrough: true }), data: bytes }),
  'data of a process': (ao, bytes) => ao.spawn({ module: process, scheduler: process, signer, data: bytes }),
  'data of a dryrun': (ao, bytes) => ao.dryrun({ process, data: bytes }),
  'a signed item': (ao, raw) => ao.sendSignedMessage({ id: process, raw }),
  'data in mainnet mode': (_, data) => mainnet().message({ process, data }),
  'a field of a request': (_, field) => mainnet().request({ path: '/x', field }),
  'a field of a request that is an item': (_, field) =>
    mainnet().request({ path: '/x', field, 'signing-format': 'ans104' }),
  'data of a dryrun in mainnet mode': (_, data) => mainnet().dryrun({ process, data }),
  'data of an item': (_, data) => DataItem.create({ data }).sign(signer),
  'an anchor': (_, anchor) => DataItem.create({ data: 'd', anchor }).sign(signer),
  'an item': (_, raw) => DataItem.parse(raw),
  'a chunk of a deep hash': (_, chunk) => deepHash([chunk]),
  'a public key': (ao, publicKey) => ao.message({ process, signer: (create) => create({ publicKey }) }),
  'a signature': (ao, signature) =>
    ao.message({ process, signer: (create) => create({ publicKey: owner }).then(() => ({ signature })) }),
  'an item of a wallet': (ao, raw) =>
    ao.message({ process, signer: (create) => create({ passthrough: true }).then(() => ({ raw })) }),
  'a signature of an HTTP message': (_, signature) =>
    encodeRequest({
      url,
      fields: { a: '1' },
      signer: (create) => create({ publicKey: owner }).then(() => ({ signature }))
    }),
  'a field of an HTTP message': (_, field) => encodeRequest({ url, fields: { deep: [{ field }] } }),
  'data of an HTTP message': (_, data) => encodeRequest({ url, data }),
  'a reply': (_, bytes) => decodeReply({}, bytes),
  'the body of a custom response': (_, bytes) => decodeReply({ headers: {}, arrayBuffer: async () => bytes }),
  'a module': (_, bytes) => loadModule(bytes)
}

const network = (answers = () => json({ id: 'x' })) => {
  const sent = []
  const fetch = async (address, init) => {
    sent.push(init.body)
    return answers(address, init)
  }
  return { sent, fetch }
}
const mainnet = (fetch = network().fetch) => aoxide.connect({ MODE: 'mainnet', URL: url, signer, fetch })

describe('readable bytes are accepted', () => {
  for (const [place, read] of Object.entries(readers)) {
    test(`as ${place}`, async () => {
      const { fetch } = network(() => json(transactions(moduleTags)))
      const call = read(aoxide.connect({ fetch }), new Uint8Array([1, 2, 3]))
      await call.catch((error) => assert.notEqual(error.code, 'BAD_ARGUMENT', error.message))
    })
  }
})

for (const [what, make] of Object.entries(gone)) {
  describe(what, () => {
    for (const [place, read] of Object.entries(readers)) {
      test(`as ${place}`, async () => {
        const { sent, fetch } = network()
        let release
        const other = aoxide.connect({ fetch: () => new Promise((resolve) => (release = resolve)) })
        const beside = other.result({ process, message: process })
        while (!release) await new Promise((resolve) => setTimeout(resolve, 1))
        await assert.rejects(
          async () => read(aoxide.connect({ fetch }), make()),
          (error) => assertAoError(error, 'BAD_ARGUMENT') ?? true
        )
        assert.equal(sent.length, 0)
        release(json({ Output: 'well' }))
        assert.deepEqual(await beside, { Output: 'well' })
      })
    }
  })
}

test('an object that imitates a view is refused', async () => {
  const liar = { [Symbol.toStringTag]: 'Uint8Array', buffer: new ArrayBuffer(1), byteOffset: 5, byteLength: 5 }
  const { sent, fetch } = network()
  const call = aoxide.connect({ fetch }).message({ process, signer, data: liar })
  await assert.rejects(call, (error) => assertAoError(error, 'BAD_ARGUMENT') ?? true)
  assert.equal(sent.length, 0)
})

for (const [what, make] of Object.entries(gone)) {
  test(`${what} in the response of a custom fetch is refused`, async () => {
    const reader = { read: async () => ({ value: make(), done: false }), cancel: async () => {} }
    const fetch = async () => ({ status: 200, headers: new Headers(), body: { getReader: () => reader } })
    const call = aoxide.connect({ fetch }).result({ process, message: process })
    await assert.rejects(call, (error) => assertAoError(error, 'HTTP_NETWORK') ?? true)
  })
}

describe('a buffer that is transferred or resized during the call', () => {
  const ends = {
    transferred: (bytes) => transfer(bytes.buffer),
    shrunk: (bytes) => bytes.buffer.resize(1)
  }
  const bytesOf = () => {
    const bytes = new Uint8Array(new ArrayBuffer(20_000, { maxByteLength: 20_000 }))
    return bytes.fill(7)
  }
  for (const [how, end] of Object.entries(ends)) {
    test(`${how} before the signer reads it: the call rejects`, async () => {
      const { sent, fetch } = network()
      for (const fields of [{ publicKey: owner }, { passthrough: true }]) {
        const data = bytesOf()
        const late = (create) => {
          end(data)
          return create(fields)
        }
        const call = aoxide.connect({ fetch }).message({ process, signer: late, data })
        await assert.rejects(call, (error) => assertAoError(error, 'BAD_ARGUMENT') ?? true)
      }
      assert.equal(sent.length, 0)
    })

    test(`${how} after it was read: the call succeeds`, async () => {
      const data = bytesOf()
      const late = async (create) => {
        const message = await create({ publicKey: owner })
        end(data)
        return { signature: pss(Buffer.from(message)) }
      }
      const { sent, fetch } = network()
      await aoxide.connect({ fetch }).message({ process, signer: late, data })
      assert.ok(await verifies(sent[0]))
      assert.equal(decode(sent[0]).data, '07'.repeat(20_000))
    })

    test(`${how} while a signed item is retried`, async () => {
      const signed = await aoxide.connect().signMessage({ process, signer, data: 'd' })
      const raw = new Uint8Array(new ArrayBuffer(signed.raw.length, { maxByteLength: signed.raw.length }))
      raw.set(signed.raw)
      const { sent, fetch } = network(() => {
        if (sent.length > 1) return json({})
        end(raw)
        return json({}, 503)
      })
      const ao = aoxide.connect({ fetch, retry: { attempts: 2, backoff: 1 } })
      assert.equal(await ao.sendSignedMessage({ id: signed.id, raw }), signed.id)
      assert.deepEqual(sent, [signed.raw, signed.raw])
    })

    test(`${how} before an item is verified: verification rejects`, async () => {
      const { raw } = await DataItem.create({ data: 'd'.repeat(20_000) }).sign(signer)
      const bytes = new Uint8Array(new ArrayBuffer(raw.length, { maxByteLength: raw.length }))
      bytes.set(raw)
      const item = await DataItem.parse(bytes)
      end(bytes)
      await assert.rejects(item.verify(), (error) => assertAoError(error) ?? /^BAD_(ARGUMENT|ITEM)$/.test(error.code))
    })
  }

  test('when a wallet transfers the data, the caller still has it', async () => {
    const data = new Uint8Array([1, 2, 3])
    const refusing = async (create) => {
      transfer((await create({ passthrough: true })).data.buffer)
      throw new Error('no')
    }
    await assert.rejects(aoxide.connect().message({ process, signer: refusing, data }), { code: 'SIGNER' })
    assert.deepEqual(data, new Uint8Array([1, 2, 3]))
  })
})

describe('shared and resizable buffers', () => {
  const cases = {
    'a shared buffer': () => new Uint8Array(new SharedArrayBuffer(3)),
    'a shared buffer that has grown'() {
      const buffer = new SharedArrayBuffer(3, { maxByteLength: 64 })
      const bytes = new Uint8Array(buffer, 0, 3)
      buffer.grow(64)
      return bytes
    },
    'memory of a module': () => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 8, 3),
    'a length-tracking view of a buffer that has shrunk'() {
      const buffer = new ArrayBuffer(16, { maxByteLength: 16 })
      const bytes = new Uint8Array(buffer, 1)
      buffer.resize(4)
      return bytes
    }
  }
  for (const [what, make] of Object.entries(cases)) {
    test(what, async () => {
      const { sent, fetch } = network()
      await aoxide.connect({ fetch }).message({ process, signer, data: make() })
      assert.ok(await verifies(sent[0]))
      assert.equal(decode(sent[0]).data, '000000')
      assert.deepEqual(await deepHash(make()), await deepHash(new Uint8Array(3)))
    })
  }

  test('a signed item in a SharedArrayBuffer is accepted', async () => {
    const signed = await aoxide.connect().signMessage({ process, signer, data: 'd' })
    const raw = new Uint8Array(new SharedArrayBuffer(signed.raw.length))
    raw.set(signed.raw)
    const { sent, fetch } = network()
    assert.equal(await aoxide.connect({ fetch }).sendSignedMessage({ id: signed.id, raw }), signed.id)
    assert.deepEqual(sent, [signed.raw])
  })
})
