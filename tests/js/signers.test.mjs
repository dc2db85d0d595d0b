// Wallets and other signers: wallets that are injected late, items that differ from the request, errors that signers throw.
import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { assertAoError, ids } from './support/compare.mjs'
import { pss } from './support/crafted-items.mjs'
import { address, jwk, owner } from './support/key.mjs'
import { process } from './support/node.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { arbundles, decode, idOf, verifies } from './support/peers.mjs'
import { recorder } from './support/record.mjs'
import { network, node } from './support/replies.mjs'

const { DataItem } = await subpath('ans104')
const { encodeRequest } = await subpath('httpsig')

/** A browser wallet that changes the requested item with `change`, then signs it. */
const walletOf = (change = (fields) => fields) => ({
  async connect() {},
  async signDataItem(fields) {
    const { data, ...options } = change(fields)
    const key = new arbundles.ArweaveSigner(jwk)
    const item = arbundles.createData(data, key, options)
    await item.sign(key)
    return new Uint8Array(item.getRaw())
  }
})

/** The same wallet as a signer function of aoconnect's contract. */
const functionOf = (change) => async (create) => ({
  raw: await walletOf(change).signDataItem(await create({ passthrough: true }))
})

/** The same wallet as a signer of the older form, which does not call `create`. `idFor` changes the id that it returns. */
const olderOf = (change, idFor = idOf) => {
  return async ({ data, tags, target, anchor }) => {
    const raw = await walletOf(change).signDataItem({ data, tags, target, anchor })
    return { id: idFor(raw), raw }
  }
}

const legacy = () => {
  const { fetch, requests } = recorder(network())
  const MU_URL = 'https://mu.test'
  return {
    requests,
    ao: aoxide.connect({ MU_URL, CU_URL: 'https://cu.test', GATEWAY_URL: 'https://gateway.test', fetch })
  }
}
const mainnet = (signer) => {
  const { fetch, requests } = recorder(node())
  return {
    requests,
    ao: aoxide.connect({ MODE: 'mainnet', URL: 'https://node.test', signer, dialect: 'current', fetch })
  }
}

describe('a wallet that is injected late', () => {
  afterEach(() => delete globalThis.arweaveWallet)

  for (const nothing of [undefined, null]) {
    for (const make of [aoxide.createSigner, aoxide.createDataItemSigner]) {
      test(`${make.name}: ${nothing} works when the wallet is injected before the first signature`, async () => {
        const signer = make(nothing)
        const { ao, requests } = legacy()
        await assert.rejects(ao.message({ process, signer }), (error) => {
          assertAoError(error, 'SIGNER')
          assert.match(error.message, /arweaveWallet/)
          return true
        })
        assert.equal(requests.length, 0)
        globalThis.arweaveWallet = walletOf()
        await ao.message({ process, signer, data: 'd' })
        assert.ok(await verifies(requests[0].body))
      })
    }
  }

  test('methods that are added to the wallet later are used', async () => {
    const wallet = {}
    const signer = aoxide.createSigner(wallet)
    const { ao, requests } = legacy()
    await assert.rejects(ao.message({ process, signer }), { name: 'AoError', code: 'SIGNER' })
    Object.assign(wallet, walletOf())
    await ao.message({ process, signer, data: 'd' })
    assert.equal(requests.length, 1)
    // The methods are looked up for each signature.
    delete wallet.signDataItem
    await assert.rejects(ao.message({ process, signer }), { name: 'AoError', code: 'SIGNER' })
    // A wallet that was given is not replaced with the wallet of the page.
    globalThis.arweaveWallet = walletOf()
    await assert.rejects(ao.message({ process, signer }), { name: 'AoError', code: 'SIGNER' })
    assert.equal(requests.length, 1)
  })

  test('works in mainnet mode and for HTTP messages', async () => {
    const signer = aoxide.createSigner(undefined)
    const { ao, requests } = mainnet(signer)
    for (const call of [
      () => ao.message({ process }),
      () => ao.request({ path: '/x' }),
      () => encodeRequest({ url: 'https://node.test', fields: { a: '1' }, signer }),
      () => DataItem.create({ data: 'd' }).sign(signer)
    ])
      await assert.rejects(call, { name: 'AoError', code: 'SIGNER', message: /wallet/ })
    assert.equal(requests.length, 0)
    globalThis.arweaveWallet = {
      ...walletOf(),
      getActivePublicKey: async () => jwk.n,
      getActiveAddress: async () => address,
      signMessage: async () => assert.fail('only the wallet’s refusal counts here')
    }
    assert.equal(await ao.message({ process }), 7)
    await assert.rejects(ao.request({ path: '/x' }), (error) => /only the wallet’s refusal/.test(error.message))
  })

  test('a value that cannot become a signer is refused at once', () => {
    for (const wrong of ['{"kty":"RSA"}', 5, true, { kty: 'RSA' }, { n: jwk.n }, { kty: '', n: jwk.n }])
      assert.throws(
        () => aoxide.createSigner(wrong),
        (error) => assertAoError(error, 'BAD_ARGUMENT') ?? true
      )
  })
})

