// Data item of a call, parsed from the bytes of the request.
import { DataItem } from 'aoxide/ans104'
import { download, h, idText, readable, size } from './dom.js'
import { hexView } from './hex-view.js'
import { tagTable } from './result-view.js'
import { errorView } from './async-status.js'

const SIGNATURE_TYPES = { 1: 'Arweave (RSA)', 2: 'Ed25519', 3: 'Ethereum (secp256k1)', 4: 'Solana (Ed25519)' }
const views = new WeakMap()

async function verdict(item, badge, problems) {
  try {
    const { valid, problems: found } = await item.verify()
    badge.textContent = valid ? 'Signature verified' : 'Not valid'
    badge.className = `badge ${valid ? 'good' : 'bad'}`
    problems.append(
      ...found.map(({ code, message }) => h('li', null, h('code', { class: 'code-chip' }, code), ` ${message}`))
    )
  } catch (error) {
    badge.textContent = 'Not verified'
    badge.className = 'badge bad'
    problems.append(h('li', null, errorView(error)))
  }
}

async function fill(host, raw) {
  const item = await DataItem.parse(raw)
  const badge = h('span', { class: 'badge', 'data-testid': 'verified' }, 'Verifying…')
  const problems = h('ul', { class: 'problems' })
  const text = readable(item.data)
  const anchor = readable(item.anchor)
  const fact = (name, ...value) => [
    h('dt', null, name),
    h('dd', { 'data-testid': `item-${name.toLowerCase()}` }, value)
  ]
  host.replaceChildren(
    h(
      'div',
      { class: 'item-head' },
      badge,
      h(
        'button',
        {
          type: 'button',
          class: 'quiet',
          onclick: () => download(`${item.id}.item`, 'application/octet-stream', item.raw)
        },
        'Save the item'
      )
    ),
    problems,
    h(
      'dl',
      { class: 'facts' },
      fact('Id', idText(item.id, 'item id')),
      fact('Size', h('code', null, `${item.raw.length.toLocaleString('en')} bytes`), ' '),
      fact('Signature', h('code', null, `type ${item.signatureType}`), ` ${SIGNATURE_TYPES[item.signatureType] ?? ''}`),
      fact('Owner', idText(item.address, 'owner address')),
      fact('Target', item.target ? idText(item.target, 'target') : h('span', { class: 'hint' }, 'none')),
      fact(
        'Anchor',
        item.anchor.length
          ? h('code', null, anchor ?? `${item.anchor.length} bytes`)
          : h('span', { class: 'hint' }, 'none')
      ),
      fact(
        'Data',
        h('code', null, size(item.data.length)),
        text?.trim() ? h('pre', { tabindex: '0' }, text.slice(0, 2000)) : ''
      )
    ),
    h('h3', null, 'Tags', h('span', { class: 'count' }, String(item.tags.length))),
    tagTable(item.tags),
    h('h3', null, 'Bytes'),
    hexView(item)
  )
  await verdict(item, badge, problems)
}

export function itemView(entry) {
  if (!entry) return h('p', { class: 'empty' }, 'The signed bytes of a message show up here.')
  if (!entry.item) {
    if (entry.kind === 'dryrun') return h('p', { class: 'empty' }, 'A dryrun signs nothing, so there is no data item.')
    return h('p', { class: 'empty' }, entry.state === 'busy' ? 'Not signed yet.' : 'Nothing was sent.')
  }
  if (!views.has(entry.item)) {
    const host = h('div', { class: 'stack' }, h('p', { class: 'hint' }, 'Reading the item…'))
    fill(host, entry.item).catch((error) => host.replaceChildren(errorView(error)))
    views.set(entry.item, host)
  }
  return views.get(entry.item)
}
