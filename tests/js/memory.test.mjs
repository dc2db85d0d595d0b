// Large data is not copied into the memory of the WebAssembly module. It is hashed in chunks, and copied once, into the item.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { jwk } from './support/key.mjs'
import { aoxide, installed, subpath } from './support/package.mjs'
import { arbundles } from './support/peers.mjs'

const MEBI = 1024 * 1024
const SIZE = 64 * MEBI

const { DataItem } = await subpath('ans104')
const signer = aoxide.createSigner(jwk)

const moduleMemory = async () => {
  const lib = await import(pathToFileURL(`${installed}/wasm/client.js`).href)
  return (await lib.default()).memory.buffer.byteLength
}

const bytes = new Uint8Array(SIZE).fill(7)
for (const [name, data] of Object.entries({
  Uint8Array: bytes,
  ArrayBuffer: bytes.buffer,
  Blob: new Blob([bytes]),
  string: 'a'.repeat(SIZE)
})) {
  test(`64 MiB as a ${name} is not copied into the memory of the module`, async () => {
    const item = await DataItem.create({ data }).sign(signer)
    assert.equal(item.data.length, SIZE)
    assert.equal(item.data.buffer, item.raw.buffer, 'the data of an item is a view of it')
    assert.deepEqual(await item.verify(), { valid: true, problems: [] })
    assert.ok(await arbundles.DataItem.verify(Buffer.from(item.raw.buffer)), 'arbundles does not verify it')
    const memory = await moduleMemory()
    assert.ok(memory < 4 * MEBI, `the module's memory has grown to ${memory} bytes`)
  })
}
