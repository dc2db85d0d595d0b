// Details of one call in the history: result, data item, requests, code.
import { awaitResult, runCall } from './call.js'
import { codeView } from './code-view.js'
import { $, announce, tabs } from './dom.js'
import { kindOf, stateOf } from './history.js'
import { itemView } from './item-view.js'
import { answerOf, resultView } from './result-view.js'
import { session } from './session.js'
import { AsyncStatus } from './async-status.js'
import { startWire } from './wire.js'

export function startCallDetail() {
  const status = new AsyncStatus($('again-status'), { controls: [$('ask-again')] })
  const tabList = tabs($('tabs'))
  let form = 'pretty'

  const showResult = () => {
    const entry = session.selected
    $('result').replaceChildren(
      resultView(entry, form, (next) => {
        form = next
        showResult()
        document.querySelector('[name=result-form]:checked').focus()
      })
    )
    const missing = entry?.id && !entry.result && entry.state !== 'busy'
    $('again').hidden = !missing
    $('ask-again').textContent =
      entry?.kind === 'spawn' ? 'Ask for the result of the spawn' : 'Ask for the result again'
  }

  const showHead = () => {
    const entry = session.selected
    if (!entry) return
    const [words, style] = stateOf(entry)
    $('call-detail-title').textContent = `${kindOf(entry)} · ${entry.title}`
    $('call-detail-state').hidden = false
    $('call-detail-state').textContent = words
    $('call-detail-state').className = `badge ${style}`
  }

  const showItem = () => $('panel-item').replaceChildren(itemView(session.selected))
  const showCode = () => $('panel-code').replaceChildren(codeView(session.selected))

  startWire($('panel-wire'), (count) => {
    $('wire-count').textContent = String(count)
    $('wire-count').hidden = count === 0
  })
  const show = () => {
    status.clear()
    showHead()
    showResult()
    showItem()
    showCode()
  }
  session.addEventListener('select', show)
  session.addEventListener('entry', ({ entry, fields }) => {
    if (entry !== session.selected) return
    showHead()
    if ('item' in fields || 'state' in fields) showItem()
    if ('result' in fields || 'error' in fields || 'id' in fields) showResult()
    if ('answer' in fields && entry.kind !== 'spawn') announce(`Result: ${entry.answer}`)
  })

  $('ask-again').addEventListener('click', async () => {
    const entry = session.selected
    if (status.busy) return
    const { value: result } = await runCall(status, 'Waiting for the result…', entry, (ao, progress) =>
      awaitResult(ao, { process: entry.process, message: entry.id }, progress)
    )
    status.clear()
    if (!result) return
    session.change(entry, { result, answer: answerOf(result) })
  })
  show()

  return {
    /** Selects an entry, focuses the panel and scrolls to it. */
    open(entry) {
      session.select(entry)
      $('call-detail').focus({ preventScroll: true })
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
      $('call-detail').scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'nearest' })
    },
    showTab: tabList.select
  }
}
