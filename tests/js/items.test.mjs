// Data items: aoxide and arbundles read each other's items, and accept the same ones.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { block, craftItem, end, pss, records, sizedBlock, varint } from './support/crafted-items.mjs'
import { address, jwk, owner } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { arbundles, verifies } from './support/peers.mjs'
import { draft, random } from './support/random.mjs'

const { DataItem, deepHash } = await subpath('ans104')
const { createData } = arbundles
const theirSigner = new arbundles.ArweaveSigner(jwk)
const SIGNATURE = { from: 2, to: 2 + 512 }

/** The same item made by arbundles, unsigned. */
const theirs = ({ data, ...options }) =>
  createData(typeof data === 'string' ? data : Buffer.from(data), theirSigner, options)

const same = (actual, expected, what) => {
  if (!Buffer.from(actual).equals(Buffer.from(expected))) {
    assert.equal(Buffer.from(actual).toString('hex'), Buffer.from(expected).toString('hex'), what)
  }
}

/** Signs with a known signature, and records what was signed. */
function witness() {
  const seen = {}
  const signer = async (create) => {
    seen.message = await create({ publicKey: owner, type: 1 })
    seen.signature = pss(Buffer.from(seen.message))
    return { signature: seen.signature, address }
  }
  return { seen, signer }
}

describe('200 random items, written by one library and read by the other', () => {
  const source = random(20261120)
  for (let round = 1; round <= 200; round++) {
    const fields = draft(source)
    const label = `${fields.tags?.length ?? 'no'} tags, ${Object.keys(fields).filter((key) => key !== 'tags')}`
    test(`item ${round}: ${label}`, async () => {
      const { seen, signer } = witness()
      const ours = await DataItem.create(fields).sign(signer)
      const peer = theirs(fields)

      same(seen.message, await peer.getSignatureData(), 'what is signed')
      const unsigned = Uint8Array.from(ours.raw).fill(0, SIGNATURE.from, SIGNATURE.to)
      same(unsigned, peer.getRaw(), 'the unsigned item')

      await peer.setSignature(seen.signature)
      same(ours.raw, peer.getRaw(), 'the signed item')
      assert.ok(await verifies(ours.raw), 'arbundles verifies ours')

      const read = await DataItem.parse(new Uint8Array(peer.getRaw()))
      for (const item of [ours, read]) {
        assert.equal(item.id, peer.id)
        assert.equal(item.id, createHash('sha256').update(seen.signature).digest('base64url'))
        assert.equal(item.owner, peer.owner)
        assert.equal(item.signature, peer.signature)
        assert.equal(item.signatureType, 1)
        assert.equal(item.target, peer.target)
        assert.deepEqual(item.tags, fields.tags ?? [])
        same(item.anchor, fields.anchor ?? '')
        same(item.data, fields.data)
        assert.ok(item.data instanceof Uint8Array && item.raw instanceof Uint8Array)
        assert.deepEqual(await item.verify(), { valid: true, problems: [] })
      }
    })
  }
})

/** `valid`, `odd` (accepted, with problems) or `refused`. */
async function verdictOf(raw, options) {
  let item
  try {
    item = await DataItem.parse(raw)
  } catch (error) {
    assertAoError(error)
    return 'refused'
  }
  const { valid, problems } = await item.verify(options)
  for (const { code, message } of problems) assert.ok(/^[A-Z_]+$/.test(code) && message.length > 0)
  if (!valid) assert.ok(problems.length > 0, 'a refusal gives its reason')
  return valid ? (problems.length === 0 ? 'valid' : 'odd') : 'refused'
}

const peerAccepts = (raw) => verifies(raw).catch(() => false)

