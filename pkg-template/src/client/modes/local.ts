// Local mode: which network the verbs are for, and the defaults of `spawn` there. Fetched on first use.

import { AoError } from '../../errors.js'
import type { LocalNetwork, ModuleSource } from '../../local/index.js'
import type { Tag } from '../../types.js'
import { part } from '../../wasm/lazy-module.js'
import { once, type Call, type Input } from '../call-policy.js'
import type { CommonOptions } from '../options.js'
import type { LegacyClient, SpawnInput } from './legacy/types.js'
import type { AbortSignal, Fetch } from '../../web-types.js'

/** Options of local mode: the network, and where missing modules are downloaded from. */
export interface LocalOptions extends Pick<
  CommonOptions,
  'timeout' | 'retry' | 'responseLimit' | 'fetch' | 'onRequest' | 'onResponse'
> {
  MODE: 'local'
  /**
   * The network that `createLocalNetwork` of `aoxide/local` made, or the promise of it. By default all clients of the page
   * share one network. The first call opens it. It is stored in IndexedDB, or in memory where there is no IndexedDB.
   */
  network?: LocalNetwork | Promise<LocalNetwork>
  /** Modules by their ids: their bytes, or their source. They are added to the network before the first call. */
  modules?: Readonly<Record<string, ModuleSource>>
  /**
   * Missing modules are downloaded once from here by `spawn`, and stored in the network. Default: `https://arweave.net`.
   * `false` turns downloads off. No other request leaves the page.
   */
  GATEWAY_URL?: string | false
  /** Address of the scheduler of new processes. Default: that of the network. */
  SCHEDULER?: string
  /** Downloads modules from the gateway. Default: the runtime's own `fetch`. */
  fetch?: Fetch
}

/** Input of `spawn`. */
export interface LocalSpawnInput extends Omit<SpawnInput, 'module' | 'scheduler'> {
  /**
   * Id of the module. Default: the Lua module of this package. Its processes evaluate `data`, which is Lua source, when they
   * start.
   */
  module?: string
  /** Address of the scheduler. Default: `SCHEDULER` of `connect`, or else that of the network. */
  scheduler?: string
  /** Without an `Authority` tag, the process trusts the network, and with it the messages of other processes. */
  tags?: readonly Tag[]
}

/** The verbs of the legacy network, on a local one. Each of them may also reject with an error of `createLocalNetwork`. */
export interface LocalClient extends Omit<LegacyClient, 'MODE' | 'spawn'> {
  MODE: 'local'
  /** The network of this client. Reading this property opens it. */
  readonly network: Promise<LocalNetwork>
  /**
   * Spawns a process. Without a `module`, it is a process of this package's Lua runtime, which evaluates `data`. Another
   * module is downloaded from the gateway if the network does not have it.
   *
   * @returns the id of the process
   * @example
   * const process = await ao.spawn({ signer, data: 'Count = 0' })
   *
   * @throws {AoError} `NOT_FOUND` when neither the network nor the gateway has the module; the rest as
   * {@link LegacyClient.spawn}
   */
  spawn(input: LocalSpawnInput): Promise<string>
}

const GATEWAY_URL = 'https://arweave.net'
const QUERY = 'query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { signature tags { name value } } } } }'

/** @internal Opens the network of a client: the caller's, or the shared one. */
export async function open({ network, modules = {} }: LocalOptions): Promise<LocalNetwork> {
  const opened = await (network === undefined ? openShared() : network)
  if (typeof opened?.fetch !== 'function' || typeof opened.addModule !== 'function') {
    const received = opened === null ? 'null' : typeof opened
    const advice = "Make one with createLocalNetwork() of 'aoxide/local', or leave it out"
    throw new AoError('BAD_ARGUMENT', `'network': Expected a local network, received ${received}. ${advice}.`)
  }
  for (const [id, source] of Object.entries(modules)) await opened.addModule(id, source)
  return opened
}

/** Opens the network that clients without a `network` share. */
const openShared = /* @__PURE__ */ once(async () => {
  const { createLocalNetwork } = await part(import('../../local/index.js'))
  return createLocalNetwork({ storage: globalThis.indexedDB ? 'indexeddb' : 'memory' })
})

/** @internal Spawns a process. Downloads the module and tries again when the network lacks it. */
export async function spawn(
  network: LocalNetwork,
  input: Input | undefined,
  options: LocalOptions,
  call: Call
): Promise<unknown> {
  const complete = input && completed(input['module'] === undefined ? await withLua(input) : input, network, options)
  try {
    return await call(complete)
  } catch (error) {
    // The module is looked up before anything is signed.
    if (!(error instanceof AoError) || error.code !== 'NOT_FOUND' || options.GATEWAY_URL === false) throw error
    if (complete) await addModule(network, complete, options)
    return call(complete)
  }
}

