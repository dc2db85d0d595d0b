// Sequence diagram: a lane for each process and wallet, an arrow for each message, and a bar for its gas.
// Messages are in order from left to right at equal distances. The axis shows their times.
import { axisLeft, axisTop, select, scalePoint } from 'd3'
import { $, h, oneLine } from './dom.js'
import { arrowHeads, arrowPath, kindOf } from './arrow.js'
import { drawGas } from './gas.js'
import { networkStore } from './network-store.js'
import { titleOf } from './message-detail.js'
import { session } from './session.js'
import { gasText } from './console-log.js'

/** Maximum number of messages in the diagram. */
const MAX_MESSAGES = 500
const STEP = 30
const LANE = 44
const TOP = 46
const EDGE = 36
/** Minimum distance between two times on the axis, in pixels. */
const APART = 90
/** Approximate width of a character in the lanes' names, in pixels. */
const CHARACTER_WIDTH = 9

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const LEGEND = { message: 'message', spawn: 'spawn', out: 'to a wallet', failed: 'failed' }

/** Wallets first, then processes in the order in which they were spawned. */
function lanesOf(messages) {
  const parties = new Set(messages.flatMap(({ from, to }) => [from, to]))
  const others = [...parties].filter((id) => !networkStore.processes.has(id))
  return [...others, ...networkStore.processes.keys()]
}

/** Messages whose time the axis shows: the first one of each second, at least a minimum distance apart. */
function timesOf(messages) {
  let last
  return messages.filter(({ timestamp }, place) => {
    const far = last === undefined || (place - last.place) * STEP >= APART
    const isNew = Math.floor(timestamp / 1000) !== last?.second
    if (far && isNew) last = { place, second: Math.floor(timestamp / 1000) }
    return far && isNew
  })
}

const labelOf = (entry) => {
  const { from, to, timestamp, result } = entry
  const failed = result?.Error ? ', failed' : ''
  const gas = result ? `, ${gasText(result.GasUsed ?? 0)}` : ''
  return `${titleOf(entry)} from ${networkStore.nameOf(from)} to ${networkStore.nameOf(to)}, ${clock.format(timestamp)}${gas}${failed}`
}

function drawLanes(svg, lanes, y, x, width) {
  const born = (id) => networkStore.messages.find(({ kind, to }) => kind === 'spawn' && to === id)
  svg
    .select('.lanes')
    .selectAll('line')
    .data(lanes, (id) => id)
    .join('line')
    .attr('class', (id) => (networkStore.processes.has(id) ? 'lane' : 'lane wallet'))
    .attr('data-lane', (id) => id)
    .attr('x1', (id) => x(born(id)?.key) ?? 0)
    .attr('x2', width)
    .attr('y1', y)
    .attr('y2', y)
}

function drawArrows(svg, messages, x, y, open) {
  const arrows = svg
    .select('.arrows')
    .selectAll('g')
    .data(messages, ({ key }) => key)
    .join((entering) => {
      const group = entering.append('g').attr('role', 'button').attr('data-testid', 'arrow')
      group.append('path').attr('class', 'arrow-reach')
      group.append('path').attr('class', 'arrow-line')
      group.append('circle').attr('class', 'arrow-foot').attr('r', 3)
      group.append('title')
      return group.on('click', (_, entry) => open(entry))
    })
    .order()
  arrows
    .attr('class', (entry) => `arrow kind-${kindOf(entry)}`)
    .attr('aria-label', labelOf)
    .attr('data-from', ({ from }) => from)
    .attr('data-to', ({ to }) => to)
    .attr('data-action', ({ action }) => action)
    .attr('data-key', ({ key }) => key)
  const path = ({ key, from, to }) => arrowPath(x(key), y(from), y(to))
  arrows.select('.arrow-reach').attr('d', path)
  arrows
    .select('.arrow-line')
    .attr('d', path)
    .attr('marker-end', (entry) => `url(#head-${kindOf(entry)})`)
  arrows
    .select('.arrow-foot')
    .attr('cx', ({ key }) => x(key))
    .attr('cy', ({ from }) => y(from))
  arrows.select('title').text(labelOf)
  return arrows
}

/** The diagram is one tab stop. Arrow keys move between messages. */
function startKeyboard(svg, open) {
  svg.addEventListener('keydown', (event) => {
    const all = [...svg.querySelectorAll('.arrow')]
    const at = all.indexOf(document.activeElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key]
    const target = all[to]
    if (at >= 0 && (event.key === 'Enter' || event.key === ' ')) open(select(all[at]).datum())
    else if (!target) return
    event.preventDefault()
    if (!target) return
    for (const other of all) other.setAttribute('tabindex', other === target ? '0' : '-1')
    target.focus()
    target.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  })
}

