// Spawns many processes of one module in one network, and sends messages to all of them in rounds.
import { jwk } from './key.mjs'
import { aoxide, subpath } from './package.mjs'

const { DataItem } = await subpath('ans104')
const signer = aoxide.createSigner(jwk)
const protocol = { 'Data-Protocol': 'ao', Variant: 'ao.TN.1' }

async function sign(fields, target, data = '1984') {
  const tags = Object.entries({ ...protocol, ...fields }).map(([name, value]) => ({ name, value }))
  return (await DataItem.create({ target, tags, data }).sign(signer)).raw
}

/** Posts signed items, one after the other. Resolves with the responses. */
async function post(network, items) {
  const responses = []
  for (const body of items) {
    const { status, body: bytes } = await network.answer({ method: 'POST', path: '/mu', body })
    const response = JSON.parse(Buffer.from(bytes))
    if (status !== 202) throw new Error(response.error)
    responses.push(response)
  }
  await network.settle()
  return responses
}

/** Signs spawns in advance and in parallel, because signing takes longer than the work that is measured. */
export async function signSpawns(network, module, count, tags = {}) {
  const fields = { Type: 'Process', Module: module, Scheduler: network.address, ...tags }
  return Promise.all(Array.from({ length: count }, () => sign(fields)))
}

export async function spawn(network, spawns) {
  return (await post(network, spawns)).map(({ processId }) => processId)
}

/** Signs a message to each process, for `send`. */
export const signRound = (processes, fields, data) =>
  Promise.all(processes.map((process) => sign({ Type: 'Message', ...fields }, process, data)))

export const send = post

/** Reads the result of the last message of a process. */
export async function lastResult(network, process) {
  const { body } = await network.answer({ method: 'GET', path: `/${process}~process@1.0/now` })
  return JSON.parse(JSON.parse(Buffer.from(body)).results.json.body)
}
