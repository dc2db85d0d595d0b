// Many processes in one network, in a process of its own: fork('load.mjs', ['<processes>', '<messages>', '<module file>']).
// What it finds is its one message.
import { readFileSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import { jwk } from '../../tests/js/support/key.mjs'
import { aoxide, subpath } from '../../tests/js/support/package.mjs'

const [processes, messages, file] = process.argv.slice(2)
const MODULE = 'C'.repeat(42) + 'A'
const { createLocalNetwork } = await subpath('local')
const { DataItem } = await subpath('ans104')
const signer = aoxide.createSigner(jwk)
const tags = (fields) => Object.entries(fields).map(([name, value]) => ({ name, value }))

const sign = async (fields, target) => {
  const all = { 'Data-Protocol': 'ao', Variant: 'ao.TN.1', ...fields }
  return (await DataItem.create({ target, tags: tags(all), data: '1984' }).sign(signer)).raw
}

/** Signing is the client's affair, and takes longer than all the rest: its time is not counted. */
const signAll = (count, job) => Promise.all(Array.from({ length: count }, (_, number) => job(number)))

const network = await createLocalNetwork({ engine: process.env.ENGINE, modules: { [MODULE]: readFileSync(file) } })
async function post(body) {
  const { status, body: said } = await network.answer({ method: 'POST', path: '/mu', body })
  const answer = JSON.parse(Buffer.from(said))
  if (status !== 202) throw new Error(answer.error)
  return answer
}

const held = () => {
  globalThis.gc()
  return memoryUsage.rss()
}
const begin = held()
const spawns = await signAll(Number(processes), () =>
  sign({ Type: 'Process', Module: MODULE, Scheduler: network.address })
)
const ids = []
const spawned = performance.now()
for (const raw of spawns) ids.push((await post(raw)).processId)
await network.settle()
const spawnTime = performance.now() - spawned
const born = held()

const rounds = []
for (let round = 0; round < Number(messages); round++) {
  const items = await signAll(ids.length, (number) =>
    sign({ Type: 'Message', Action: 'Increment', Amount: '1' }, ids[number])
  )
  const began = performance.now()
  for (const raw of items) await post(raw)
  await network.settle()
  rounds.push((performance.now() - began) / ids.length)
}
for (const id of [ids[0], ids.at(-1)]) {
  const { body } = await network.answer({ method: 'GET', path: `/${id}~process@1.0/now` })
  const counted = JSON.parse(Buffer.from(body)).raw.Output.data
  if (counted !== messages) throw new Error(`a process has counted ${counted} of ${messages}`)
}
const end = held()
const found = { rounds, spawn: spawnTime / ids.length, perProcess: (end - begin) / ids.length, born: (born - begin) / ids.length }
if (process.send) process.send(found)
else console.log(found)
await network.close()