/** The input with its defaults: the network's scheduler, and a process that trusts the network. */
function completed(input: Input, network: LocalNetwork, { SCHEDULER = network.address }: LocalOptions): Input {
  return { ...input, scheduler: input['scheduler'] ?? SCHEDULER, tags: trusting(input['tags'], network) }
}

/**
 * The input of a spawn without a module: that of this package's Lua module, which local networks add for the first request that
 * names it. The tag `On-Boot` makes the process evaluate its data.
 */
async function withLua(input: Input): Promise<Input> {
  const { data, tags = [] } = input
  const boots = data !== undefined && Array.isArray(tags) && !hasTag(tags as Tag[], /^on-boot$/i)
  return {
    ...input,
    module: (await part(import('../../wasm/lua.id.js'))).default,
    tags: boots ? [...(tags as Tag[]), { name: 'On-Boot', value: 'Data' }] : tags
  }
}

const hasTag = (tags: readonly (Tag | undefined)[], name: RegExp) => tags.some((tag) => name.test(tag?.name ?? ''))

/** Tags with an `Authority`: by default a process trusts the network, which delivers the messages of other processes. */
function trusting(tags: unknown = [], network: LocalNetwork): unknown {
  if (!Array.isArray(tags) || hasTag(tags as Tag[], /^authority$/i)) return tags
  return [...(tags as Tag[]), { name: 'Authority', value: network.address }]
}

/** How a module is downloaded. */
export interface Download {
  gateway: string
  fetch: Fetch
  signal?: AbortSignal
}

async function addModule(network: LocalNetwork, input: Input, options: LocalOptions): Promise<void> {
  const { signal } = input
  // It was accepted as the id of a module before.
  const id = input['module'] as string
  const { GATEWAY_URL: gateway = GATEWAY_URL, fetch = globalThis.fetch } = options
  const download: Download = { gateway: gateway as string, fetch, ...(signal && { signal }) }
  try {
    await network.addModule(id, id, { ...download, format: await formatOf(id, download) })
  } catch (thrown) {
    if (signal?.aborted) throw signal.reason
    const cause = thrown as Partial<AoError>
    const advice = 'Pass its bytes to connect, as `modules`, or to addModule() of the network'
    const reason = String(cause?.message).replace(/\.$/, '')
    const message = `The network has no module ${id}, and its download from ${gateway} failed: ${reason}. ${advice}.`
    throw new AoError('NOT_FOUND', message, { details: { module: id, ...cause?.details }, cause })
  }
}

/** The module's tag `Module-Format`, which says how gas is counted. */
async function formatOf(id: string, download: Download): Promise<string> {
  const format = tagOf(await itemOf(id, download), 'Module-Format')
  if (!format) throw new AoError('NOT_FOUND', 'The gateway has no module of this id.')
  return format
}

interface GatewayItem {
  signature?: string
  tags?: Tag[]
}

interface GatewayResponse {
  data?: { transactions?: { edges?: { node?: GatewayItem }[] } }
}

const tagOf = (item: GatewayItem | undefined, name: string) => item?.tags?.find((tag) => tag.name === name)?.value

/** What the gateway's index has of an item. */
async function itemOf(id: string, { gateway, fetch, signal }: Download): Promise<GatewayItem | undefined> {
  const response = await fetch(`${gateway.replace(/\/+$/, '')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, variables: { ids: [id] } }),
    signal: signal ?? null
  })
  if (!response.ok)
    throw new AoError('HTTP_STATUS', `The gateway answered ${response.status} to the query for its tags.`)
  const { data } = (await response.json()) as GatewayResponse
  return data?.transactions?.edges?.[0]?.node
}

/**
 * @internal The module of a process of the local network, pinned, if the network has it under an id to which no signature
 * belongs. `undefined` if it is a signed item, which can be verified.
 */
export async function pinnedModule(
  process: string,
  download: Download
): Promise<{ bytes: Uint8Array; sha256: string } | undefined> {
  const id = tagOf(await itemOf(process, download), 'Module')
  const item = id && (await itemOf(id, download))
  const web: Crypto | undefined = globalThis.crypto
  // Pages that are not a secure context cannot hash.
  if (!item || item.signature || !web?.subtle) return undefined
  const response = await download.fetch(`${download.gateway}/raw/${id}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const hash = new Uint8Array(await web.subtle.digest('SHA-256', bytes))
  return { bytes, sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('') }
}
