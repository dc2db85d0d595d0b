// The first answer of a program, from a checkpoint. The argument names the library. Verbs return milliseconds.
import { gunzipSync } from 'node:zlib'
import { subpath } from '../../tests/js/support/package.mjs'
import { argument, serve } from '../child.mjs'
import { AOS } from '../local.mjs'
import { bytes, demandCount, followed, QUESTION } from './units.mjs'

// ao-loader replaces the clock when it is imported.
const now = performance.now.bind(performance)
const FORMAT = 'wasm64-unknown-emscripten-draft_2024_02_15'
const CHECKPOINT = `query ($process: [String!]!, $owners: [String!]!) { transactions(owners: $owners, first: 1, sort: HEIGHT_DESC,
  tags: [{ name: "Process", values: $process }, { name: "Type", values: ["Checkpoint"] }]) { edges { node { id } } } }`

/** Verifies everything. */
async function viewed() {
  const { follow } = await subpath('verify')
  return async (network, owner) => {
    const options = followed(network)
    const trust = { ...options.trust, checkpoints: [network.address] }
    const view = await follow(network.process, { ...options, trust })
    return view.dryrun({ ...QUESTION, from: owner })
  }
}

/** Believes the gateway. */
async function loaded() {
  const { default: AoLoader } = await import('@permaweb/ao-loader')
  const { patchMemory } = await import('../compute/loader.mjs')
  patchMemory()
  return async ({ url, process, address }, owner) => {
    const variables = { process: [process], owners: [address] }
    const query = JSON.stringify({ query: CHECKPOINT, variables })
    const found = await (await fetch(`${url}/graphql`, { method: 'POST', body: query })).json()
    const { id } = found.data.transactions.edges[0].node
    const memory = gunzipSync(await (await fetch(`${url}/raw/${id}`)).arrayBuffer())
    const handle = await AoLoader(bytes, { format: FORMAT, computeLimit: 9e15 })
    const { tags, data } = QUESTION
    const message = { Id: '1234', Target: process, Owner: owner, From: owner, Data: data, Tags: tags }
    const environment = {
      Process: { Id: process, Owner: owner, Tags: [] },
      Module: { Id: AOS.id, Owner: '', Tags: [] }
    }
    return handle(
      memory,
      { ...message, Timestamp: 1_700_000_000_000, 'Block-Height': 1_300_000, Cron: false },
      environment
    )
  }
}

const answer = await { aoxide: viewed, 'ao-loader': loaded }[argument()]()

serve({
  async start(network, owner, count) {
    const began = now()
    const value = await answer(network, owner)
    const time = now() - began
    demandCount(value, count)
    return time
  }
})
