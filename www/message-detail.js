// Details of one message of the network: sender, receiver, content, result.
import { $, announce, h, idText, pretty } from './dom.js'
import { networkStore } from './network-store.js'
import { prettyView, tagTable } from './result-view.js'
import { session } from './session.js'

const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** Title of a message: its action, otherwise its kind. */
export const titleOf = ({ kind, action }) =>
  action || { spawn: 'Spawn', tick: 'Cron', out: 'Message', message: 'Message' }[kind]

/** State of a message as `[text, style]`. */
export function stateOf({ kind, result }) {
  if (kind === 'out') return ['not for a process', '']
  if (!result) return ['not evaluated yet', '']
  return result.Error ? ['process error', 'bad'] : ['evaluated', 'good']
}

const fact = (name, ...value) => [h('dt', null, name), h('dd', null, value)]

const partyView = (id, what) => {
  const name = networkStore.nameOf(id)
  return [h('b', null, name), ' ', idText(id, what)]
}

function factsView(entry) {
  const { id, slot, from, to, timestamp } = entry
  return h(
    'dl',
    { class: 'facts' },
    fact('From', partyView(from, 'sender')),
    fact('To', partyView(to, 'receiver')),
    fact('Time', time.format(timestamp)),
    id && fact('Id', idText(id, 'message id')),
    slot !== undefined && fact('Slot', h('code', null, String(slot)))
  )
}

/** @param showBytes called with the history entry of the message, if this page sent it */
function view(entry, showBytes) {
  const sent = session.entries.find(({ id }) => id && id === entry.id)
  const { data, tags, result } = entry
  return [
    factsView(entry),
    data?.trim() && h('h3', null, 'Data'),
    data?.trim() && h('pre', { tabindex: '0', 'data-testid': 'message-detail-data' }, pretty(data)),
    result && prettyView(result),
    h('details', { class: 'more' }, h('summary', null, `${tags.length} tags`), tags.length > 0 && tagTable(tags)),
    sent &&
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', class: 'quiet', onclick: () => showBytes(sent) }, 'Its bytes and requests')
      )
  ].filter(Boolean)
}

/** Scrolls to the panel: on narrow pages it is far below the diagram. */
function bringIntoView() {
  const { top, bottom } = $('message-detail').getBoundingClientRect()
  if (top < innerHeight - 160 && bottom > 160) return
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  $('message-detail').scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'nearest' })
}

export function startMessageDetail({ showBytes }) {
  let shown
  const show = () => {
    if (!shown)
      return $('message-detail-body').replaceChildren(
        h('p', { class: 'hint' }, 'Select an arrow or a message in the mailbox.')
      )
    const [words, style] = stateOf(shown)
    $('message-detail-title').textContent = titleOf(shown)
    $('message-detail-state').hidden = false
    $('message-detail-state').textContent = words
    $('message-detail-state').className = `badge ${style}`
    $('message-detail-body').replaceChildren(...view(shown, showBytes))
  }
  show()
  return {
    /** Selects a message in this panel, the diagram and the mailbox. */
    open(entry) {
      shown = entry
      show()
      session.read(entry)
      announce(`${titleOf(entry)} from ${networkStore.nameOf(entry.from)} to ${networkStore.nameOf(entry.to)}`)
      bringIntoView()
    }
  }
}
