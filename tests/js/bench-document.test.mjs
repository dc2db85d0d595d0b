// `cargo xtask bench --write`: measured rows in the tables of the documents.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { withRows } from '../../benches/document.mjs'
import { ms, row } from '../../benches/table.mjs'
import { read } from './support/documents.mjs'

const measured = (what, aoxide) => row({ what, aoxide, peer: 10, peerName: 'peer', unit: ms, most: 0.5 })
const page = (lines, text = '') =>
  `# Title\n\n<!-- bench -->\n\n${lines.join('\n')}\n${text && `\n${text}\n`}\n<!-- /bench -->\n`
const head = ['| what | aoxide | peer | ratio | must reach |', '|---|---|---|---|---|']

describe('the tables of the bench', () => {
  test('known rows are replaced, others stay, and a row named "the same" belongs to the row before it', () => {
    const before = page(
      [
        ...head,
        '| a | 1 | 2 | 3 | 4 |',
        '| the same, twice | 1 | 2 | 3 | 4 |',
        '| b | 1 | 2 | 3 | 4 |',
        '| the same, twice | 1 | 2 | 3 | 4 |'
      ],
      'Notes.'
    )
    const after = page(
      [
        ...head,
        '| a | 1 | 2 | 3 | 4 |',
        '| the same, twice | 1 | 2 | 3 | 4 |',
        '| b | 2.00 ms | 10.0 ms (peer) | 0.200 × | ≤ 0.500 × |',
        '| the same, twice | 3.00 ms | 10.0 ms (peer) | 0.300 × | ≤ 0.500 × |'
      ],
      'Notes.'
    )
    assert.equal(withRows(before, [measured('b', 2), measured('the same, twice', 3)]), after)
  })

  test('a new row is inserted after its predecessor if the table may grow', () => {
    const before = page([...head, '| a | 1 | 2 | 3 | 4 |', '| b | 1 | 2 | 3 | 4 |'])
    const rows = [measured('a', 2), measured('new', 3)]
    const names = (text) => [...text.matchAll(/^\| (\w+) \| \S/gm)].map(([, name]) => name).slice(1)
    assert.deepEqual(names(withRows(before, rows, { extend: true })), ['a', 'new', 'b'])
    assert.deepEqual(names(withRows(before, rows)), ['a', 'b'])
  })

  test('in a table with fewer columns, a row has as many cells as the table has columns', () => {
    const before = page(['| what | aoxide | peer | ratio |', '|---|---|---|---|', '| a | 1 | 2 | 3 |'])
    assert.match(withRows(before, [measured('a', 2)]), /^\| a \| 2\.00 ms \| 10\.0 ms \(peer\) \| 0\.200 × \|$/m)
  })

  test('without measurements the documents do not change', () => {
    for (const path of ['README.md', 'docs/benchmarks.md']) assert.equal(withRows(read(path), []), read(path))
  })
})