describe('signatures of other libraries', () => {
  for (const salt of [0, 20, 32, 64, 478]) {
    test(`a signature with a salt of ${salt} bytes is valid`, async () => {
      const raw = await craftItem({ salt })
      assert.ok(await peerAccepts(raw))
      assert.equal(await verdictOf(raw), 'valid')
    })
  }

  test('an item that arbundles signed is valid', async () => {
    const peer = theirs({ data: 'hello', tags: [{ name: 'a', value: 'b' }] })
    await peer.sign(theirSigner)
    assert.equal(await verdictOf(new Uint8Array(peer.getRaw())), 'valid')
  })

  test('an item that another key signed is not valid', async () => {
    assert.equal(await verdictOf(await craftItem({ badSignature: true })), 'refused')
  })

  test('an item with a flipped bit is not valid, wherever the bit is', async () => {
    const peer = theirs({ data: 'data', target: address, anchor: 'a'.repeat(32), tags: [{ name: 'a', value: 'b' }] })
    await peer.sign(theirSigner)
    const good = new Uint8Array(peer.getRaw())
    const source = random(7)
    const positions = [0, 1, 2, 513, 514, 1025, 1026, 1059, 1092, 1100, good.length - 1]
    for (let more = 0; more < 60; more++) positions.push(source.below(good.length))
    for (const at of positions) {
      const raw = Uint8Array.from(good)
      raw[at] ^= 1 << source.below(8)
      assert.equal(await peerAccepts(raw), false, `arbundles, byte ${at}`)
      assert.equal(await verdictOf(raw), 'refused', `byte ${at}, strict`)
      assert.equal(await verdictOf(raw, { strict: false }), 'refused', `byte ${at}, lenient`)
    }
  })

  test('a truncated item is refused', async () => {
    const good = await craftItem({ tags: Buffer.concat([block([['a', 'b']]), end]), count: 1, data: '' })
    for (const length of [0, 1, 2, 100, 513, 1025, 1027, 1040, good.length - 1]) {
      assert.equal(await verdictOf(good.subarray(0, length)), 'refused', `${length} bytes`)
    }
    assert.equal(await verdictOf(good), 'valid')
  })
})

describe('unusual items with a valid signature', () => {
  const ab = [['a', 'b']]
  const many = (count) => Array.from({ length: count }, (_, index) => [`n${index}`, 'v'])
  const whole = (tags) => ({ tags: Buffer.concat([block(tags), end]), count: tags.length })
  const size = (bytes) =>
    whole([
      ['n', 'v'.repeat(3000)],
      ['m', 'w'.repeat(bytes - 3000 - 10)]
    ])

  // The verdict of arbundles, then those of aoxide: strict, which accepts what all readers of the network accept, and
  // lenient, which accepts what all readers decode to the same item.
  const cases = {
    'canonical tags': [whole(ab), true, 'valid', 'valid'],
    'an empty value': [whole([['a', '']]), true, 'valid', 'valid'],
    '128 tags': [whole(many(128)), true, 'valid', 'valid'],
    'a target': [{ target: [1, ...owner.subarray(0, 32)] }, true, 'valid', 'valid'],
    'a block with a size': [{ tags: Buffer.concat([sizedBlock(ab), end]), count: 1 }, true, 'refused', 'odd'],
    'two blocks': [{ tags: Buffer.concat([block(ab), block(ab), end]), count: 2 }, true, 'refused', 'odd'],
    'a block with a wrong size': [{ tags: Buffer.concat([sizedBlock(ab, 99), end]), count: 1 }, true, 'refused', 'odd'],
    'no end of the list': [{ tags: block(ab), count: 1 }, true, 'refused', 'odd'],
    'bytes after the end': [
      { tags: Buffer.concat([block(ab), end, Buffer.from('junk')]), count: 1 },
      true,
      'refused',
      'odd'
    ],
    'an empty name': [whole([['', 'b']]), true, 'refused', 'odd'],
    '129 tags': [whole(many(129)), true, 'refused', 'odd'],
    'as many tags as arbundles writes': [whole(Array(2046).fill(['', ''])), true, 'refused', 'odd'],
    'more tags than any library writes': [whole(Array(2049).fill(['', ''])), false, 'refused', 'refused'],
    'a mebibyte of tags': [whole([['n', 'v'.repeat((1 << 20) - 7)]]), false, 'refused', 'odd'],
    'more than a mebibyte of tags': [whole([['n', 'v'.repeat((1 << 20) - 6)]]), false, 'refused', 'refused'],
    'a name of 1025 bytes': [whole([['n'.repeat(1025), 'v']]), true, 'refused', 'odd'],
    'a value of 3073 bytes': [whole([['n', 'v'.repeat(3073)]]), true, 'refused', 'odd'],
    'tags of 4096 bytes': [size(4096), true, 'valid', 'valid'],
    'tags of 4097 bytes': [size(4097), false, 'refused', 'odd'],
    'a name that is not UTF-8': [whole([[Buffer.from([0xff]), 'v']]), true, 'refused', 'odd'],
    'a value with a lone surrogate': [whole([['n', Buffer.from([0xed, 0xa0, 0x80])]]), true, 'refused', 'odd'],
    'no tags and an end of the list': [{ tags: end, count: 0 }, true, 'refused', 'odd'],
    'no tags and bytes of tags': [{ ...whole(ab), count: 0 }, true, 'refused', 'refused'],
    'a count that is too high': [{ ...whole(ab), count: 2 }, false, 'refused', 'refused'],
    'a presence byte of 2': [{ target: [2] }, true, 'refused', 'refused'],
    'a size beyond the end': [{ ...whole(ab), size: 5000 }, false, 'refused', 'refused'],
    'a tag that ends beyond the list': [
      { tags: Buffer.concat([varint(1), varint(90), end]), count: 1 },
      false,
      'refused',
      'refused'
    ]
  }
  for (const [label, [fields, peer, strict, lenient]] of Object.entries(cases)) {
    test(label, async () => {
      const raw = await craftItem(fields)
      assert.equal(await peerAccepts(raw), peer, 'arbundles')
      assert.equal(await verdictOf(raw), strict, 'strict is the default')
      assert.equal(await verdictOf(raw, { strict: true }), strict, 'strict')
      assert.equal(await verdictOf(raw, { strict: false }), lenient, 'lenient')
    })
  }

  test('tags that are not UTF-8 keep their bytes', async () => {
    const item = await DataItem.parse(await craftItem(whole([[Buffer.from([0xff, 0x61]), 'v']])))
    assert.deepEqual(item.tags, [{ name: '\ufffda', value: 'v' }])
    same(item.rawTags[0].name, [0xff, 0x61])
  })

  test('the test data has the sizes of the limits', () => {
    assert.equal(size(4096).tags.length, 4096)
    assert.equal(records(ab).length, 4)
  })
})

