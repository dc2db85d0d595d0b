// The schedule as a row of slots: a column for each slot, a mark for each check.
import { CHECKS, STATES } from './checks.js'
import { h } from './dom.js'

/** Maximum number of columns. Older ones are removed. */
const MAX_SLOTS = 600

const mark = (state) =>
  h('span', { class: `mark mark-${state}`, 'data-state': state, 'aria-hidden': 'true' }, STATES[state][0])

/** States of the checks of a verified slot. The unit is compared later. */
function statesOf({ checks, outcome }, hasUnit) {
  const done = new Set(checks)
  const states = Object.fromEntries(CHECKS.map(([name]) => [name, done.has(name) ? 'good' : 'open']))
  if (outcome === 'skipped') states.evaluation = 'skipped'
  if (outcome === 'error') states.evaluation = 'failed'
  states.unit = hasUnit && outcome !== 'skipped' ? 'open' : 'skipped'
  return states
}

const UNIT_STATES = { agrees: 'good', 'other-order': 'good', differs: 'bad' }

const labelOf = ({ report, states }) => {
  const what = report.action ?? (report.slot === 0 ? 'Spawn' : 'message')
  const bad = CHECKS.filter(([name]) => states[name] === 'bad').map(([, label]) => label)
  const good = CHECKS.filter(([name]) => states[name] === 'good').map(([, label]) => label)
  const failed = states.evaluation === 'failed' ? ['the process failed'] : []
  const words = [bad.length && `wrong: ${bad.join(', ')}`, good.length && `checked: ${good.join(', ')}`, ...failed]
  return `Slot ${report.slot}, ${what}, ${words.filter(Boolean).join('; ') || 'not checked'}`
}

export class SlotStrip {
  #columns = new Map()
  #list = h('ol', { class: 'slots', 'data-testid': 'slots' })
  #scroller = h('div', { class: 'slots-scroll' }, this.#list)
  #onSelect
  #hasUnit = false
  #frame
  element = h(
    'div',
    { class: 'slots-picture' },
    h(
      'ol',
      { class: 'slots-names', 'aria-hidden': 'true' },
      h('li', null, 'Slot'),
      CHECKS.map(([, label, rule]) => h('li', { title: rule }, label))
    ),
    this.#scroller
  )

  /** @param onSelect called with `{ report, states, error }` of the selected slot */
  constructor(onSelect) {
    this.#onSelect = onSelect
    this.#list.addEventListener('keydown', (event) => this.#move(event))
  }

  clear(hasUnit) {
    this.#columns.clear()
    this.#list.replaceChildren()
    this.#hasUnit = hasUnit
  }

  get size() {
    return this.#columns.size
  }

  /** Adds a slot that was verified and evaluated. */
  add(report) {
    this.#put({ report, states: statesOf(report, this.#hasUnit) })
  }

  /** Shows what the unit says about a slot. */
  compared(slot, unit, error) {
    const column = this.#columns.get(slot)
    if (!column) return
    column.states.unit = UNIT_STATES[unit] ?? 'open'
    column.error = error
    this.#draw(column)
  }

  /** Shows what is wrong with a slot. A slot that is not verified gets a column of its own. */
  wrong(slot, check, error) {
    if (!this.#columns.has(slot)) {
      const states = Object.fromEntries(CHECKS.map(([name]) => [name, 'open']))
      this.#put({ report: { slot, checks: [] }, states })
    }
    const column = this.#columns.get(slot)
    column.states[check] = 'bad'
    column.error = error
    this.#draw(column)
    this.select(slot)
  }

  select(slot) {
    const chosen = this.#columns.get(slot)
    if (!chosen) return
    for (const { button } of this.#columns.values()) {
      const isChosen = button === chosen.button
      button.setAttribute('aria-pressed', String(isChosen))
      button.tabIndex = isChosen ? 0 : -1
    }
    chosen.button.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    this.#onSelect(chosen)
  }

  /** Selects the newest slot. */
  selectLast() {
    this.select([...this.#columns.keys()].at(-1))
  }

  #put(column) {
    const { slot } = column.report
    column.button = h('button', { type: 'button', class: 'slot', 'data-testid': 'slot', 'data-slot': slot })
    column.button.addEventListener('click', () => this.select(slot))
    column.button.tabIndex = this.#columns.size === 0 ? 0 : -1
    this.#columns.set(slot, column)
    this.#draw(column)
    this.#list.append(h('li', null, column.button))
    if (this.#columns.size > MAX_SLOTS) {
      this.#columns.delete(this.#columns.keys().next().value)
      this.#list.firstElementChild.remove()
    }
    this.#scrollSoon()
  }

  /** Once a frame: each reading of the width is a layout. */
  #scrollSoon() {
    if (this.#frame !== undefined) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined
      this.#scroller.scrollLeft = this.#scroller.scrollWidth
    })
  }

  #draw(column) {
    const { button, report, states } = column
    button.setAttribute('aria-label', labelOf(column))
    button.classList.toggle('is-bad', Object.values(states).includes('bad'))
    const marks = CHECKS.map(([name]) => mark(states[name]))
    button.replaceChildren(h('span', { class: 'slot-number', 'aria-hidden': 'true' }, String(report.slot)), ...marks)
  }

  /** The row is one tab stop. Arrow keys move between slots. */
  #move(event) {
    const all = [...this.#columns.keys()]
    const at = all.indexOf(Number(document.activeElement.dataset.slot))
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    const slot = all[to]
    if (slot === undefined) return
    this.select(slot)
    this.#columns.get(slot).button.focus()
  }
}

/** What the marks mean. */
export const legend = () =>
  h(
    'ul',
    { class: 'slots-legend', 'aria-label': 'Marks' },
    Object.entries(STATES).map(([state, [, words]]) => h('li', null, mark(state), words))
  )
