// The Lua module on the compute unit of wao, which runs it with its own loader: the module is uploaded to wao's gateway,
// and aoconnect spawns a process of it and sends the messages. The results must be those of aoxide's engine.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import Arweave from 'arweave'
import { messages } from '../compute/conversation.mjs'
import { address, jwk } from '../js/support/key.mjs'
import { root, subpath } from '../js/support/package.mjs'
import { startPatchedUnits } from '../js/support/patched-units.mjs'

const FORMAT = 'wasm32-unknown-emscripten4'
const bytes = readFileSync(`${root}target/lua/process.wasm`)

// The loader uses the machine's time zone. This package always uses UTC.
process.env.TZ = 'UTC'
const units = await startPatchedUnits()
after(() => units.stop())
process.env.GRAPHQL_URL = units.graphql
const aoconnect = await import('@permaweb/aoconnect')
const { loadModule } = await subpath('compute')

const ao = aoconnect.connect({ MU_URL: units.mu, CU_URL: units.cu, GATEWAY_URL: units.gateway })
const signer = aoconnect.createSigner(jwk)
const tag = (name, value) => ({ name, value })

/** Uploads the module, as any client of Arweave does. Returns its id. */
async function upload() {
  const { hostname: host, port, protocol } = new URL(units.gateway)
  const arweave = Arweave.init({ host, port, protocol: protocol.slice(0, -1) })
  const transaction = await arweave.createTransaction({ data: bytes }, jwk)
  const tags = {
    'Data-Protocol': 'ao',
    Variant: 'ao.TN.1',
    Type: 'Module',
    'Module-Format': FORMAT,
    'Input-Encoding': 'JSON-1',
    'Output-Encoding': 'JSON-1',
    'Content-Type': 'application/wasm'
  }
  for (const [name, value] of Object.entries(tags)) transaction.addTag(name, value)
  await arweave.transactions.sign(transaction, jwk)
  const uploader = await arweave.transactions.getUploader(transaction)
  while (!uploader.isComplete) await uploader.uploadChunk()
  return transaction.id
}

/** Its clock and its random numbers are those of the unit. */
const dependsOnTheUnit = /os\.(time|clock|date\(\))|math\.random\((?!.*randomseed)/

/** wao's unit keeps the state of a message that failed. Units of the network, and aoxide, restore the state before it. */
const failsAfterAChange = ({ Data, Tags }) =>
  /Counter = \d+; error/.test(Data) || Tags.some(({ value }) => value === 'Boom')

const comparable = ({ Output, Messages, Spawns, Assignments, Error }) =>
  Error === undefined ? { data: Output.data, prompt: Output.prompt, Messages, Spawns, Assignments } : { Error }

test(
  'a conversation through aoconnect and the unit of wao has the results of aoxide',
  { timeout: 300_000 },
  async () => {
    const module = await upload()
    const tags = [tag('Name', 'unit'), tag('Authority', units.authority)]
    const process = await ao.spawn({ module, scheduler: units.scheduler, signer, tags, data: 'Booted = 1' })

    const loaded = await loadModule(bytes, { format: FORMAT, worker: false })
    const described = [tag('Type', 'Process'), tag('Module', module), ...tags]
    const own = await loaded.instantiate({
      Process: { Id: process, Owner: address, Tags: described },
      Module: { Id: module, Owner: address, Tags: [] }
    })
    const fields = { Target: process, Owner: address, From: address, Timestamp: 1, 'Block-Height': 1, Module: module }
    await own.handle({ ...fields, Id: process, Data: 'Booted = 1', Tags: described })

    let compared = 0
    // All messages have one sender, the owner. aoconnect sends a space for an empty text.
    for (const { Data: text, Tags } of messages.slice(1)) {
      const Data = text || ' '
      if (dependsOnTheUnit.test(Data) || failsAfterAChange({ Data, Tags })) continue
      const message = await ao.message({ process, signer, tags: Tags, data: Data })
      const theirs = await ao.result({ process, message })
      const ours = await own.handle({ ...fields, Id: message, Data, Tags })
      assert.deepEqual(comparable(ours), comparable(theirs), Data.slice(0, 120))
      compared += 1
    }
    loaded.close()
    assert.ok(compared >= 60, `${compared} messages`)
  }
)
