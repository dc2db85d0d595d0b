// Formats measured values, and renders the table of results as Markdown.

const number = (value, digits) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const threeDigits = (value) => number(value, value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3)

export const ms = (value) => `${threeDigits(value)} ms`
export const kB = (value) => `${number(value / 1000, 1)} KB`
export const MB = (value) => `${number(value / 1e6, 0)} MB`
export const perSecond = (value) => `${number(value / 1e6, 0)} MB/s`

/**
 * A row that compares two values. `unit` formats them. The ratio is aoxide's value divided by the peer's. `most` and
 * `least` bound the ratio, and `mostOwn` bounds aoxide's value. A `firm` row that misses its bound fails the run.
 */
export function row({ what, aoxide, peer, peerName, unit, most, least, mostOwn, firm = false }) {
  const ratio = aoxide / peer
  const bounds = [
    most !== undefined && [`≤ ${threeDigits(most)} ×`, ratio <= most],
    least !== undefined && [`≥ ${threeDigits(least)} ×`, ratio >= least],
    mostOwn !== undefined && [`≤ ${unit(mostOwn)}`, aoxide <= mostOwn]
  ].filter(Boolean)
  return {
    what,
    aoxide,
    peer,
    peerName,
    ratio,
    must: bounds.map(([text]) => text).join(', '),
    ok: bounds.length ? bounds.every(([, reached]) => reached) : undefined,
    firm,
    cells: [unit(aoxide), `${unit(peer)} (${peerName})`, `${threeDigits(ratio)} ×`]
  }
}

export function markdown(rows) {
  const head = ['what', 'aoxide', 'peer', 'ratio', 'must reach', 'ok']
  const lines = rows.map(({ what, cells, must, ok }) => [
    what,
    ...cells,
    must || '–',
    ok === undefined ? '–' : ok ? 'ok' : '**miss**'
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n')
}
