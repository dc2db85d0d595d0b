// Runs a local network behind a port, in a Node.js process of its own, with one aos process that has evaluated messages:
// fork('network.mjs', [JSON]). The JSON has `messages` and `keyType`, the type of the keys that sign the messages and the
// assignments. Sends `{ url, process, address }` as the only message.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { jwk } from '../../tests/js/support/key.mjs'
import { aoxide, installed, subpath } from '../../tests/js/support/package.mjs'
import { AOS } from '../local.mjs'

const { messages, keyType } = JSON.parse(process.argv[2])
const { createLocalNetwork } = await subpath('local')
const { DataItem } = await subpath('ans104')
const { createNetworkServer } = await import(`${installed}/bin/server.js`)

/** Items that are signed at the same time. */
const AT_ONCE = 100

const ed25519 = () => generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
const signer = aoxide.createSigner(keyType === 'rsa' ? jwk : ed25519())
const network = await createLocalNetwork({ keyType, modules: { [AOS.id]: readFileSync(AOS.file) } })
const server = createNetworkServer({ network: Promise.resolve(network) })

async function sign(fields, target, data) {
  const all = { 'Data-Protocol': 'ao', Variant: 'ao.TN.1', ...fields }
  const tags = Object.entries(all).map(([name, value]) => ({ name, value }))
  return (await DataItem.create({ target, tags, data }).sign(signer)).raw
}

async function post(body) {
  const { status, body: bytes } = await network.answer({ method: 'POST', path: '/mu', body })
  const said = JSON.parse(Buffer.from(bytes))
  if (status !== 202) throw new Error(said.error)
  return said
}

const spawned = await sign({ Type: 'Process', Module: AOS.id, Scheduler: network.address, Authority: network.address })
const { processId } = await post(spawned)
for (let sent = 0; sent < messages; sent += AT_ONCE) {
  const signing = Array.from({ length: Math.min(AT_ONCE, messages - sent) }, () =>
    sign({ Type: 'Message', ...AOS.fields }, processId, AOS.data)
  )
  for (const item of await Promise.all(signing)) await post(item)
}
await network.settle()
const { status } = await network.answer({ method: 'POST', path: `/cu/checkpoint/${processId}` })
if (status !== 201) throw new Error(`no checkpoint was written: ${status}`)

await once(server.listen(0, '127.0.0.1'), 'listening')
process.send({ url: `http://127.0.0.1:${server.address().port}`, process: processId, address: network.address })
