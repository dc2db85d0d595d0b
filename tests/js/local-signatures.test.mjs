// Items of every signature type at a local network, in place and in its worker; the key with which a network signs.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { jwk } from './support/key.mjs'
import { root, subpath } from './support/package.mjs'
import { arbundles } from './support/peers.mjs'

const { createLocalNetwork } = await subpath('local')
const { DataItem } = await subpath('ans104')

const seed = Uint8Array.from({ length: 32 }, (_, index) => index + 1)
const { publicKey, secretKey } = await keyPair()
const module = 'M'.repeat(42) + 'A'
const modules = { [module]: readFileSync(`${root}target/counter-process/counter_process.wasm`) }
const ethereumKey = '11'.repeat(32)

async function keyPair() {
  const { getPublicKey } = await import('@noble/ed25519')
  const publicKey = await getPublicKey(seed)
  return { publicKey, secretKey: Buffer.concat([seed, publicKey]) }
}

async function multiSignatureSigner() {
  const { sign } = await import('@noble/ed25519')
  const keys = Buffer.concat([publicKey, Buffer.alloc(31 * 32), Buffer.from([1])])
  const collect = async (message) => ({ signatures: [Buffer.from(await sign(message, seed))], bitmap: [0] })
  return new arbundles.MultiSignatureAptosSigner(keys, collect)
}

const base58 = (bytes) => {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let number = BigInt('0x' + Buffer.from(bytes).toString('hex'))
  let text = ''
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text
  return text
}

const aptosWallet = {
  async signMessage({ message, nonce }) {
    const { sign } = await import('@noble/ed25519')
    const fullMessage = `APTOS\nmessage: ${message}\nnonce: ${nonce}`
    return { signature: Buffer.from(await sign(Buffer.from(fullMessage), seed)).toString('hex'), fullMessage }
  }
}

/** The signers of arbundles, by the type of their items. */
const SIGNERS = {
  1: new arbundles.ArweaveSigner(jwk),
  2: new arbundles.SolanaSigner(base58(secretKey)),
  3: new arbundles.EthereumSigner(ethereumKey),
  4: new arbundles.HexSolanaSigner(base58(secretKey)),
  5: new arbundles.InjectedAptosSigner(aptosWallet, publicKey),
  6: await multiSignatureSigner(),
  7: new arbundles.TypedEthereumSigner(ethereumKey)
}

const tag = (name, value) => ({ name, value })

async function spawnItem(network, signer) {
  const tags = [tag('Data-Protocol', 'ao'), tag('Variant', 'ao.TN.1'), tag('Type', 'Process'), tag('Module', module)]
  tags.push(tag('Scheduler', network.address))
  const item = arbundles.createData('x', signer, { tags })
  await item.sign(signer)
  return new Uint8Array(item.getRaw())
}

const post = (network, body) => network.fetch('/mu', { method: 'POST', body })

for (const worker of [false, true])
  for (const engine of ['auto', 'wasmi'])
    describe(`a local network ${worker ? 'in its worker' : 'in place'} with the engine ${engine}`, async () => {
      const network = await createLocalNetwork({ worker, engine, modules })
      after(() => network.close())

      for (const [type, signer] of Object.entries(SIGNERS)) {
        test(`accepts an item of type ${type} from arbundles, and refuses it with another signature`, async () => {
          const raw = await spawnItem(network, signer)
          assert.equal(raw[0], Number(type))
          const forged = raw.slice()
          forged[forged.length - 1] ^= 1
          const refused = await post(network, forged)
          assert.equal(refused.status, 400, await refused.text())
          const accepted = await post(network, raw)
          const text = await accepted.text()
          assert.ok(accepted.ok, text)
          assert.equal(JSON.parse(text).id, new arbundles.DataItem(Buffer.from(raw)).id)
        })
      }
    })

