// Custom signers: those that follow aoconnect's contract, and those that break it.
import { constants, createPrivateKey, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import assert from 'node:assert/strict'
import { address, jwk, owner } from '../key.mjs'
import { isNamed } from '../differences.mjs'
import { arbundles } from '../peers.mjs'
import { network } from '../replies.mjs'

const key = createPrivateKey({ key: jwk, format: 'jwk' })
const pss = (bytes) => signBytes('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
const ed25519 = generateKeyPairSync('ed25519')
const edOwner = ed25519.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)

const withKey = (fields, answer) => async (create) => answer(pss(await create(fields)))
const rsaKey = { publicKey: owner, type: 1, alg: 'rsa-v1_5-sha256' }

/** A wallet: receives the fields and returns the signed item. `change` modifies what it returns. */
const wallet =
  (change = (answer) => answer) =>
  async (create) => {
    const { data, tags, target, anchor } = await create({ passthrough: true })
    const signer = new arbundles.ArweaveSigner(jwk)
    const item = arbundles.createData(data, signer, { tags, target, anchor })
    await item.sign(signer)
    return change({ id: item.id, raw: new Uint8Array(item.getRaw()) })
  }

const good = {
  'key and signature as Uint8Array': withKey(rsaKey, (signature) => ({
    signature: new Uint8Array(signature),
    address
  })),
  'key and signature as Buffer': withKey(rsaKey, (signature) => ({ signature: Buffer.from(signature), address })),
  'key and signature in base64url': withKey({ publicKey: jwk.n }, (signature) => ({
    signature: signature.toString('base64url'),
    address
  })),
  'no type': withKey({ publicKey: owner }, (signature) => ({ signature, address })),
  'no address': withKey(rsaKey, (signature) => ({ signature })),
  'a wrong address': withKey(rsaKey, (signature) => ({ signature, address: 'x' })),
  'create called twice': async (create) => {
    await create(rsaKey)
    return { signature: pss(await create(rsaKey)), address }
  },
  'the promise of create chained with then': (create) =>
    create(rsaKey).then((message) => ({ signature: pss(message), address })),
  'a wallet that makes the whole item': wallet()
}

const worksFor = { data: 'd', anchor: 'a'.repeat(32), tags: [{ name: 'A', value: 'b' }] }
const works = Object.entries(good).flatMap(([label, signer]) => [
  {
    name: `signer: ${label}`,
    replies: network(),
    call: (ao, { process }) => ao.message({ process, signer, ...worksFor })
  },
  {
    name: `signer for spawn: ${label}`,
    replies: network(),
    call: (ao, { module, scheduler }) => ao.spawn({ module, scheduler, signer, tags: worksFor.tags })
  }
])

const passthroughs = [
  { data: 'text', tags: [{ name: 'A', value: 'b' }] },
  { data: new Uint8Array([1, 2, 255]) },
  { anchor: 'a'.repeat(32) }
].map((fields) => ({
  name: `create({ passthrough: true }) with ${Object.keys(fields)}`,
  replies: network(),
  async call(ao, { process }) {
    let given
    const signer = async (create, kind) => {
      const { data, tags, target, anchor } = await create({ passthrough: true })
      given = { data, tags, target, anchor, kind }
      throw new Error('that is all')
    }
    await ao.message({ process, signer, ...fields }).catch((error) => assert.match(error.message, /that is all/))
    return given
  }
}))

const invalidSignature = Buffer.alloc(512, 1)
const bad = {
  'never calls create': async () => ({ signature: invalidSignature, address }),
  'returns nothing and never calls create': async () => {},
  'a public key that is too short': withKey({ publicKey: owner.subarray(1) }, (signature) => ({ signature })),
  'a public key that is too short, with an error that the signer rethrows': (create) =>
    create({ publicKey: owner.subarray(1) }).catch((error) => {
      throw error
    }),
  'an unknown type': withKey({ publicKey: owner, type: 99 }, (signature) => ({ signature })),
  'an invalid signature': withKey(rsaKey, () => ({ signature: invalidSignature, address })),
  'a signature in hex': withKey(rsaKey, (signature) => ({ signature: signature.toString('hex'), address })),
  'a signature that is too short': withKey(rsaKey, (signature) => ({ signature: signature.subarray(1), address })),
  'no signature': withKey(rsaKey, () => ({ address })),
  'an empty signature': withKey(rsaKey, () => ({ signature: '', address })),
  'the signature without an object': withKey(rsaKey, (signature) => signature),
  'rejects with an Error': async () => {
    throw new Error('the user rejected the request')
  },
  'throws an Error': () => {
    throw new Error('the user rejected the request')
  },
  'rejects with a string': async () => Promise.reject('the user rejected the request')
}
const refusals = Object.entries(bad).map(([label, signer]) => ({
  name: `signer: ${label}`,
  replies: network(),
  call: (ao, { process }) => ao.message({ process, signer }),
  mustFail: true
}))

const internalErrors = {
  'nothing after create': withKey(rsaKey, () => undefined),
  'null after create': withKey(rsaKey, () => null),
  'create without an argument': async (create) => ({ signature: pss(await create()), address })
}
const crashes = Object.entries(internalErrors).map(([label, signer]) => ({
  name: `signer: ${label}`,
  replies: network(),
  call: (ao, { process }) => ao.message({ process, signer }),
  differs: {
    row: 11,
    aoconnect: { error: (error) => isNamed(error, 'TypeError'), sent: 0 },
    aoxide: { error: (error) => assert.match(error.code, /^(SIGNER|BAD_KEY)$/, error.message), sent: 0 }
  }
}))

const invalidItems = {
  'bytes that are not an item': wallet(() => ({ id: 'x', raw: new Uint8Array([1, 2, 3]) })),
  'an item with a flipped bit': wallet(({ id, raw }) => ({
    id,
    raw: raw.map((byte, at) => (at === raw.length - 1 ? byte ^ 1 : byte))
  }))
}
const invalidWallets = Object.entries(invalidItems).map(([label, signer]) => ({
  name: `a wallet that returns ${label}`,
  replies: network(),
  unsigned: true,
  call: (ao, { process }) => ao.message({ process, signer, data: 'd' }),
  differs: {
    row: 23,
    aoconnect: { sent: 1 },
    aoxide: { sent: 0, error: (error) => assert.match(error.code, /^(SIGNER|BAD_ITEM|BAD_SIGNATURE|UNSUPPORTED)$/) }
  }
}))

// Solana wallets have ed25519 keys: both signature types, both verbs.
const edSigners = {
  'ed25519 (type 2)': async (create) => ({
    signature: signBytes(null, await create({ publicKey: edOwner, type: 2 }), ed25519.privateKey)
  }),
  'Solana (type 4)': async (create) => {
    const message = Buffer.from(await create({ publicKey: edOwner, type: 4 }))
    return { signature: signBytes(null, Buffer.from(message.toString('hex')), ed25519.privateKey) }
  }
}
const otherTypes = Object.entries(edSigners).map(([label, signer]) => ({
  name: `a signer of ${label}`,
  replies: network(),
  call: (ao, { process }) => ao.message({ process, signer, data: 'd' })
}))

/** Type 101 is in the tables of arbundles, and nothing verifies it. */
const unknownType = {
  name: 'a signer of KYVE (type 101)',
  replies: network(),
  unsigned: true,
  call: (ao, { process }) => {
    const signer = async (create) => {
      await create({ publicKey: Buffer.alloc(65, 4), type: 101 })
      return { signature: Buffer.alloc(65, 1) }
    }
    return ao.message({ process, signer, data: 'd' })
  },
  differs: {
    row: 33,
    aoconnect: { error: /^Cannot read properties of undefined/, sent: 0 },
    aoxide: { error: /^Metadata for signature type 101 not found/, code: 'UNSUPPORTED', sent: 0 }
  }
}

const missingWallets = [undefined, null, {}].map((wallet) => ({
  name: `createSigner(${JSON.stringify(wallet)}) without a wallet`,
  replies: network(),
  call: (ao, { process, library }) => ao.message({ process, signer: library.createSigner(wallet), data: 'd' }),
  differs: {
    row: 49,
    aoconnect: { error: /^JWK/, sent: 0 },
    aoxide: { error: /wallet/, code: 'SIGNER', sent: 0 }
  }
}))

const otherItems = {
  'another target': (fields) => ({ ...fields, target: address }),
  'no target': ({ target, ...fields }) => fields,
  'an anchor': (fields) => ({ ...fields, anchor: 'b'.repeat(32) }),
  'other data': (fields) => ({ ...fields, data: 'other' }),
  'another Type': (fields) => ({
    ...fields,
    tags: fields.tags.map((tag) => (tag.name === 'Type' ? { ...tag, value: 'Process' } : tag))
  })
}
const otherItemCases = Object.entries(otherItems).map(([label, change]) => ({
  name: `a wallet that creates an item with ${label}`,
  replies: network(),
  call: (ao, { process }) =>
    ao.message({ process, signer: (create) => wallet()(async (asked) => change(await create(asked))), data: 'd' }),
  differs: {
    row: 23,
    aoconnect: { sent: 1 },
    aoxide: { sent: 0, error: /^The wallet returned an item with another/, code: 'SIGNER' }
  }
}))

export const signers = [
  ...missingWallets,
  ...otherItemCases,
  ...otherTypes,
  unknownType,
  ...works,
  ...passthroughs,
  ...refusals,
  ...crashes,
  ...invalidWallets
]
