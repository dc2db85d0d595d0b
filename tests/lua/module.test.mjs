// The Lua module itself: its bytes, its interface, its answers on every engine and on the network's loader, and its limits.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import AoLoader from '@permaweb/ao-loader'
import { environment as conversed, messages } from '../compute/conversation.mjs'
import { processIn } from '../compute/loader.mjs'
import { environment, evaluation, start } from '../js/support/aos.mjs'
import { root, subpath } from '../js/support/package.mjs'

// The loader uses the machine's time zone. This package always uses UTC.
process.env.TZ = 'UTC'

const { loadModule } = await subpath('compute')
const bytes = readFileSync(`${root}target/lua/process.wasm`)
const format = 'wasm32-unknown-emscripten4'
const engines = ['native', 'wasmi']
/** Limits that an endless loop exceeds soon, as each engine counts them. */
const COMPUTE_LIMIT = { wasmi: 100_000_000, native: 20_000_000_000 }

const load = (engine, options) => loadModule(bytes, { engine, format, worker: false, ...options })

/** What the loader answers. As in a compute unit, a message that fails does not change the memory. */
async function loaderAnswers(sent, environment) {
  const { evaluate } = await processIn(AoLoader, bytes, format, environment)
  const answers = []
  for (const message of sent) answers.push(await evaluate(message))
  return answers
}

async function answersOn(engine, sent, environment) {
  const module = await load(engine)
  try {
    const process = await module.instantiate(environment)
    const answers = []
    for (const message of sent) {
      const { engine: _, ...answer } = await process.handle(message)
      answers.push(answer)
    }
    return answers
  } finally {
    module.close()
  }
}

test('the module has the bytes whose hash is committed', () => {
  const hash = createHash('sha256').update(bytes).digest('hex')
  const committed = readFileSync(`${root}lua/module.sha256`, 'utf8').trim()
  assert.equal(hash, committed, `if lua/ was changed on purpose, write the new hash into lua/module.sha256: ${hash}`)
})

test('the module asks its host for three functions, which every host of its format has', () => {
  const module = new WebAssembly.Module(bytes)
  const imports = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`)
  assert.deepEqual(imports.sort(), ['env._emscripten_throw_longjmp', 'env.emscripten_resize_heap', 'env.invoke_vii'])
})

test('the module and the state of a fresh process are small', async () => {
  assert.ok(gzipSync(bytes, { level: 9 }).length <= 130_000)
  const module = await load('native')
  const process = await start(module)
  assert.ok((await process.snapshot()).length <= 120_000)
  assert.ok((await process.checkpoint()).length > 0)
  module.close()
  const { Memory } = await (await AoLoader(bytes, { format }))(null, evaluation('return 1'), environment)
  assert.ok(Memory.length <= 2 << 20, `${Memory.length} bytes`)
})

for (const engine of engines) {
  test(
    `a conversation has the same answers on ${engine} as in the network's loader`,
    { timeout: 300_000 },
    async () => {
      // One message more: longer than the stack of the module.
      const long = { ...messages.at(-1), Data: `return #"${'é'.repeat(400_000)}"` }
      const sent = [...messages, long]
      const [ours, theirs] = [await answersOn(engine, sent, conversed), await loaderAnswers(sent, conversed)]
      assert.equal(ours.at(-1).Output.data, '800000')
      for (const [index, answer] of ours.entries()) {
        assert.deepEqual(answer, theirs[index], `message ${index}: ${sent[index].Data.slice(0, 120)}`)
      }
    }
  )

  describe(`limits on ${engine}`, () => {
    /** Code that fails, and what its error says. */
    const failing = [
      ['recursion without end', 'local function f() return 1 + f() end return f()', /stack overflow/],
      [
        'recursion through C without end',
        'local function f() return (("x"):gsub("x", f)) end return f()',
        /C stack overflow/
      ],
      [
        'recursion through pcall without end',
        'local function f() local ok, e = pcall(f) error(e, 0) end f()',
        /overflow/
      ],
      ['a text that fits no memory', 'local s = ("x"):rep(1 << 20) while true do s = s .. s end', /not enough memory/],
      ['code nested too deeply', 'return assert(load("return " .. ("("):rep(100000)))()', /overflow|too many C levels/],
      ['a pattern that is too complex', 'return (("a"):rep(300000)):find(("a?"):rep(300000))', /too complex/]
    ]
    for (const [what, code, says] of failing) {
      test(`${what} is an error of Lua, and the state is kept`, async () => {
        const module = await load(engine)
        const process = await start(module)
        await process.handle(evaluation('Kept = 41'))
        const { Error: error } = await process.handle(evaluation(code))
        assert.match(`${error}`, says)
        assert.equal((await process.handle(evaluation('Kept = Kept + 1 return Kept'))).Output.data, '42')
        module.close()
      })
    }

    /** Code that a limit of the host stops. */
    const stopped = [
      ['a loop without end', { computeLimit: COMPUTE_LIMIT[engine] }, 'while true do end', 'OUT_OF_GAS'],
      [
        'a loop of caught errors',
        { computeLimit: COMPUTE_LIMIT[engine] },
        'while true do pcall(error) end',
        'OUT_OF_GAS'
      ],
      [
        'a table',
        { memoryLimit: 32 << 20 },
        'T = {} while true do T[#T + 1] = ("x"):rep(1 << 20) .. #T end',
        'OUT_OF_MEMORY'
      ]
    ]
    for (const [what, limit, code, expected] of stopped) {
      test(`${what} that exceeds a limit rejects with ${expected}, and the state is kept`, async () => {
        const module = await load(engine, limit)
        const process = await start(module)
        await process.handle(evaluation('Kept = 41'))
        await assert.rejects(process.handle(evaluation(`Kept = 0 ${code}`)), { code: expected })
        assert.equal((await process.handle(evaluation('Kept = Kept + 1 return Kept'))).Output.data, '42')
        module.close()
      })
    }
  })
}