describe('items that cannot be created', () => {
  const signer = aoxide.createSigner(jwk)
  const tag = (name, value) => ({ tags: [{ name, value }] })
  const cases = {
    '129 tags': ['BAD_TAGS', { tags: Array.from({ length: 129 }, () => ({ name: 'n', value: 'v' })) }],
    'an empty name': ['BAD_TAGS', tag('', 'v')],
    'a name of 1025 bytes': ['BAD_TAGS', tag('é'.repeat(513), 'v')],
    'a value of 3073 bytes': ['BAD_TAGS', tag('n', 'v'.repeat(3073))],
    'tags of more than 4096 bytes': [
      'BAD_TAGS',
      { tags: [1, 2].map((n) => ({ name: `n${n}`, value: 'v'.repeat(2100) })) }
    ],
    'half a surrogate pair': ['BAD_TAGS', tag('n', 'a\ud800')],
    'a short anchor': ['BAD_ANCHOR', { anchor: 'a'.repeat(31) }],
    'an anchor that is long in bytes': ['BAD_ANCHOR', { anchor: 'é'.repeat(32) }],
    'a short anchor of bytes': ['BAD_ANCHOR', { anchor: new Uint8Array(31) }],
    'a short target': ['BAD_ID', { target: 'abc' }],
    'a target with a foreign letter': ['BAD_ID', { target: `!${address.slice(1)}` }]
  }
  for (const [label, [code, fields]] of Object.entries(cases)) {
    test(label, async () => {
      const signerCalls = []
      const watched = (create, kind) => signerCalls.push(kind) && signer(create, kind)
      // Either create() or sign() rejects, before the signer is called.
      await assert.rejects(
        async () => DataItem.create({ data: 'd', ...fields }).sign(watched),
        (error) => assertAoError(error, code) ?? true
      )
      assert.deepEqual(signerCalls, [])
    })
  }

  test('bytes that are not an item are refused', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(2000), Buffer.from('<html></html>')]) {
      await assert.rejects(DataItem.parse(bytes), (error) => assertAoError(error) ?? true)
    }
  })
})

describe('deepHash', () => {
  const source = random(384)
  const chunk = (depth) =>
    depth > 0 && source.chance(0.6)
      ? Array.from({ length: source.below(5) }, () => chunk(depth - 1))
      : source.chance(0.2)
        ? new Uint8Array(0)
        : source.bytes(source.below(300))

  for (let round = 1; round <= 40; round++) {
    test(`equals that of arbundles for random chunks ${round}`, async () => {
      const value = chunk(4)
      const hash = await deepHash(value)
      assert.equal(hash.length, 48)
      same(hash, await arbundles.deepHash(value))
    })
  }

  test('equals the vectors of the specification', async () => {
    const hex = async (value) => Buffer.from(await deepHash(value)).toString('hex')
    const [one, two] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]
    assert.match(await hex(one), /^41300af79285f856/)
    assert.match(await hex(new Uint8Array(0)), /^fbf00cc444f5fea9/)
    assert.match(await hex([one, two]), /^4dacdcc81acd09f3/)
    assert.match(await hex([]), /^a69e7d37fdc7f040/)
    assert.equal(await hex('\u0001\u0002\u0003'), await hex(one))
  })
})
