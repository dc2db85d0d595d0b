// Writes measured rows into the tables of docs/benchmarks.md and of the README.
import { readFileSync, writeFileSync } from 'node:fs'
import { root } from '../tests/js/support/package.mjs'

const MARKERS = /(<!-- bench -->\n)([^]*)(\n<!-- \/bench -->)/

/**
 * Adds a key to each row. The key of a row "the same, …" contains the name of the row to which it belongs, because several
 * have this name.
 */
function keyed(rows, nameOf) {
  let base
  return rows.map((row) => {
    const name = nameOf(row)
    if (!name.startsWith('the same')) base = name
    return { key: name === base ? name : `${base} / ${name}`, row }
  })
}

/** The cells of the rows of a table. */
const cellsOf = (table) => table.slice(2).map((line) => line.slice(2, -2).split(' | '))

/**
 * Returns the document with these rows in its table. A row with a known name is replaced. With `extend`, a new row is inserted
 * after the row that precedes it; otherwise it is dropped. `notes` replaces the text under the table, if given.
 */
export function withRows(markdown, rows, { extend = false, notes } = {}) {
  const [, , inside] = MARKERS.exec(markdown) ?? []
  if (inside === undefined) throw new Error('The document has no <!-- bench --> … <!-- /bench -->. Add these comments.')
  const lines = inside.split('\n')
  const table = lines.filter((line) => line.startsWith('|'))
  const columns = table[0].split('|').length - 2
  const text =
    notes ??
    lines
      .filter((line) => !line.startsWith('|'))
      .join('\n')
      .trim()
  const shown = keyed(cellsOf(table), ([what]) => what)
  let previous = -1
  for (const { key, row } of keyed(rows, ({ what }) => what)) {
    const cells = [row.what, ...row.cells, row.must || '–'].slice(0, columns)
    const index = shown.findIndex((entry) => entry.key === key)
    if (index >= 0) shown[(previous = index)] = { key, row: cells }
    else if (extend) shown.splice((previous = previous < 0 ? shown.length : previous + 1), 0, { key, row: cells })
  }
  const body = [...table.slice(0, 2), ...shown.map(({ row }) => `| ${row.join(' | ')} |`)].join('\n')
  return markdown.replace(MARKERS, (_, start, __, end) => `${start}\n${body}\n${text && `\n${text}\n`}${end}`)
}

/** Writes the rows of a report. The text with the machine changes only if all rows come from this run. */
export function writeDocuments({ rows, notes, machine }, isWhole) {
  const { processor, system, node, browser, peers } = machine
  const measuredOn = `Node ${node}, ${browser}, ${peers.join(', ')}; ${processor}, ${system}.`
  const text = ['Medians.', ...notes, measuredOn].join(' ')
  const update = (path, options) => {
    const file = root + path
    writeFileSync(file, withRows(readFileSync(file, 'utf8'), rows, options))
  }
  update('docs/benchmarks.md', { extend: true, notes: isWhole ? text : undefined })
  update('README.md')
}
