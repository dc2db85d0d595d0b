// Runs many processes in one network, in a Node.js process of its own: fork('load.mjs', [JSON]). The JSON has `processes`,
// `messages` (for each process), an `engine`, and `module`: `{ file, id, fields, data }`. The result is sent as the only message.
import { readFileSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import { lastResult, send, signRound, signSpawns, spawn } from '../../tests/js/support/many-processes.mjs'
import { subpath } from '../../tests/js/support/package.mjs'

const { processes, messages, module, engine } = JSON.parse(process.argv[2])
const { createLocalNetwork } = await subpath('local')
/** Returns the memory of this process, in bytes. */
function held() {
  globalThis.gc()
  return memoryUsage.rss()
}

const network = await createLocalNetwork({ engine, modules: { [module.id]: readFileSync(module.file) } })
const spawns = await signSpawns(network, module.id, processes, { Authority: network.address })
const before = held()
const ids = await spawn(network, spawns)

const rounds = []
for (let round = 0; round < messages; round++) {
  const items = await signRound(ids, module.fields, module.data)
  const began = performance.now()
  await send(network, items)
  rounds.push((performance.now() - began) / processes)
}
for (const id of [ids[0], ids.at(-1)]) {
  const { Output } = await lastResult(network, id)
  if (Output.data !== String(messages)) throw new Error(`a process counted ${Output.data} of ${messages} messages`)
}
const found = { rounds, perProcess: (held() - before) / processes }
if (process.send) process.send(found)
else console.log(found)
await network.close()
process.exit()
