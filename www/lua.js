// Lua console: sends code as a signed Eval message and shows the output below it.
import { AoError } from 'aoxide'
import { awaitResult, runCall } from './call.js'
import { freshAnchor } from './anchor.js'
import { $, announce, h, idText, keys, oneLine, short } from './dom.js'
import { createKey } from './keys.js'
import { networkStore } from './network-store.js'
import { startPrompt } from './prompt.js'
import { answerOf } from './result-view.js'
import { startSamples } from './sample-picker.js'
import { session } from './session.js'
import { AsyncStatus } from './async-status.js'
import { promptOf, saidView, ConsoleLog } from './console-log.js'

const EVAL = [{ name: 'Action', value: 'Eval' }]

const current = () => networkStore.processes.get(session.process)

/** Shows the selected process: console log, prompt, and whether it accepts Eval. */
function startView({ open, pending }) {
  const consoleLog = new ConsoleLog(open)
  let shown
  const show = () => {
    const process = current()
    $('lua-start').hidden = Boolean(process)
    $('lua-body').hidden = !process
    if (!process) return
    if (shown !== process) $('lua-subject').replaceChildren(idText(process.id, 'process id'))
    $('lua-title').textContent = `Lua console · ${process.name}`
    $('prompt-sign').textContent = promptOf(process)
    const views = [...consoleLog.of(process), ...pending(process)]
    const list = $('console-log')
    const isNew = views.at(-1) !== list.lastElementChild
    views.forEach((view, place) => {
      if (list.children[place] !== view) list.insertBefore(view, list.children[place] ?? null)
    })
    while (list.children.length > views.length) list.lastElementChild.remove()
    if (isNew || shown !== process) list.parentElement.scrollTop = list.scrollHeight
    shown = process
    const isOwner = process.owner === session.key?.address
    $('lua-stranger').hidden = isOwner
    $('lua-stranger').textContent =
      `${process.name} evaluates Lua from its owner only: ${networkStore.nameOf(process.owner)}.`
  }
  networkStore.addEventListener('change', show)
  session.addEventListener('process', show)
  session.addEventListener('key', show)
  return show
}

export function startLua({ open, spawn }) {
  const status = new AsyncStatus($('lua-status'), { controls: [$('lua-begin'), $('prompt-run')] })
  /** Code without an output yet. */
  let pending
  /** The message may have been sent although the user stopped waiting. */
  const hasCome = ({ messages }) =>
    messages.some(({ result, data, timestamp }) => result && data === pending.data && timestamp >= pending.since)
  const show = startView({
    open,
    pending(process) {
      if (pending?.process !== process.id) return []
      if (hasCome(process)) pending = undefined
      return pending ? [pending.view] : []
    }
  })

  const run = async () => {
    const process = current()
    if (status.busy || !process) return
    if (!session.key)
      return status.fail(new AoError('BAD_ARGUMENT', 'A message must be signed. Create a key in the workbench first.'))
    const data = prompt.take()
    if (data.trim() === '') return
    const { signer } = session.key
    const said = saidView(promptOf(process), data)
    const view = h('li', { class: 'turn pending' }, said)
    pending = { process: process.id, since: Date.now(), data, view }
    show()
    const input = { process: process.id, tags: EVAL, data, ...freshAnchor() }
    const entry = session.begin({ kind: 'eval', title: oneLine(data), input, process: process.id })
    const { value: result, error } = await runCall(status, 'Signing…', entry, async (ao, progress) => {
      const id = await ao.message({ ...input, signer })
      session.change(entry, { id })
      return awaitResult(ao, { process: process.id, message: id }, progress)
    })
    if (result) {
      session.change(entry, { result, answer: answerOf(result) })
      await networkStore.refresh(process.id)
    } else if (!entry.id && error.name !== 'Stopped') {
      // The network refused the message: the user can change it.
      view.remove()
      pending = undefined
      prompt.put(data)
    }
    show()
  }

  const prompt = startPrompt(run, current)
  startSamples((code) => {
    prompt.put(code)
    prompt.focus()
  })
  $('prompt').addEventListener('submit', (event) => {
    event.preventDefault()
    run()
  })
  $('prompt').addEventListener('keydown', (event) => {
    if (event.key === 'Escape') status.stop()
  })
  $('lua-begin').addEventListener('click', async () => {
    const { value: id } = await status.run('Beginning…', async (progress) => {
      if (!session.key) session.useKey(await createKey(progress))
      progress.stage('Spawning a process…')
      return spawn($('new-process-name').value)
    })
    if (!id) return
    announce(`Process ${short(id)} was spawned`)
    prompt.put('return 1 + 41')
    prompt.focus()
  })
  const hints = [
    keys('Enter'),
    ' runs, ',
    keys('Shift', 'Enter'),
    ' inserts a line break, ',
    keys('↑'),
    ' restores earlier code'
  ]
  $('prompt-keys').append(...hints.flat(Infinity))
  show()
}
