// Does the work of a compute unit: boots an aos process, sends it messages, and reads a result.
import { loadModule } from 'aoxide/compute'

const id = (letter) => letter.repeat(43)
const environment = { Process: { Id: id('P'), Owner: id('O'), Tags: [] }, Module: { Id: id('M'), Tags: [] } }
const message = (Id, tag, Data) => ({
  Id,
  From: id('O'),
  Owner: id('O'),
  Target: id('P'),
  Module: id('M'),
  Tags: [tag],
  Data,
  Timestamp: 1_700_000_000_000,
  'Block-Height': 1
})
const evaluation = (lua) => message(id('I'), { name: 'Action', value: 'Eval' }, lua)

const take = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer())

export async function count(bytes) {
  const module = await loadModule(bytes ?? (await take('/aos.wasm')))
  const process = await module.instantiate(environment)
  // The first message of a process is its own item.
  await process.handle(message(id('P'), { name: 'Type', value: 'Process' }, ''))
  await process.handle(evaluation('Count = 41'))
  const { Output } = await process.dryrun(evaluation('Count = Count + 1; return Count'))
  await module.close()
  return `${module.worker ? 'in a worker' : 'in place'}, ${Output.data}`
}
