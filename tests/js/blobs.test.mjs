// Blobs whose content changes between signing and sending.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { jwk } from './support/key.mjs'
import { aoxide, subpath } from './support/package.mjs'
import { decode, verifies } from './support/peers.mjs'

const { DataItem } = await subpath('ans104')
const process = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'
const usual = aoxide.createSigner(jwk)

/** A signer that calls a function when it gets the bytes to sign. */
const signerThat = (does) => (create, kind) =>
  usual(async (fields) => {
    const bytes = await create(fields)
    await does()
    return bytes
  }, kind)

/** Results of each way to send or sign, and the items that were sent. */
const ways = {
  message: (ao, data, signer) => ao.legacy.message({ process, data, signer }),
  signMessage: (ao, data, signer) => ao.legacy.signMessage({ process, data, signer }),
  'message in mainnet mode': (ao, data, signer) => ao.mainnet.message({ process, data, signer }),
  'DataItem.create': (_, data, signer) => DataItem.create({ data }).sign(signer)
}

function clients() {
  const sent = []
  const fetch = async (_, { body }) => {
    sent.push(Uint8Array.from(body))
    return Response.json({ slot: 1 })
  }
  const ao = { legacy: aoxide.connect({ fetch }), mainnet: aoxide.connect({ MODE: 'mainnet', fetch }) }
  return { ao, sent }
}

/** Larger than the chunks in which it is read. */
const content = (character) => character.repeat(3_000_000)

describe('a file as data', () => {
  let folder
  let path
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aoxide-blobs-'))
    path = join(folder, 'file')
  })
  after(() => rm(folder, { recursive: true, force: true }))

  async function changeUnseen() {
    const { atime, mtime } = await stat(path)
    await writeFile(path, content('b'))
    await utimes(path, atime, mtime)
  }

  for (const [what, change] of [
    ['grows', () => writeFile(path, content('ab'))],
    ['shrinks', () => writeFile(path, 'a')],
    ['changes', () => writeFile(path, content('b'))],
    ['changes, with the same size and time', changeUnseen],
    ['goes away', () => rm(path)]
  ]) {
    for (const [name, way] of Object.entries(ways)) {
      test(`${name}: a file that ${what} while it is signed is not sent`, async () => {
        await writeFile(path, content('a'))
        // A time in whole milliseconds, because utimes cannot restore fractions.
        await utimes(path, 1_700_000_000, 1_700_000_000)
        const blob = await fs.openAsBlob(path)
        const { ao, sent } = clients()
        await assert.rejects(way(ao, blob, signerThat(change)), (error) => {
          assertAoError(error, 'BAD_ARGUMENT')
          assert.match(error.message, /The Blob (changed while it was read|cannot be read)/)
          return true
        })
        assert.deepEqual(sent, [])
      })
    }
  }

  test('an unchanged file arrives unchanged', async () => {
    await writeFile(path, content('a'))
    const { ao, sent } = clients()
    const blob = await fs.openAsBlob(path)
    await ao.legacy.message({ process, data: blob, signer: usual })
    await ao.legacy.message({ process, data: blob.slice(10, 20), signer: usual })
    assert.equal(decode(sent[0]).data, Buffer.from(content('a')).toString('hex'))
    assert.equal(decode(sent[1]).data, Buffer.from('a'.repeat(10)).toString('hex'))
    for (const item of sent) assert.ok(await verifies(item))
  })
})

describe('a Blob of a subclass', () => {
  /** Reads as `first` the first time, and as `then` afterwards. */
  function changing(first, then) {
    let reads = 0
    return new (class extends Blob {
      slice() {
        const bytes = reads++ === 0 ? first : then
        return { arrayBuffer: async () => new TextEncoder().encode(bytes).buffer }
      }
    })(['hello'])
  }

  for (const [first, then] of [
    ['hello', 'world'],
    ['hello', 'hell'],
    ['hello', 'hello, world'],
    ['hell', 'hell'],
    ['hello, world', 'hello, world'],
    ['', '']
  ]) {
    test(`when it reads as "${first}" and then as "${then}", the call rejects`, async () => {
      for (const way of Object.values(ways)) {
        const { ao, sent } = clients()
        await assert.rejects(way(ao, changing(first, then), usual), { name: 'AoError', code: 'BAD_ARGUMENT' })
        assert.deepEqual(sent, [])
      }
    })
  }

  test('when it always reads the same, it is sent', async () => {
    const { ao, sent } = clients()
    await ao.legacy.message({ process, data: changing('hello', 'hello'), signer: usual })
    assert.ok(await verifies(sent[0]))
  })
})