const retag = (name, change) => (fields) => ({
  ...fields,
  tags: fields.tags.flatMap((tag) => (tag.name === name ? change(tag) : [tag]))
})
const others = {
  'another target': (fields) => ({ ...fields, target: address }),
  'no target': ({ target, ...fields }) => fields,
  'another anchor': (fields) => ({ ...fields, anchor: 'b'.repeat(32) }),
  'no anchor': ({ anchor, ...fields }) => fields,
  'other data': (fields) => ({ ...fields, data: 'other' }),
  'data with more behind it': (fields) => ({ ...fields, data: `${fields.data} ` }),
  'no data': (fields) => ({ ...fields, data: '' }),
  'another Type': retag('Type', (tag) => [{ ...tag, value: 'Process' }]),
  'no Variant': retag('Variant', () => []),
  'two Data-Protocols': retag('Data-Protocol', (tag) => [tag, tag]),
  'a Scheduler': (fields) => ({ ...fields, tags: [...fields.tags, { name: 'Scheduler', value: ids.scheduler }] })
}
const allowed = {
  'a rounded amount': [retag('Quantity', (tag) => [{ ...tag, value: '7' }]), /Quantity/],
  'a name of its own': [
    (fields) => ({ ...fields, tags: [...fields.tags, { name: 'App-Name', value: 'Wallet' }] }),
    /App-Name/
  ],
  'a tag left out': [retag('Note', () => []), /Note/],
  'tags in another order': [
    ({ tags: [first, second, ...more], ...fields }) => ({ ...fields, tags: [second, first, ...more] }),
    /order/
  ]
}

const message = {
  process,
  data: 'data',
  anchor: 'a'.repeat(32),
  tags: [
    { name: 'Quantity', value: '7.5' },
    { name: 'Note', value: 'x' }
  ]
}
const forms = {
  'a wallet': (change) => aoxide.createSigner(walletOf(change)),
  'a function': functionOf,
  'a function of the older form': olderOf
}

