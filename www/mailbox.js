// Inbox and outbox of a process, newest first.
import { $, h, oneLine, tabs } from './dom.js'
import { networkStore } from './network-store.js'
import { stateOf, titleOf } from './message-detail.js'
import { session } from './session.js'
import { plain } from './console-log.js'

const SHOWN = 100
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

function rowOf(entry, other, open) {
  const failed = stateOf(entry)[1] === 'bad'
  return h(
    'li',
    null,
    h(
      'button',
      {
        type: 'button',
        class: 'mail',
        'data-key': entry.key,
        'aria-current': session.reading?.key === entry.key ? 'true' : null,
        onclick: () => open(entry)
      },
      h('span', { class: 'mail-party' }, networkStore.nameOf(other)),
      h('span', { class: 'mail-title' }, titleOf(entry), failed && h('span', { class: 'mail-failed' }, ' failed')),
      h('span', { class: 'mail-time' }, time.format(entry.timestamp)),
      h('span', { class: 'mail-data' }, oneLine(plain(entry.data ?? ''), 120))
    )
  )
}

function listOf(entries, party, open, none) {
  if (entries.length === 0) return [h('p', { class: 'empty' }, none)]
  const newest = entries.slice(-SHOWN).reverse()
  const rest = entries.length - newest.length
  return [
    h(
      'ol',
      { class: 'mails' },
      newest.map((entry) => rowOf(entry, entry[party], open))
    ),
    rest > 0 && h('p', { class: 'hint' }, `${rest} older ones are not listed.`)
  ].filter(Boolean)
}

export function startMailbox({ open }) {
  tabs($('mailbox-tabs'))
  const show = () => {
    const process = networkStore.processes.get(session.process)
    const inbox = process?.messages ?? []
    const outbox = process ? networkStore.messages.filter(({ from }) => from === process.id) : []
    $('mailbox-title').textContent = process ? `Mailbox · ${process.name}` : 'Mailbox'
    $('inbox-count').textContent = String(inbox.length)
    $('outbox-count').textContent = String(outbox.length)
    const focused = document.activeElement?.dataset?.key
    const inside = document.activeElement?.closest('[role=tabpanel]')
    $('panel-inbox').replaceChildren(...listOf(inbox, 'from', open, 'No messages received yet.'))
    $('panel-outbox').replaceChildren(...listOf(outbox, 'to', open, 'No messages sent yet.'))
    // Rows are created anew. The focus returns to the same message.
    if (focused) inside?.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true })
  }
  networkStore.addEventListener('change', show)
  for (const what of ['process', 'key', 'read']) session.addEventListener(what, show)
  show()
}
