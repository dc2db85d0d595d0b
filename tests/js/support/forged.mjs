// Forgeries that need a signature: assignments by another key, checkpoints by another signer.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { jwk, address } from './key.mjs'
import { arbundles } from './peers.mjs'
import { index } from './recorded-legacy.mjs'
import { scheduleOf, tagOf } from './recorded-units.mjs'

/** The address of the key that signs the forgeries. */
export const forger = address

const signer = new arbundles.ArweaveSigner(jwk)
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest()
const bytesOf = (id) => Buffer.from(id, 'base64url')

async function signed(fields, data = '') {
  const item = arbundles.createData(data, signer, fields)
  await item.sign(signer)
  return item
}

/** The same assignment, signed by the forger, with other values of some tags. */
export async function resigned(assignment, changes = {}) {
  const tags = assignment.tags.map(({ name, value }) => ({ name, value: changes[name] ?? value }))
  const item = await signed({ tags, anchor: '0123456789abcdef0123456789abcdef' })
  return {
    ...assignment,
    id: item.id,
    owner: { address: forger, key: jwk.n },
    tags,
    signature: item.rawSignature.toString('base64url'),
    anchor: item.anchor
  }
}

/**
 * The first entries of a schedule as the forger would have scheduled them, with a chain that holds. `change(slot)` returns other
 * values of the tags of a slot.
 */
export async function rescheduled(name, count, change = () => ({})) {
  const edges = structuredClone(scheduleOf(name).slice(0, count))
  let chain = sha256(bytesOf(index.processes[name]))
  for (const [slot, { node }] of edges.entries()) {
    node.assignment = await resigned(node.assignment, { 'Hash-Chain': chain.toString('base64url'), ...change(slot) })
    chain = sha256(bytesOf(node.assignment.id), bytesOf(tagOf(node.assignment, 'Hash-Chain')))
  }
  return edges
}

/** A checkpoint of a slot, signed by the forger, with other values of some tags. Returns its id and its bytes. */
export async function checkpoint(name, slot, memory, changes = {}) {
  const { assignment } = scheduleOf(name)[slot].node
  const tags = {
    'Data-Protocol': 'ao',
    Variant: 'ao.TN.1',
    Type: 'Checkpoint',
    Module: index.module,
    Process: index.processes[name],
    Nonce: String(slot),
    Timestamp: tagOf(assignment, 'Timestamp'),
    'Block-Height': String(Number(tagOf(assignment, 'Block-Height'))),
    'Content-Type': 'application/octet-stream',
    'SHA-256': sha256(memory).toString('hex'),
    'Content-Encoding': 'gzip',
    Assignment: assignment.id,
    'Hash-Chain': tagOf(assignment, 'Hash-Chain'),
    ...changes
  }
  const list = Object.entries(tags).map(([name, value]) => ({ name, value }))
  const item = await signed({ tags: list }, gzipSync(memory, { level: 1 }))
  return { id: item.id, raw: item.getRaw(), sha256: tags['SHA-256'] }
}
