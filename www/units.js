// URLs of units outside the page: a network on this machine, or the public one. The user can edit each URL.
import { $, h } from './dom.js'
import { session } from './session.js'

const PUBLIC = {
  gateway: 'https://arweave.net',
  graphql: 'https://arweave.net/graphql',
  mu: 'https://mu.ao-testnet.xyz',
  cu: 'https://cu.ao-testnet.xyz',
  module: 'JArYBF-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g',
  scheduler: '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA',
  authority: 'fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY'
}

const FIELDS = [
  ['gateway', 'Gateway'],
  ['graphql', 'Gateway’s GraphQL'],
  ['mu', 'Messenger unit (MU)'],
  ['cu', 'Compute unit (CU)']
]

/** Unit behind a URL: `mu`, `cu`, `su`, `gateway`, or the host name for another server. */
export function unitOf(url) {
  const known = ['graphql', 'mu', 'cu', 'su', 'gateway']
  const name = known.find((unit) => session.units[unit] && url.startsWith(session.units[unit]))
  return name === 'graphql' ? 'gateway' : (name ?? new URL(url, location.href).host)
}

export const addresses = () => ({
  GATEWAY_URL: session.units.gateway,
  GRAPHQL_URL: session.units.graphql,
  MU_URL: session.units.mu,
  CU_URL: session.units.cu
})

/** Normalises a URL and removes its trailing slash. */
const tidy = (address) => address.trim().replace(/\/+$/, '')

const isAddress = (text) => {
  try {
    return /^https?:$/.test(new URL(text).protocol)
  } catch {
    return false
  }
}

/** @param own URLs of a network on this machine, if there is one */
export function startUnits(own) {
  const defaults = { ...PUBLIC, ...own }
  const name = own ? 'Local units' : 'AO’s public units'

  const field = ([unit, label]) => {
    const id = `unit-${unit}`
    const problem = h('p', { class: 'field-error', id: `${id}-problem`, role: 'alert', hidden: true })
    const input = h('input', { id, type: 'url', class: 'mono', spellcheck: 'false', autocomplete: 'off' })
    input.setAttribute('aria-describedby', problem.id)
    input.addEventListener('change', () => {
      const address = tidy(input.value)
      const good = isAddress(address)
      input.setAttribute('aria-invalid', String(!good))
      problem.hidden = good
      problem.textContent = good ? '' : 'BAD_ARGUMENT: Start the URL with http:// or https://'
      if (good) session.useUnits({ ...session.units, [unit]: address })
    })
    return h('div', { class: 'field' }, h('label', { for: id }, label), input, problem)
  }
  $('network-fields').replaceChildren(...FIELDS.map(field))

  const show = () => {
    const edited = FIELDS.some(([unit]) => session.units[unit] !== defaults[unit])
    $('network-name').textContent = edited ? 'Edited addresses' : name
    $('network-reset').hidden = !edited
    for (const [unit] of FIELDS) {
      const input = $(`unit-${unit}`)
      if (input.getAttribute('aria-invalid') !== 'true') input.value = session.units[unit]
    }
  }
  $('network-hint').textContent = own
    ? 'A network on this machine. Messages stay on it.'
    : 'Messages sent here are public and stay on Arweave.'
  session.addEventListener('units', show)
  $('network-reset').addEventListener('click', () => {
    for (const [unit] of FIELDS) {
      $(`unit-${unit}`).removeAttribute('aria-invalid')
      $(`unit-${unit}-problem`).hidden = true
    }
    session.useUnits(defaults)
    $('unit-gateway').focus()
  })
  session.useUnits(defaults)
}
