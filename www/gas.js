// Gas chart: one bar under each message that a process evaluated.
import { axisLeft, scaleLinear } from 'd3'
import { kindOf } from './arrow.js'
import { networkStore } from './network-store.js'
import { titleOf } from './message-detail.js'
import { gasText } from './console-log.js'

const GAS_HEIGHT = 132
const TOP = 26
const BOTTOM = 8
const WIDTH = 16

const gasOf = ({ result }) => result.GasUsed ?? 0

/**
 * Upper end of the scale. Spawns use ten times the gas of a message: their bars are cut off there and have
 * their number written above them.
 */
function mostOf(entries) {
  const usual = entries.filter(({ kind }) => kind !== 'spawn')
  return Math.max(...(usual.length > 0 ? usual : entries).map(gasOf), 1)
}

export function drawGas({ bars, scale, entries, x, width, room, open }) {
  const most = mostOf(entries)
  const y = scaleLinear([0, most], [GAS_HEIGHT - BOTTOM, TOP]).nice(3)
  const [, top] = y.domain()
  const beyond = (entry) => gasOf(entry) > top
  // A failed message may report no gas. Its bar is drawn with height zero.
  const topOf = (entry) => (beyond(entry) ? TOP - 8 : Math.min(y(gasOf(entry)), GAS_HEIGHT - BOTTOM - 2))
  const total = entries.reduce((sum, entry) => sum + gasOf(entry), 0)

  bars.attr('width', width).attr('height', GAS_HEIGHT)
  bars.attr('aria-label', `Gas of ${entries.length} messages, ${gasText(total)} in all`)
  bars
    .selectAll('.gas-line')
    .data(y.ticks(3))
    .join('line')
    .attr('class', 'gas-line')
    .attr('x2', width)
    .attr('y1', y)
    .attr('y2', y)
  const marks = bars
    .selectAll('g')
    .data(entries, ({ key }) => key)
    .join((entering) => {
      const group = entering.append('g').attr('data-testid', 'bar')
      for (const part of ['rect', 'path', 'text', 'title']) group.append(part)
      group.select('rect').attr('rx', 2)
      return group.on('click', (_, entry) => open(entry))
    })
    .attr('class', (entry) => `bar kind-${kindOf(entry)}`)
    .attr('data-key', ({ key }) => key)
    .attr('data-gas', gasOf)
    .attr('transform', ({ key }) => `translate(${x(key)}, 0)`)
  marks
    .select('rect')
    .attr('x', -WIDTH / 2)
    .attr('width', WIDTH)
    .attr('y', topOf)
    .attr('height', (entry) => GAS_HEIGHT - BOTTOM - topOf(entry))
  marks
    .select('path')
    .attr('class', 'gas-break')
    .attr('d', (entry) => (beyond(entry) ? `M${-WIDTH / 2 - 2},${TOP + 6} l${WIDTH + 4},-5` : null))
  marks
    .select('text')
    .attr('y', TOP - 13)
    .text((entry) => (beyond(entry) ? gasText(gasOf(entry)).replace(' gas', '') : ''))
  marks
    .select('title')
    .text((entry) => `${titleOf(entry)} to ${networkStore.nameOf(entry.to)}: ${gasOf(entry).toLocaleString('en')} gas`)

  scale.attr('width', room).attr('height', GAS_HEIGHT)
  scale
    .selectAll('g.scale')
    .data([0])
    .join('g')
    .attr('class', 'scale')
    .attr('transform', `translate(${room}, 0)`)
    .call(
      axisLeft(y)
        .ticks(3)
        .tickFormat((gas) => gasText(gas).replace(' gas', ''))
        .tickSize(0)
        .tickPadding(12)
    )
  scale
    .selectAll('text.title')
    .data(['Gas'])
    .join('text')
    .attr('class', 'title')
    .attr('x', 12)
    .attr('y', 14)
    .text(String)
}
