// Log of the SDK's HTTP requests, and its view.
import { duration, h, pretty, readable, size } from './dom.js'
import { session } from './session.js'
import { unitOf } from './units.js'

const SHOWN_TEXT = 100_000
const STAGES = { mu: 'Sending…', su: 'Requesting the scheduler…', gateway: 'Requesting the gateway…' }
const UNITS = { mu: 'MU', su: 'SU', cu: 'CU', gateway: 'Gateway' }
let count = 0

/** `fetch` for `connect` that records requests and responses in `entry.requests` and forwards to `send`. */
export function recordingFetch(entry, { stage, signal }, send = (request) => fetch(request)) {
  return async (input, init) => {
    signal.throwIfAborted()
    const request = new Request(input, init)
    const unit = unitOf(request.url)
    const exchange = { number: ++count, unit, method: request.method, url: request.url, at: new Date() }
    exchange.headers = [...request.headers]
    exchange.body = new Uint8Array(await request.clone().arrayBuffer())
    // The body of a post to the messenger unit is the signed data item.
    const item = unit === 'mu' && request.method === 'POST' && exchange.body.length > 0 ? { item: exchange.body } : {}
    session.change(entry, { requests: [...entry.requests, exchange], ...item })
    if (STAGES[unit]) stage(STAGES[unit])

    const began = performance.now()
    const settle = (fields) => {
      Object.assign(exchange, fields)
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
      h('p', { class: 'hint' }, bytes?.length ? `${bytes.length} bytes of binary data: see the Data item tab.` : none)
  )
}

function rowOf(exchange) {
  const status = h('span', { class: 'wire-status', 'data-testid': 'wire-status' })
  const figures = h('span', { class: 'wire-figures' })
  const content = h('div', { class: 'wire-content' })
  const path = exchange.url.replace(/^https?:\/\//, '')
  const details = h(
    'details',
    null,
    h(
      'summary',
      null,
      h('span', { class: 'wire-unit' }, UNITS[exchange.unit] ?? exchange.unit),
      h('span', { class: 'wire-method' }, exchange.method),
      h('span', { class: 'wire-url', title: exchange.url, 'data-testid': 'wire-url', 'data-url': exchange.url }, path),
      status,
      figures
    ),
    content
  )
  const fill = () => {
    if (!details.open) return
    const facts = [
      h('p', { class: 'wire-full' }, h('code', null, `${exchange.method} ${exchange.url}`)),
      exchange.error &&
        h('p', { class: 'failure-message' }, h('code', { class: 'code-chip' }, 'failed'), ` ${exchange.error}`),
      exchange.headers.length > 0 &&
        h(
          'dl',
          { class: 'facts small' },
          exchange.headers.map(([name, value]) => [h('dt', null, name), h('dd', null, h('code', null, value))])
        ),
      bodyView('Request body', exchange.body, 'The request has no body.'),
      bodyView('Response body', exchange.answer, exchange.status ? 'The response is empty.' : 'No response.')
    ]
    content.replaceChildren(...facts.filter(Boolean))
  }
  details.addEventListener('toggle', fill)
  const update = () => {
    const failed = exchange.error !== undefined || exchange.status >= 400
    status.textContent = exchange.error ? 'failed' : (exchange.status ?? '…')
    status.classList.toggle('bad', failed)
    status.classList.toggle('good', !failed && exchange.status !== undefined)
    const up = exchange.body.length ? `↑ ${size(exchange.body.length)}` : ''
    const down = exchange.answer ? `↓ ${size(exchange.answer.length)}` : ''
    figures.textContent = [duration(exchange.ms), up, down].filter(Boolean).join(' · ')
    fill()
  }
  update()
  return { element: h('li', { class: 'wire-row', 'data-testid': 'wire-row' }, details), update }
}

/** Shows the requests of the selected call or of all calls. Rows are reused, so that open rows stay open. */
export function startWire(host, onCount) {
  const rows = new Map()
  const list = h('ol', { class: 'wire' })
  const empty = h('p', { class: 'empty' }, 'No requests yet.')
  const all = h('input', { type: 'checkbox', id: 'wire-all' })
  host.append(h('label', { class: 'check' }, all, h('span', null, 'Requests of all calls')), list, empty)

  const show = () => {
    const entries = all.checked ? session.entries : [session.selected].filter(Boolean)
    const exchanges = entries.flatMap((entry) => entry.requests).sort((a, b) => a.number - b.number)
    const elements = exchanges.map((exchange) => {
      if (!rows.has(exchange)) rows.set(exchange, rowOf(exchange))
      rows.get(exchange).update()
      return rows.get(exchange).element
    })
    // An element loses the focus when it is moved, so only the rows that differ are replaced.
    elements.forEach((element, at) => {
      if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null)
    })
    while (list.children.length > elements.length) list.lastElementChild.remove()
    empty.hidden = exchanges.length > 0
    onCount(session.selected?.requests.length ?? 0)
  }
  all.addEventListener('change', show)
  session.addEventListener('select', show)
  session.addEventListener('entry', show)
}