describe("the network's key", () => {
  const storageOf = () => {
    const kept = new Map()
    return {
      kept,
      get: (name) => kept.get(name),
      insert: (name, bytes) => !kept.has(name) && !!kept.set(name, bytes),
      put: (name, bytes) => void kept.set(name, bytes),
      remove: (name) => void kept.delete(name),
      names: (prefix) => [...kept.keys()].filter((name) => name.startsWith(prefix)).sort()
    }
  }
  const addressOf = async (options) => {
    const network = await createLocalNetwork(options)
    const { address } = network
    await network.close()
    return address
  }

  test('is Ed25519 in a new network, RSA on request, and stays what the network began with', async () => {
    const [ed25519, rsa] = [await addressOf(), await addressOf({ keyType: 'rsa' })]
    assert.notEqual(ed25519, rsa)
    for (const [keyType, address] of [
      [undefined, ed25519],
      ['ed25519', ed25519],
      ['rsa', rsa]
    ]) {
      const storage = storageOf()
      assert.equal(await addressOf({ storage, keyType }), address)
      assert.equal(await addressOf({ storage }), address)
    }
  })

  test('is RSA where the store is of an earlier version, which had no other', async () => {
    const storage = storageOf()
    storage.insert('form', Buffer.from('2'))
    assert.equal(await addressOf({ storage }), await addressOf({ keyType: 'rsa' }))
  })

  test('signs assignments that verify', async () => {
    for (const [keyType, type] of [
      ['ed25519', 2],
      ['rsa', 1]
    ]) {
      const storage = storageOf()
      const network = await createLocalNetwork({ storage, keyType, modules })
      const accepted = await post(network, await spawnItem(network, SIGNERS[2]))
      assert.ok(accepted.ok, await accepted.text())
      await network.settle()
      const [name] = [...storage.kept.keys()].filter((name) => name.startsWith('assignment/'))
      // A record begins with a checksum of four bytes.
      const assignment = storage.kept.get(name).slice(4)
      assert.equal(assignment[0], type)
      assert.ok((await (await DataItem.parse(assignment)).verify()).valid)
      assert.ok(await arbundles.DataItem.verify(Buffer.from(assignment)))
      await network.close()
    }
  })

  test('gives the same signatures with the cryptography of Node.js and without it', async () => {
    const { getBuiltinModule } = process
    let raw
    const assignmentWith = async (crypto) => {
      const storage = storageOf()
      process.getBuiltinModule = (name) => (name === 'node:crypto' ? crypto : getBuiltinModule(name))
      const opening = createLocalNetwork({ storage, modules, clock: () => 1_700_000_000_000 })
      const network = await opening.finally(() => (process.getBuiltinModule = getBuiltinModule))
      raw ??= await spawnItem(network, SIGNERS[1])
      const forged = raw.slice()
      forged[forged.length - 1] ^= 1
      assert.equal((await post(network, forged)).status, 400)
      assert.ok((await post(network, raw)).ok)
      await network.settle()
      await network.close()
      return Object.entries(Object.fromEntries(storage.kept)).filter(([name]) => name.startsWith('assignment/'))
    }
    const crypto = getBuiltinModule('node:crypto')
    const used = { sign: 0, verify: 0 }
    const counted =
      (name) =>
      (...args) => {
        used[name] += 1
        return crypto[name](...args)
      }
    const [[name, bytes]] = await assignmentWith({ ...crypto, sign: counted('sign'), verify: counted('verify') })
    assert.ok(used.sign >= 2 && used.verify === 2, JSON.stringify(used))
    const broken = () => new Uint8Array(64)
    for (const other of [undefined, { ...crypto, sign: broken }]) {
      const [[itsName, itsBytes]] = await assignmentWith(other)
      assert.equal(itsName, name)
      assert.deepEqual(itsBytes, bytes)
    }
  })

  test('can be a JWK of either type, and nothing else', async () => {
    const own = { kty: 'OKP', crv: 'Ed25519', d: Buffer.from(seed).toString('base64url') }
    own.x = Buffer.from(publicKey).toString('base64url')
    assert.match(await addressOf({ key: own }), /^[\w-]{43}$/)
    const code = 'BAD_KEY'
    await assert.rejects(createLocalNetwork({ key: { ...own, x: own.d } }), { code })
    await assert.rejects(createLocalNetwork({ key: { ...own, x: undefined } }), { code })
    await assert.rejects(createLocalNetwork({ key: { ...own, crv: 'X25519' } }), { code })
    await assert.rejects(createLocalNetwork({ keyType: 'dsa' }), { code: 'BAD_ARGUMENT' })
    await assert.rejects(createLocalNetwork({ key: jwk, keyType: 'rsa' }), { code: 'BAD_ARGUMENT' })
  })
})
