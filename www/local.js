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

/** Switches between the two views. */
function startViews() {
  const show = (name) => {
    $('workbench').hidden = name !== 'workbench'
    $('local').hidden = name !== 'console'
    $('shortcuts').hidden = name === 'console'
    $('skip').href = name === 'console' ? '#prompt-code' : '#code'
  }
  for (const radio of document.querySelectorAll('[name=view]')) {
    radio.addEventListener('change', () => show(radio.value))
    // Browsers restore the field after a reload. The page starts with its default.
    radio.checked = radio.value === 'console'
  }
  $('views').hidden = false
  show('console')
  return {
    toWorkbench() {
      document.querySelector('[name=view][value=workbench]').checked = true
      show('workbench')
    }
  }
}

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

export async function startLocal({ keyIsThere, showCallDetail }) {
  const views = startViews()
  $('lede').textContent =
    'Messenger, scheduler and compute unit run in this page: aoxide, compiled to WebAssembly. What you do here stays in this browser.'
  startProcessList()
  const messageDetail = startMessageDetail({
    showBytes(entry) {
      views.toWorkbench()
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
