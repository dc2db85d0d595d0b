// What both sides of a comparison read from a network: `{ url, process, address }`.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AOS } from '../local.mjs'

export const bytes = readFileSync(AOS.file)

/** Options of `follow` for a process of the network. The module is at hand. */
export const followed = ({ url }) => ({
  source: { scheduler: `${url}/su`, gateway: url },
  module: bytes,
  trust: { module: { sha256: createHash('sha256').update(bytes).digest('hex') } },
  engine: 'auto',
  worker: false
})

/** The address of the entries behind a slot, at most `limit` of them. */
export const scheduleUrl = ({ url, process }, after, limit) =>
  `${url}/su/${process}?process-id=${process}&from-nonce=${after}&limit=${limit}&show-anchor=1`

/** What a compute unit passes to the module for each entry of the schedule, and the environment. Nothing is verified. */
export async function unchecked(network, count) {
  const { edges } = await (await fetch(scheduleUrl(network, -1, count))).json()
  const owner = edges[0].node.message.owner.address
  const messages = edges.map(({ node: { message, assignment } }) => {
    const tags = Object.fromEntries(assignment.tags.map(({ name, value }) => [name, value]))
    return {
      Id: message.id,
      Signature: message.signature,
      Data: message.data,
      Owner: owner,
      Target: network.process,
      Anchor: message.anchor,
      From: owner,
      Tags: message.tags,
      Epoch: Number(tags.Epoch),
      Nonce: Number(tags.Nonce),
      Timestamp: Number(tags.Timestamp),
      'Block-Height': Number(tags['Block-Height']),
      'Hash-Chain': tags['Hash-Chain'],
      Cron: false
    }
  })
  const environment = {
    Process: { Id: network.process, Owner: owner, Tags: edges[0].node.message.tags },
    Module: { Id: AOS.id, Owner: '', Tags: [] }
  }
  return { messages, environment, owner }
}

/** A question that changes nothing. */
export const QUESTION = { tags: [{ name: 'Action', value: 'Eval' }], data: 'return Count' }

/** Throws unless the process has counted `count` messages. */
export function demandCount({ Error: failure, Output }, count) {
  const said = String(Output?.data?.output ?? Output?.data)
  if (failure || said !== String(count)) throw new Error(`counted ${said} of ${count}; ${JSON.stringify(failure)}`)
}
