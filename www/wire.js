// Every request the SDK makes, as it went over the wire, and its view.
import { duration, h, pretty, readable, size } from './dom.js'
import { session } from './session.js'
import { unitOf } from './units.js'

const SHOWN_TEXT = 100_000
const STAGES = { mu: 'Sending…', su: 'Asking the scheduler…', gateway: 'Asking the gateway…' }
const UNITS = { mu: 'MU', su: 'SU', cu: 'CU', gateway: 'Gateway' }
let count = 0

/** A `fetch` for `connect` that keeps what passes through it in `entry.requests`; `send` answers. */
export function recordingFetch(entry, { stage, signal }, send = (request) => fetch(request)) {
  return async (input, init) => {
    signal.throwIfAborted()
    const request = new Request(input, init)
    const unit = unitOf(request.url)
    const record = { number: ++count, unit, method: request.method, url: request.url, at: new Date() }
    record.headers = [...request.headers]
    record.body = new Uint8Array(await request.clone().arrayBuffer())
    // The exact bytes that were signed are those that are posted to the messenger unit.
    const item = unit === 'mu' && request.method === 'POST' && record.body.length > 0 ? { item: record.body } : {}
    session.change(entry, { requests: [...entry.requests, record], ...item })
    if (STAGES[unit]) stage(STAGES[unit])

    const began = performance.now()
    const settle = (fields) => {
      Object.assign(record, fields)
      session.change(entry, { requests: entry.requests })
    }
    try {
      const response = await send(new Request(request, { signal: AbortSignal.any([request.signal, signal]) }))
      settle({ status: response.status, statusText: response.statusText, ms: performance.now() - began })
      response
        .clone()
        .arrayBuffer()
        .then(
          (body) => settle({ answer: new Uint8Array(body), answerType: response.headers.get('content-type') }),
          (error) => settle({ error: error.message })
        )
      if (unit === 'gateway') stage('Signing…')
      return response
    } catch (error) {
      settle({ error: error.message, ms: performance.now() - began })
      throw error
    }
  }
}

const bodyView = (title, bytes, none) => {
  const text = bytes?.length ? readable(bytes) : undefined
  const shown = text === undefined ? undefined : pretty(text).slice(0, SHOWN_TEXT)
  return h(
    'div',
    { class: 'wire-body' },
    h('h4', null, title, bytes?.length ? h('span', { class: 'hint' }, ` ${size(bytes.length)}`) : null),
    shown !== undefined && h('pre', { tabindex: '0' }, shown),
    shown === undefined &&
      h(
        'p',
        { class: 'hint' },
        bytes?.length ? `${bytes.length} bytes that are not text: see the Data item tab.` : none
      )
  )
}

function rowOf(record) {
  const status = h('span', { class: 'wire-status', 'data-testid': 'wire-status' })
  const figures = h('span', { class: 'wire-figures' })
  const content = h('div', { class: 'wire-content' })
  const path = record.url.replace(/^https?:\/\//, '')
  const details = h(
    'details',
    null,
    h(
      'summary',
      null,
      h('span', { class: 'wire-unit' }, UNITS[record.unit] ?? record.unit),
      h('span', { class: 'wire-method' }, record.method),
      h('span', { class: 'wire-url', title: record.url, 'data-testid': 'wire-url', 'data-url': record.url }, path),
      status,
      figures
    ),
    content
  )
  const fill = () => {
    if (!details.open) return
    const facts = [
      h('p', { class: 'wire-full' }, h('code', null, `${record.method} ${record.url}`)),
      record.error &&
        h('p', { class: 'failure-line' }, h('code', { class: 'code-chip' }, 'failed'), ` ${record.error}`),
      record.headers.length > 0 &&
        h(
          'dl',
          { class: 'facts small' },
          record.headers.map(([name, value]) => [h('dt', null, name), h('dd', null, h('code', null, value))])
        ),
      bodyView('Request body', record.body, 'The request has no body.'),
      bodyView('Response body', record.answer, record.status ? 'The response is empty.' : 'No response.')
    ]
    content.replaceChildren(...facts.filter(Boolean))
  }
  details.addEventListener('toggle', fill)
  const update = () => {
    const failed = record.error !== undefined || record.status >= 400
    status.textContent = record.error ? 'failed' : (record.status ?? '…')
    status.classList.toggle('bad', failed)
    status.classList.toggle('good', !failed && record.status !== undefined)
    const up = record.body.length ? `↑ ${size(record.body.length)}` : ''
    const down = record.answer ? `↓ ${size(record.answer.length)}` : ''
    figures.textContent = [duration(record.ms), up, down].filter(Boolean).join(' · ')
    fill()
  }
  update()
  return { element: h('li', { class: 'wire-row', 'data-testid': 'wire-row' }, details), update }
}

/** Shows the requests of the selected call, or of all of them; rows stay the same elements, so they stay open. */
export function startWire(host, onCount) {
  const rows = new Map()
  const list = h('ol', { class: 'wire' })
  const empty = h('p', { class: 'empty' }, 'No requests yet.')
  const all = h('input', { type: 'checkbox', id: 'wire-all' })
  host.append(h('label', { class: 'check' }, all, h('span', null, 'Requests of all calls')), list, empty)

  const show = () => {
    const entries = all.checked ? session.entries : [session.selected].filter(Boolean)
    const records = entries.flatMap((entry) => entry.requests).sort((a, b) => a.number - b.number)
    const elements = records.map((record) => {
      if (!rows.has(record)) rows.set(record, rowOf(record))
      rows.get(record).update()
      return rows.get(record).element
    })
    // Moving an element would take the focus from it: the list changes only where it differs.
    elements.forEach((element, at) => {
      if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null)
    })
    while (list.children.length > elements.length) list.lastElementChild.remove()
    empty.hidden = records.length > 0
    onCount(session.selected?.requests.length ?? 0)
  }
  all.addEventListener('change', show)
  session.addEventListener('select', show)
  session.addEventListener('entry', show)
}
