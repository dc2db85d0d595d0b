// Chooses the network. `/network.json` names it; without that file, the page runs its own.
import { $, h } from './dom.js'
import { session } from './session.js'

const NAME = 'playground'
/** Gas limit of one message. It ends endless code after one or two seconds in the browser's own engine. */
const GAS_PER_MESSAGE = 3e11
/** The Lua module is added with a format that is metered, so that the page can show the gas. */
const METERED = 'wasm32-unknown-emscripten-metering'
/** Without a server that has aos, it is downloaded from Arweave when a process needs it. */
const AOS = { name: 'aos 2.0.6, from Arweave', id: 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s' }

export async function findNetwork() {
  try {
    const response = await fetch('/network.json')
    if (response.ok) return await response.json()
  } catch {
    // The page is served without the demo's server.
  }
  return { mode: 'local', modules: [AOS] }
}

/** Opens the network in the page. Its processes run the package's Lua module, or one of `modules`. */
export async function openNetwork({ modules = [] }) {
  const [network, lua] = await Promise.all([createNetwork(), luaRuntime()])
  const { GATEWAY_URL, GRAPHQL_URL, MU_URL, SU_URL, CU_URL } = network.units
  session.runtimes = [lua, ...modules]
  session.useNetwork(network, {
    ...{ gateway: GATEWAY_URL, graphql: GRAPHQL_URL, mu: MU_URL, su: SU_URL, cu: CU_URL },
    ...{ module: lua.id, scheduler: network.address, authority: network.address }
  })
}

async function createNetwork() {
  const { createLocalNetwork } = await import('aoxide/local')
  const onEvent = (event) => session.hear(event)
  const options = { name: NAME, computeLimit: GAS_PER_MESSAGE, onEvent }
  try {
    const network = await createLocalNetwork({ ...options, storage: 'indexeddb' })
    showNetwork(true)
    return network
  } catch (error) {
    if (error.code !== 'UNSUPPORTED' && error.code !== 'STORAGE') throw error
    showNetwork(false)
    return createLocalNetwork({ ...options, storage: 'memory' })
  }
}

async function luaRuntime() {
  const { luaModule } = await import('aoxide/lua')
  const { id, bytes } = await luaModule()
  return { name: 'aoxide’s Lua', id, bytes, format: METERED }
}

/** Adds a known module to the network, unless the network has it. */
export async function provideModule(id) {
  const runtime = session.runtimes.find((known) => known.id === id)
  if (!runtime?.bytes && !runtime?.url) return
  // A query for the package's own module would have the network add it, with a format that is not metered.
  if (runtime.bytes) return session.local.addModule(id, runtime.bytes, { format: runtime.format })
  const query = 'query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { id } } } }'
  const body = JSON.stringify({ query, variables: { ids: [id] } })
  const { data } = await (await session.local.fetch('/graphql', { method: 'POST', body })).json()
  if (data.transactions.edges.length > 0) return
  await session.local.addModule(id, await download(runtime.url), { format: runtime.format })
}

const hexOf = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Bytes and SHA-256 of the module that a process of the network runs. */
export async function moduleOf(process) {
  const response = await session.local.fetch(`/su/processes/${process}`)
  // Who asks for the process says what is wrong with it.
  if (!response.ok) return undefined
  const id = (await response.json()).tags.find(({ name }) => name === 'Module')?.value
  const known = session.runtimes.find((runtime) => runtime.id === id)?.bytes
  const bytes = known ?? new Uint8Array(await (await session.local.fetch(`/raw/${id}`)).arrayBuffer())
  return { bytes, sha256: hexOf(await crypto.subtle.digest('SHA-256', bytes)) }
}

async function download(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The module ${url} could not be downloaded (status ${response.status})`)
  return response.arrayBuffer()
}

function showNetwork(lasts) {
  $('network-name').textContent = 'In this page'
  $('network-hint').textContent = lasts
    ? 'Messenger, scheduler, compute unit and gateway run in this page. The browser stores everything in IndexedDB; no data leaves it.'
    : 'Messenger, scheduler, compute unit and gateway run in this page. This browser blocks storage: a reload deletes the network.'
  const forget = h('button', { type: 'button', id: 'network-forget' }, 'Delete this network')
  const sure = h('button', { type: 'button', id: 'network-forget-sure', hidden: true }, 'Yes, delete everything')
  forget.addEventListener('click', () => {
    forget.hidden = true
    sure.hidden = false
    sure.focus()
  })
  sure.addEventListener('click', async () => {
    await session.local.close()
    indexedDB.deleteDatabase(`aoxide-local-${NAME}`).onsuccess = () => location.reload()
  })
  $('network-fields').replaceChildren(h('div', { class: 'actions' }, forget, sure))
}
