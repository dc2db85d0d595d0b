// Processes of the network in this page, and the form that spawns one.
import { runCall } from './call.js'
import { $, announce, h, short } from './dom.js'
import { provideModule } from './network.js'
import { networkStore } from './network-store.js'
import { session } from './session.js'
import { AsyncStatus } from './async-status.js'

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi']

/** List of processes. Selecting one shows it in the console and the mailbox. */
export function startProcessList() {
  const rows = new Map()
  const rowOf = ({ id }) => {
    const name = h('span', { class: 'process-name' })
    const facts = h('span', { class: 'process-facts' })
    const button = h('button', { type: 'button', class: 'process-row', onclick: () => session.useProcess(id) })
    button.append(name, h('code', { class: 'process-id' }, short(id)), facts)
    const update = (process) => {
      name.textContent = process.name
      const { length } = process.messages
      facts.textContent = `${length} ${length === 1 ? 'message' : 'messages'}`
      if (session.process === id) button.setAttribute('aria-current', 'true')
      else button.removeAttribute('aria-current')
    }
    return { element: h('li', null, button), update }
  }
  const show = () => {
    for (const process of networkStore.processes.values()) {
      if (!rows.has(process.id)) rows.set(process.id, rowOf(process))
      const { element, update } = rows.get(process.id)
      update(process)
      $('process-list').append(element)
    }
    $('processes-count').hidden = rows.size === 0
    $('processes-count').textContent = String(rows.size)
  }
  const redraw = () => {
    // An element loses the focus when it is moved.
    const focused = document.activeElement
    show()
    if (focused?.closest('#process-list')) focused.focus()
  }
  networkStore.addEventListener('change', redraw)
  session.addEventListener('process', () => {
    redraw()
    const { element } = rows.get(session.process) ?? {}
    if (element) $('process-list').scrollTop = element.offsetTop - $('process-list').offsetTop - element.offsetHeight
  })
}

const nextName = () => {
  const taken = new Set([...networkStore.processes.values()].map(({ name }) => name))
  return NAMES.find((name) => !taken.has(name)) ?? `Process ${networkStore.processes.size + 1}`
}

/** Spawns a process with a name and the chosen module. */
export function startSpawning() {
  $('new-process-module').append(...session.runtimes.map(({ name, id }) => new Option(name, id)))
  const status = new AsyncStatus($('new-process-status'), { controls: [$('new-process-spawn')] })
  const spawn = async (name) => {
    const input = { module: $('new-process-module').value, tags: [{ name: 'Name', value: name.trim() || nextName() }] }
    const entry = session.begin({ kind: 'spawn', title: name, input })
    const { value: id, error } = await runCall(status, 'Spawning…', entry, async (ao) => {
      await provideModule(input.module)
      return ao.spawn({ ...input, signer: session.key.signer })
    })
    if (error) throw error
    session.change(entry, { id, process: id, answer: short(id) })
    await networkStore.refresh()
    session.useProcess(id)
    return id
  }
  $('new-process').addEventListener('submit', async (event) => {
    event.preventDefault()
    if (status.busy) return
    if (!session.key) return $('lua-begin').click()
    // The status row shows the failure.
    const id = await spawn($('new-process-name').value).catch(() => undefined)
    if (id) announce(`Process ${short(id)} was spawned`)
  })
  networkStore.addEventListener('change', () => ($('new-process-name').value = nextName()))
  return spawn
}