for (const [form, make] of Object.entries(forms)) {
  describe(`${form} that creates an item with`, () => {
    for (const [what, change] of Object.entries(others)) {
      test(`${what} is refused, and nothing is sent`, async () => {
        const refused = (error) => {
          assertAoError(error, 'SIGNER')
          assert.match(error.message, /another .* than requested\. Nothing was sent/)
          return true
        }
        const { ao, requests } = legacy()
        await assert.rejects(ao.message({ ...message, signer: make(change) }), refused)
        const other = mainnet(make(change))
        await assert.rejects(other.ao.message(message), refused)
        assert.equal(requests.length + other.requests.length, 0)
      })
    }

    for (const [what, [change, named]] of Object.entries(allowed)) {
      test(`${what} is sent, and \`problems\` lists it`, async () => {
        for (const { ao, requests } of [legacy(), mainnet()]) {
          const told = []
          const onSigned = (...signed) => told.push(signed)
          await ao.message({ ...message, signer: make(change), onSigned, timeout: 60_000 })
          assert.ok(await verifies(requests[0].body))
          const [[id, { problems }]] = told
          assert.match(id, /^[\w-]{43}$/)
          assert.deepEqual([told.length, problems.map(({ code }) => code)], [1, ['TAGS_REWRITTEN']])
          assert.match(problems[0].message, named)
        }
      })
    }

    test('an item with another target is refused', async () => {
      const fields = { data: 'd', target: process }
      await assert.rejects(DataItem.create(fields).sign(make(others['another target'])), { code: 'SIGNER' })
      const told = []
      const change = allowed['a name of its own'][0]
      const item = await DataItem.create(fields).sign(make(change), { onSigned: (...signed) => told.push(signed) })
      assert.deepEqual(item.tags, [{ name: 'App-Name', value: 'Wallet' }])
      assert.deepEqual(
        told.map(([id, { problems }]) => [id, problems.length]),
        [[item.id, 1]]
      )
    })
  })
}

test('an item as requested has no problems, whatever its signature type is', async () => {
  const key = async (create) => ({ signature: pss(Buffer.from(await create({ publicKey: owner }))) })
  for (const signer of [aoxide.createSigner(jwk), aoxide.createSigner(walletOf()), functionOf(), olderOf(), key]) {
    const { ao, requests } = legacy()
    const told = []
    const id = await ao.message({ ...message, signer, onSigned: (...signed) => told.push(signed) })
    assert.deepEqual(told, [[id, { problems: [] }]])
    assert.equal(decode(requests[0].body).data, Buffer.from('data').toString('hex'))
  }
})

test('when the caller aborts in onSigned because of a problem, nothing is sent', async () => {
  const { ao, requests } = legacy()
  const controller = new AbortController()
  const onSigned = (id, { problems }) => problems.length && controller.abort(new Error(problems[0].message))
  const signer = functionOf(allowed['a rounded amount'][0])
  const call = ao.message({ ...message, signer, signal: controller.signal, onSigned })
  await assert.rejects(call, { message: /Quantity/ })
  assert.equal(requests.length, 0)
})

describe('a signer of the older form', () => {
  test('signs in every verb, with the fields that a passthrough signer gets', async () => {
    const seen = []
    const older = (fields) => {
      const { data, tags, target, anchor } = fields
      seen.push({ data, tags, target, anchor })
      return olderOf()(fields)
    }
    const passthrough = async (create) => {
      const fields = await create({ passthrough: true })
      seen.push({ ...fields, target: fields.target, anchor: fields.anchor })
      return { raw: await walletOf().signDataItem(fields) }
    }
    const timestamp = 1
    for (const signer of [older, passthrough]) {
      const { ao, requests } = legacy()
      const id = await ao.message({ ...message, signer })
      assert.equal(id, idOf(requests[0].body))
      const { raw } = await ao.signMessage({ ...message, data: new Uint8Array([1, 2]), signer })
      assert.equal(decode(raw).data, '0102')
      await ao.spawn({ module: ids.module, scheduler: ids.scheduler, signer, timestamp })
      await ao.monitor({ process, signer })
    }
    assert.equal(seen.length, 8)
    const plain = ({ data, ...fields }) => ({ ...fields, data: typeof data === 'string' ? data : [...data] })
    assert.deepEqual(seen.slice(0, 4).map(plain), seen.slice(4).map(plain))
    const { ao, requests } = mainnet(older)
    await ao.message({ process, data: 'data' })
    await ao.spawn({ module: ids.module, authority: ids.scheduler, scheduler: ids.scheduler })
    for (const { body } of requests) assert.ok(await verifies(body))
    const item = await DataItem.create({ data: 'data', target: process }).sign(older)
    assert.ok((await item.verify()).valid)
  })

  test('another id, another signature, or no item is refused, and nothing is sent', async () => {
    const refused = async (signer, code) => {
      const { ao, requests } = legacy()
      await assert.rejects(ao.message({ ...message, signer }), { code })
      assert.equal(requests.length, 0)
    }
    await refused(
      olderOf(undefined, () => 'x'.repeat(43)),
      'SIGNER'
    )
    await refused(async () => ({ id: 'x'.repeat(43) }), 'SIGNER')
    await refused(async () => ({ raw: new Uint8Array(3) }), 'BAD_ITEM')
    const damaged = async (fields) => {
      const { raw } = await olderOf()(fields)
      raw[10] ^= 1
      return { raw }
    }
    await refused(damaged, 'BAD_SIGNATURE')
  })

  test('bytes that change while it signs are refused', async () => {
    const data = new Uint8Array([1, 2, 3])
    const signer = async (fields) => {
      const answer = await olderOf()(fields)
      data[0] = 9
      return answer
    }
    const { ao, requests } = legacy()
    await assert.rejects(ao.message({ process, data, signer }), { code: 'SIGNER' })
    assert.equal(requests.length, 0)
  })

  test('cannot sign an HTTP message', async () => {
    const request = encodeRequest({ url: 'https://node.test', fields: { a: '1' }, signer: olderOf() })
    await assert.rejects(request, { code: 'SIGNER' })
  })
})

