// Local mode: which network the verbs are for, and what a spawn there need not say. Fetched by those who use it.

import { AoError } from '../../errors.js'
import { part } from '../../wasm/lazy-module.js'

const GATEWAY_URL = 'https://arweave.net'
const FORMAT = 'query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { tags { name value } } } } }'

/** The network of all who bring none. */
let usual

/** The network of a client: the caller's, or the usual one. */
export async function open({ network, modules = {} }) {
  const opened = await (network === undefined ? openUsual() : network)
  if (typeof opened?.fetch !== 'function' || typeof opened.addModule !== 'function') {
    const received = opened === null ? 'null' : typeof opened
    const advice = "Make one with createLocalNetwork() of 'aoxide/local', or leave it out"
    throw new AoError('BAD_ARGUMENT', `'network': Expected a local network, received ${received}. ${advice}.`)
  }
  for (const [id, source] of Object.entries(modules)) await opened.addModule(id, source)
  return opened
}

function openUsual() {
  usual ??= part(import('../../local/index.js'))
    .then(({ createLocalNetwork }) => createLocalNetwork({ storage: globalThis.indexedDB ? 'indexeddb' : 'memory' }))
    .catch((error) => {
      usual = undefined
      throw error
    })
  return usual
}

/** A process of the network. It asks once more when the network lacked the module, and a gateway has it. */
export async function spawn(network, input, options, spawn) {
  const { SCHEDULER = network.address } = options
  const complete = input && { ...input, scheduler: input.scheduler ?? SCHEDULER, tags: trusting(input.tags, network) }
  try {
    return await spawn(complete)
  } catch (error) {
    // The module is looked for before anything is signed.
    if (error?.code !== 'NOT_FOUND' || options.GATEWAY_URL === false) throw error
    await fetchModule(network, complete, options)
    return spawn(complete)
  }
}

/** Processes of a network trust what it brings them from each other, unless they say whom they trust. */
function trusting(tags = [], network) {
  if (!Array.isArray(tags) || tags.some((tag) => /^authority$/i.test(tag?.name))) return tags
  return [...tags, { name: 'Authority', value: network.address }]
}

async function fetchModule(network, { module: id, signal }, options) {
  const { GATEWAY_URL: gateway = GATEWAY_URL, fetch = globalThis.fetch } = options
  const way = { gateway, fetch, signal }
  try {
    await network.addModule(id, id, { ...way, format: await formatOf(id, way) })
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const advice = 'Give its bytes to connect, as `modules`, or to addModule() of the network'
    const reason = String(cause?.message).replace(/\.$/, '')
    const message = `The network has no module ${id}, and ${gateway} did not give it: ${reason}. ${advice}.`
    throw new AoError('NOT_FOUND', message, { details: { module: id, ...cause?.details }, cause })
  }
}

/** What the module's tag says: gas is counted by it. */
async function formatOf(id, { gateway, fetch, signal }) {
  const response = await fetch(`${gateway.replace(/\/+$/, '')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: FORMAT, variables: { ids: [id] } }),
    signal
  })
  if (!response.ok) throw new AoError('HTTP_STATUS', `A search there was answered with ${response.status}.`)
  const { data } = await response.json()
  const tags = data?.transactions?.edges?.[0]?.node?.tags ?? []
  const format = tags.find(({ name }) => name === 'Module-Format')?.value
  if (!format) throw new AoError('NOT_FOUND', 'It knows no module of this id.')
  return format
}
