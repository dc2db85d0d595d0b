// Runs a local network behind a port, with one aos process that has evaluated messages. The argument has `messages` (their
// number) and `keyType`: the type of the keys that sign messages and assignments. The verb `start` returns where the network
// is, `{ url, process, address }`.
import { once } from 'node:events'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { jwk } from '../../tests/js/support/key.mjs'
import { aoxide, installed, subpath } from '../../tests/js/support/package.mjs'
import { argument, serve } from '../child.mjs'
import { AOS } from '../local.mjs'

/** Items that are signed at the same time. */
const AT_ONCE = 100

const { messages, keyType } = argument()
const { createLocalNetwork } = await subpath('local')
const { DataItem } = await subpath('ans104')
const { createNetworkServer } = await import(`${installed}/bin/server.js`)

const ed25519 = () => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
const signer = aoxide.createSigner(keyType === 'rsa' ? jwk : ed25519())

async function sign(fields, target, data) {
  const all = { 'Data-Protocol': 'ao', Variant: 'ao.TN.1', ...fields }
  const tags = Object.entries(all).map(([name, value]) => ({ name, value }))
  return (await DataItem.create({ target, tags, data }).sign(signer)).raw
}

async function start() {
  const network = await createLocalNetwork({ keyType, modules: { [AOS.id]: readFileSync(AOS.file) } })
  const { address } = network
  const post = async (path, body) => {
    const { status, body: bytes } = await network.answer({ method: 'POST', path, body })
    const said = JSON.parse(Buffer.from(bytes))
    if (status >= 300) throw new Error(said.error)
    return said
  }
  const spawn = await sign({ Type: 'Process', Module: AOS.id, Scheduler: address, Authority: address })
  const { processId } = await post('/mu', spawn)
  for (let sent = 0; sent < messages; sent += AT_ONCE) {
    const signing = Array.from({ length: Math.min(AT_ONCE, messages - sent) }, (_, place) => {
      // Signatures of Ed25519 are the same for the same message, which a network takes once.
      const Number = String(sent + place)
      return sign({ Type: 'Message', ...AOS.fields, Number }, processId, AOS.data)
    })
    for (const item of await Promise.all(signing)) await post('/mu', item)
  }
  await network.settle()
  await post(`/cu/checkpoint/${processId}`)
  const server = createNetworkServer({ network: Promise.resolve(network) })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${server.address().port}`, process: processId, address }
}

serve({ start })