test('data of a Blob and binary data are compared too', async () => {
  const bytes = new Uint8Array(70_000).map((_, at) => at)
  for (const data of [bytes, new Blob([bytes]), bytes.buffer]) {
    const { ao, requests } = legacy()
    await ao.message({ process, data, signer: functionOf() })
    assert.equal(decode(requests[0].body).data, Buffer.from(bytes).toString('hex'))
    const other = ({ data, ...fields }) => ({ ...fields, data: data.slice(1) })
    await assert.rejects(ao.message({ process, data, signer: functionOf(other) }), { code: 'SIGNER' })
    assert.equal(requests.length, 1)
  }
})

describe('an error of a signer', () => {
  const codes = ['TIMEOUT', 'HTTP_STATUS', 'BAD_ID', 'CRASH', 'ECONNRESET']
  class Foreign extends Error {
    details = { id: 'x' }
    get name() {
      return 'AoError'
    }
    constructor(code) {
      super('of another copy')
      this.code = code
    }
  }
  const thrown = codes.flatMap((code) => [
    Object.assign(new Error('of a device'), { code }),
    { code, message: 'of no class' },
    new Foreign(code)
  ])
  thrown.push(new aoxide.AoError('TIMEOUT', 'of a call that the signer made'))
  for (const error of thrown) {
    test(`with the code ${error.code}, ${error.message}, is the cause of the AoError`, async () => {
      const { ao, requests } = legacy()
      const signer = () => Promise.reject(error)
      for (const call of [
        () => ao.message({ process, signer }),
        () => mainnet(signer).ao.message({ process }),
        () => DataItem.create({ data: 'd' }).sign(signer),
        () => encodeRequest({ url: 'https://node.test', fields: { a: '1' }, signer }),
        () => ao.message({ process, signer: aoxide.createSigner({ connect: signer, signDataItem: signer }) })
      ])
        await assert.rejects(call, (rejected) => {
          assertAoError(rejected, 'SIGNER')
          assert.equal(rejected.cause, error)
          return true
        })
      assert.equal(requests.length, 0)
    })
  }

  test('that create threw is passed on unchanged', async () => {
    const { ao } = legacy()
    const short = (create) => create({ publicKey: owner.subarray(1) })
    await assert.rejects(ao.message({ process, signer: short }), { code: 'BAD_KEY' })
    const foreign = (create) => create({ publicKey: owner, type: 8 })
    await assert.rejects(ao.message({ process, signer: foreign }), { code: 'UNSUPPORTED' })
    await assert.rejects(ao.message({ process, signer: aoxide.createSigner({ kty: 'RSA', n: jwk.n }) }), {
      code: 'BAD_KEY'
    })
  })
})
