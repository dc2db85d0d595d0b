// Local mode: console and views of the network in this page.
import { $ } from './dom.js'
import { networkStore } from './network-store.js'
import { startMessageDetail } from './message-detail.js'
import { startLua } from './lua.js'
import { startMailbox } from './mailbox.js'
import { startProcessList, startSpawning } from './processes.js'
import { session } from './session.js'
import { startSequenceDiagram } from './sequence-diagram.js'

const CHOSEN = 'aoxide-process'

const remembered = () => {
  try {
    return localStorage.getItem(CHOSEN)
  } catch {
    return null
  }
}

const remember = (id) => {
  try {
    localStorage.setItem(CHOSEN, id)
  } catch {
    // Storage is blocked: the next visit selects the first process.
  }
}

export async function startLocal({ keyIsThere, showCallDetail, views }) {
  $('lede').textContent =
    'Messenger, scheduler and compute unit run in this page: aoxide, compiled to WebAssembly. What you do here stays in this browser.'
  startProcessList()
  const messageDetail = startMessageDetail({
    showBytes(entry) {
      views.show('workbench')
      showCallDetail(entry)
    }
  })
  startMailbox({ open: messageDetail.open })
  startSequenceDiagram({ open: messageDetail.open })
  startLua({ open: messageDetail.open, spawn: startSpawning() })
  session.addEventListener('process', () => remember(session.process))
  await keyIsThere
  await networkStore.start()
  const { processes } = networkStore
  const chosen = processes.has(remembered()) ? remembered() : processes.keys().next().value
  if (chosen) session.useProcess(chosen)
}
