// Lua console: sends code as a signed Eval message and shows the output below it.
import { AoError } from 'aoxide'
import { awaitResult, runCall } from './call.js'
import { $, announce, h, idText, keys, oneLine, short } from './dom.js'
import { createKey } from './keys.js'
import { networkStore } from './network-store.js'
import { answerOf } from './result-view.js'
import { SAMPLES } from './samples.js'
import { session } from './session.js'
import { AsyncStatus } from './async-status.js'
import { isEval, promptOf, saidView, ConsoleLog } from './console-log.js'

const EVAL = [{ name: 'Action', value: 'Eval' }]

const current = () => networkStore.processes.get(session.process)

/** Input that grows with its text. Arrow keys restore earlier text. */
function startPrompt(run) {
  const field = $('prompt-code')
  let at
  let draft = ''
  const said = () => {
    const process = current()
    return process ? process.messages.filter((entry) => isEval(entry, process)).map(({ data }) => data) : []
  }
  const fit = () => {
    field.style.height = 'auto'
    field.style.height = `${field.scrollHeight + 2}px`
  }
  const put = (text) => {
    field.value = text
    fit()
    field.setSelectionRange(text.length, text.length)
  }
  const recall = (step) => {
    const earlier = said()
    at ??= earlier.length
    if (at === earlier.length) draft = field.value
    const to = at + step
    if (to < 0 || to > earlier.length) return
    at = to
    put(earlier[at] ?? draft)
  }
  field.addEventListener('input', () => {
    at = undefined
    fit()
  })
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return
    const { selectionStart, selectionEnd, value } = field
    const onFirst = !value.slice(0, selectionStart).includes('\n')
    const onLast = !value.slice(selectionEnd).includes('\n')
    if (event.key === 'Enter' && !event.shiftKey) run()
    else if (event.key === 'ArrowUp' && onFirst) recall(-1)
    else if (event.key === 'ArrowDown' && onLast) recall(1)
    else return
    event.preventDefault()
  })
  return {
    put,
    take() {
      const text = field.value
      at = undefined
      put('')
      return text
    }
  }
}

function startSamples(put) {
  const show = () => {
    const { steps } = SAMPLES[$('sample').selectedIndex]
    const chip = ([label, code]) => h('button', { type: 'button', class: 'chip', onclick: () => put(code) }, label)
    $('sample-steps').replaceChildren(...steps.map(chip))
  }
  $('sample').append(...SAMPLES.map(({ name }) => new Option(name)))
  $('sample').addEventListener('change', show)
  show()
}

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
    const input = { process: process.id, tags: EVAL, data }
    const entry = session.begin({ kind: 'eval', title: oneLine(data), input, process: process.id })
    const { value: result } = await runCall(status, 'Signing…', entry, async (ao, progress) => {
      const id = await ao.message({ ...input, signer })
      session.change(entry, { id })
      return awaitResult(ao, { process: process.id, message: id }, progress)
    })
    if (result) {
      session.change(entry, { result, answer: answerOf(result) })
      await networkStore.refresh(process.id)
    }
    show()
  }

  const prompt = startPrompt(run)
  startSamples((code) => {
    prompt.put(code)
    $('prompt-code').focus()
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
    $('prompt-code').focus()
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
