// The process of examples/token-process, written in Rust, on the loader of compute units and on aoxide's engines.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import AoLoader from '@permaweb/ao-loader'
import { processIn } from '../compute/loader.mjs'
import { environment as usual } from './support/aos.mjs'
import { root, subpath } from './support/package.mjs'

const { loadModule } = await subpath('compute')
const format = 'wasm32-unknown-emscripten4'
const bytes = readFileSync(`${root}target/token-process/token_process.wasm`)

const Tags = Object.entries({ Ticker: 'PNT', Supply: '1000' }).map(([name, value]) => ({ name, value }))
const environment = { ...usual, Process: { ...usual.Process, Tags } }
const OWNER = environment.Process.Owner
const OTHER = 'S'.repeat(43)
/** Longer than the memory at the start, so that the memory has to grow. */
const LONG = 'x'.repeat(4_000_000)

const steps = [
  { Type: 'Process' },
  { Action: 'Info' },
  { Action: 'Balance' },
  { Action: 'Transfer', Recipient: OTHER, Quantity: '300', 'X-Note': LONG },
  { Action: 'Transfer', Recipient: OTHER, Quantity: '3000' },
  { Action: 'Transfer', Recipient: OTHER, Quantity: 'many' },
  { Action: 'Nothing' },
  { Action: 'Balance', Recipient: OTHER },
  { Action: 'Balances' }
]

const messages = steps.map((tags, index) => ({
  Id: index === 0 ? environment.Process.Id : String(index).padStart(43, 'm'),
  Target: environment.Process.Id,
  Owner: OWNER,
  From: OWNER,
  Data: 'é😀',
  Tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
  Timestamp: 1_700_000_000_000 + index,
  'Block-Height': 1_300_000
}))

/** What units do: a message that fails does not change the memory. */
async function onTheLoader() {
  const { evaluate } = await processIn(AoLoader, bytes, format, environment)
  const answers = []
  for (const message of messages) {
    const { GasUsed: _, ...answer } = await evaluate(message)
    answers.push(answer)
  }
  return answers
}

async function onTheEngine(engine) {
  const module = await loadModule(bytes, { engine, worker: false })
  try {
    assert.equal(module.format, format)
    const process = await module.instantiate(environment)
    const answers = []
    for (const message of messages) {
      const { engine: _, GasUsed: __, ...answer } = await process.handle(message)
      answers.push(answer)
    }
    return answers
  } finally {
    module.close()
  }
}

test('a process in Rust has the same results on the loader of compute units and on both engines', async () => {
  const expected = await onTheLoader()
  const failed = expected.filter(({ Error }) => Error).length
  assert.equal(failed, 2)
  const transferred = JSON.stringify(expected[3].Messages)
  assert.ok(transferred.includes('Debit-Notice') && transferred.includes('Credit-Notice'))
  for (const engine of ['native', 'wasmi']) assert.deepEqual(await onTheEngine(engine), expected, engine)
})