export function startSequenceDiagram({ open }) {
  const scroller = $('sequence-diagram-scroll')
  const svg = select(scroller).append('svg').attr('class', 'picture').attr('role', 'group')
  svg.append('defs').call(arrowHeads)
  for (const part of ['times', 'lanes', 'arrows']) svg.append('g').attr('class', part)
  const bars = select(scroller).append('svg').attr('class', 'gas').attr('role', 'img')
  const names = select($('sequence-diagram-names')).append('svg').attr('class', 'lane-names')
  const scale = select($('sequence-diagram-names')).append('svg').attr('class', 'gas-scale')
  startKeyboard(svg.node(), open)
  $('sequence-diagram-legend').append(
    ...Object.entries(LEGEND).map(([kind, words]) => h('li', { class: `kind-${kind}` }, words))
  )

  /** Whether the view follows the newest message. */
  let follows = true
  scroller.addEventListener('scroll', () => {
    follows = scroller.scrollLeft + scroller.clientWidth >= scroller.scrollWidth - STEP
  })

  const draw = () => {
    const all = networkStore.messages.length
    const messages = networkStore.messages.slice(-MAX_MESSAGES)
    $('sequence-diagram-empty').hidden = all > 0 && all <= MAX_MESSAGES
    if (all > MAX_MESSAGES) $('sequence-diagram-empty').textContent = `The last ${MAX_MESSAGES} of ${all} messages.`
    $('sequence-diagram-picture').hidden = all === 0
    if (all === 0) return
    const lanes = lanesOf(messages)
    const end = EDGE + (messages.length - 1) * STEP
    const width = Math.max(end + EDGE, scroller.clientWidth)
    const height = TOP + lanes.length * LANE
    const x = scalePoint(
      messages.map(({ key }) => key),
      [EDGE, Math.max(end, EDGE)]
    ).align(0)
    const y = scalePoint(lanes, [TOP + LANE / 2, height - LANE / 2]).align(0)

    svg.attr('width', width).attr('height', height)
    svg.attr('aria-label', `${messages.length} messages between ${lanes.length} processes and wallets`)
    const times = timesOf(messages)
    const timeOf = new Map(times.map(({ key, timestamp }) => [key, clock.format(timestamp)]))
    const axis = axisTop(x)
      .tickValues([...timeOf.keys()])
      .tickFormat((key) => timeOf.get(key))
      .tickSize(6)
    svg
      .select('.times')
      .attr('transform', `translate(0, ${TOP - 12})`)
      .call(axis.tickSizeOuter(0))
    drawLanes(svg, lanes, y, x, width)
    drawArrows(svg, messages, x, y, open)

    const room = $('sequence-diagram-names').clientWidth
    const nameOf = (id) => oneLine(networkStore.nameOf(id), Math.floor((room - CHARACTER_WIDTH) / CHARACTER_WIDTH))
    names.attr('width', room).attr('height', height)
    names
      .selectAll('g.names')
      .data([0])
      .join('g')
      .attr('class', 'names')
      .attr('transform', `translate(${room}, 0)`)
      .call(axisLeft(y).tickFormat(nameOf).tickSize(0).tickPadding(12))
    names.selectAll('.tick').classed('wallet', (id) => !networkStore.processes.has(id))
    drawGas({ bars, scale, entries: messages.filter(({ result }) => result), x, width, room, open })
    showChosen()
    if (follows) scroller.scrollLeft = scroller.scrollWidth
  }

  /** Highlights the selected message and the messages with the same root. */
  const showChosen = () => {
    const chosen = session.reading
    scroller.classList.toggle('chosen', Boolean(chosen))
    const all = scroller.querySelectorAll('[data-key]')
    const entries = new Map(networkStore.messages.map((entry) => [entry.key, entry]))
    for (const mark of all) {
      const { key } = mark.dataset
      mark.classList.toggle('is-chosen', chosen?.key === key)
      mark.classList.toggle('is-kin', chosen !== undefined && entries.get(key)?.root === chosen.root)
    }
    const arrows = [...svg.node().querySelectorAll('.arrow')]
    const stop = arrows.find((arrow) => arrow.dataset.key === chosen?.key) ?? arrows.at(-1)
    for (const arrow of arrows) arrow.setAttribute('tabindex', arrow === stop ? '0' : '-1')
    for (const arrow of arrows) arrow.setAttribute('aria-pressed', String(arrow.dataset.key === chosen?.key))
  }

  networkStore.addEventListener('change', draw)
  session.addEventListener('key', draw)
  session.addEventListener('read', showChosen)
  let width
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width !== width) requestAnimationFrame(draw)
    width = contentRect.width
  }).observe(scroller)
}
