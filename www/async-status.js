// Status of long work, shown beside the control that started it: stage, elapsed time, stop button, failure.
import { duration, h } from './dom.js'

/** Error of work that the user stopped. */
export class Stopped extends Error {
  name = 'Stopped'
  message = 'You stopped this call before the response arrived.'
}

/** View of an error: code, message, details. */
export function errorView(error) {
  const told = ([, value]) => typeof value === 'string' && error.message?.includes(value)
  const details = Object.entries(error.details ?? {}).filter((detail) => !told(detail))
  const cause = error.cause?.message ?? (error.cause == null ? undefined : String(error.cause))
  if (cause && !error.message?.includes(cause)) details.push(['cause', cause])
  return h(
    'div',
    { class: 'failure', 'data-testid': 'failure' },
    h(
      'p',
      { class: 'failure-message' },
      h('code', { class: 'code-chip', 'data-testid': 'error-code' }, error.code ?? error.name ?? 'Error'),
      ' ',
      h('span', { 'data-testid': 'error-message' }, error.message || String(error))
    ),
    details.length > 0 &&
      h(
        'dl',
        { class: 'facts small' },
        details.map(([name, value]) => [
          h('dt', null, name),
          h('dd', null, h('code', null, typeof value === 'string' ? value : JSON.stringify(value)))
        ])
      )
  )
}

/**
 * Status row under a panel's buttons.
 *
 * `run(stage, work)` disables `controls`, calls `work({ stage, signal })`, shows its failure, and returns `{ value }` or
 * `{ error }`.
 */
export class AsyncStatus {
  #stage = h('span', { class: 'async-status-stage', role: 'status', 'data-testid': 'stage' })
  #clock = h('span', { class: 'async-status-clock', 'aria-hidden': 'true' })
  #stop = h('button', { type: 'button', class: 'quiet', onclick: () => this.stop() }, 'Stop')
  #line = h('div', { class: 'async-status-line', hidden: true }, h('span', { class: 'pulse', 'aria-hidden': 'true' }))
  #problem = h('div', { role: 'alert', 'data-testid': 'problem' })
  #controls
  #abort

  constructor(host, { controls, stoppable = true }) {
    this.#controls = controls
    this.#stop.hidden = !stoppable
    this.#line.append(this.#stage, this.#clock, this.#stop)
    host.append(this.#line, this.#problem)
  }

  get busy() {
    return this.#abort !== undefined
  }

  stop() {
    this.#abort?.abort(new Stopped())
  }

  clear() {
    this.#problem.replaceChildren()
  }

  fail(error) {
    this.#problem.replaceChildren(errorView(error))
  }

  async run(stage, work) {
    const abort = (this.#abort = new AbortController())
    const began = performance.now()
    const tick = () => (this.#clock.textContent = duration(Math.floor((performance.now() - began) / 100) * 100))
    const focused = document.activeElement
    this.clear()
    this.#stage.textContent = stage
    this.#line.hidden = false
    tick()
    const timer = setInterval(tick, 100)
    for (const control of this.#controls) control.disabled = true
    try {
      const done = work({ stage: (text) => (this.#stage.textContent = text), signal: abort.signal })
      const stopped = new Promise((_, reject) => (abort.signal.onabort = () => reject(abort.signal.reason)))
      return { value: await Promise.race([done, stopped]) }
    } catch (failure) {
      const error = abort.signal.aborted ? abort.signal.reason : failure
      this.fail(error)
      return { error }
    } finally {
      clearInterval(timer)
      this.#abort = undefined
      this.#line.hidden = true
      this.#stage.textContent = ''
      for (const control of this.#controls) control.disabled = false
      // Some browsers take the focus from a disabled button. Keyboard users would land at the top of the page.
      if (focused instanceof HTMLElement && document.activeElement === document.body) focused.focus()
    }
  }
}
