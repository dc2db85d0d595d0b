// `cargo xtask bench`: compares the packed package with its peers. Each row is measured in the same run.
//
//   node benches/bench.mjs [--json] [--write] [sizes] [first] [items] [signatures] [hash] [compute] [lua] [verify] [local] [load]
//
// Times depend on the machine and are only reported. A size over its budget ends the run with an error.
import { parseArgs } from 'node:util'
import { launch } from '../tests/page/driver.mjs'
import { compute } from './compute.mjs'
import { deepHash } from './deep-hash.mjs'
import { writeDocuments } from './document.mjs'
import { firstMessage } from './first-message.mjs'
import { items } from './items.mjs'
import { load, local } from './local.mjs'
import { lua } from './lua.mjs'
import { machine } from './machine.mjs'
import { signatures } from './signatures.mjs'
import { sizes } from './sizes.mjs'
import { markdown } from './table.mjs'
import { verify } from './verify.mjs'

const DOMAINS = { sizes, first: firstMessage, items, signatures, hash: deepHash, compute, lua, verify, local, load }

const { values: options, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  allowPositionals: true
})
const unknown = positionals.find((name) => !(name in DOMAINS))
if (unknown) throw new Error(`"${unknown}" is not a benchmark. Choose from ${Object.keys(DOMAINS).join(', ')}.`)
// The load test takes longer than all others together, so it runs only when it is named.
const usual = Object.keys(DOMAINS).filter((name) => name !== 'load')
const chosen = positionals.length === 0 ? usual : Object.keys(DOMAINS).filter((name) => positionals.includes(name))

const report = { rows: [], notes: [] }
const browser = await launch('chromium')
try {
  for (const name of chosen) {
    process.stderr.write(`measuring ${name} …\n`)
    const { rows, notes = [] } = await DOMAINS[name](browser)
    report.rows.push(...rows)
    report.notes.push(...notes)
  }
  report.machine = await machine(browser)
} finally {
  await browser.close()
}

if (options.write)
  writeDocuments(
    report,
    usual.every((name) => chosen.includes(name))
  )
if (options.json) {
  const rows = report.rows.map(({ cells, ...row }) => row)
  console.log(JSON.stringify({ ...report, rows }, null, 2))
} else {
  const { processor, system, node, browser, peers, load } = report.machine
  console.log(`\n${markdown(report.rows)}\n`)
  console.log(['Medians.', ...report.notes].join(' '))
  console.log(`Node ${node}, ${browser}, ${peers.join(', ')}; ${processor}, ${system}; load ${load}.\n`)
}

const failed = report.rows.filter(({ firm, ok }) => firm && !ok)
for (const { what, must } of failed) console.error(`${what}: must be ${must}`)
process.exitCode = failed.length ? 1 : 0
