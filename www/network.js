// Chooses the network. `/network.json` names it; without that file, the page runs its own.
import { $, h } from './dom.js'
import { session } from './session.js'

const NAME = 'playground'
/** Default module: aos 2.0.6, downloaded from Arweave with the first process. */
const AOS = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
/** Gas limit of one message. It ends endless code after one or two seconds in the browser's own engine. */
const GAS_PER_MESSAGE = 3e11

export async function findNetwork() {
  try {
    const response = await fetch('/network.json')
    if (response.ok) return await response.json()
  } catch {
    // The page is served without the demo's server.
  }
  return { mode: 'local', module: { id: AOS } }
}

/** Opens the network in the page. `module` names the processes' module and its URL. */
export async function openNetwork({ module }) {
  const { createLocalNetwork } = await import('aoxide/local')
  const onEvent = (event) => session.hear(event)
  const options = { name: NAME, computeLimit: GAS_PER_MESSAGE, onEvent }
  let lasts = true
  const network = await createLocalNetwork({ ...options, storage: 'indexeddb' }).catch((error) => {
    if (error.code !== 'UNSUPPORTED' && error.code !== 'STORAGE') throw error
    lasts = false
    return createLocalNetwork({ ...options, storage: 'memory' })
  })
  if (module.url) await addModule(network, module)
  const { GATEWAY_URL, GRAPHQL_URL, MU_URL, SU_URL, CU_URL } = network.units
  session.useNetwork(network, {
    ...{ gateway: GATEWAY_URL, graphql: GRAPHQL_URL, mu: MU_URL, su: SU_URL, cu: CU_URL },
    ...{ module: module.id, scheduler: network.address, authority: network.address }
  })
  showNetwork(lasts)
}

async function addModule(network, { id, url, format }) {
  const query = 'query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { id } } } }'
  const body = JSON.stringify({ query, variables: { ids: [id] } })
  const { data } = await (await network.fetch('/graphql', { method: 'POST', body })).json()
  if (data.transactions.edges.length > 0) return
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The module ${url} could not be downloaded (status ${response.status})`)
  await network.addModule(id, await response.arrayBuffer(), { format })
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
