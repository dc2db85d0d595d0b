// History of calls, newest first. Selecting an entry shows its result, item and requests.
import { $, duration, h } from './dom.js'
import { session } from './session.js'

const KINDS = { spawn: 'Spawn', eval: 'Eval', message: 'Message', dryrun: 'Dryrun' }
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export const kindOf = (entry) => KINDS[entry.kind]

/** State of a call as `[text, style]`: an error of the call, an error of the process, or success. */
export function stateOf(entry) {
  if (entry.state === 'busy') return ['under way', 'busy']
  if (entry.state === 'failed') return [entry.error.code ?? entry.error.name ?? 'failed', 'bad']
  if (entry.result?.Error) return ['process error', 'bad']
  return ['done', 'good']
}

function lineOf(entry, onOpen) {
  const state = h('span', { class: 'history-state' })
  const answer = h('span', { class: 'history-answer' })
  const figures = h('span', { class: 'history-figures' })
  const button = h(
    'button',
    { type: 'button', class: 'history-entry', 'data-testid': `history-${entry.number}`, onclick: () => onOpen(entry) },
    h('span', { class: 'history-kind' }, kindOf(entry)),
    h('span', { class: 'history-title' }, entry.title),
    figures,
    h('span', { class: 'history-result' }, state, answer)
  )
  const update = () => {
    const [words, style] = stateOf(entry)
    state.textContent = style === 'good' ? '→' : words
    state.className = `history-state ${style}`
    answer.textContent = entry.answer ?? ''
    figures.textContent = [duration(entry.ms), time.format(entry.at)].filter(Boolean).join(' · ')
    if (session.selected === entry) button.setAttribute('aria-current', 'true')
    else button.removeAttribute('aria-current')
  }
  update()
  return { element: h('li', null, button), update }
}

export function startHistory(onOpen) {
  const lines = new Map()
  session.addEventListener('select', () => {
    for (const entry of session.entries) {
      if (lines.has(entry)) continue
      lines.set(entry, lineOf(entry, onOpen))
      $('history').prepend(lines.get(entry).element)
      $('history').scrollTop = 0
    }
    for (const { update } of lines.values()) update()
    $('history-empty').hidden = true
    $('history-count').textContent = `${session.entries.length} ${session.entries.length === 1 ? 'call' : 'calls'}`
  })
  session.addEventListener('entry', ({ entry }) => lines.get(entry)?.update())
}
