// Lua's own test suite (5.3) in a process. What a process cannot pass is listed with its reason, and must fail.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { PROCESS } from './support/conversations.mjs'
import { modules, start } from './support/processes.mjs'
import { suite } from './support/suite.mjs'

const reasons = {
  library: "uses the library `T` of Lua's C interface, which only test builds of Lua have",
  io: 'uses io, or a part of os that needs a system',
  print: 'takes print for a function in C; that of a process is written in Lua, and keeps its own tostring',
  coroutine: 'wants the main thread; an Eval runs in a coroutine, so that Receive can wait',
  random: 'wants errors of math.random where that of a process, as in aos, answers',
  size: 'is for the 32-bit integers of fengari'
}

const failing = {
  'attrib: testing require': 'io',
  "calls: test error in 'print'": 'print',
  'calls: test for generic load': 'print',
  'coroutine: is main thread': 'coroutine',
  'db: getinfo, ...line...': 'print',
  'db: parameter names': 'print',
  'db: testing nparams, nups e isvararg': 'print',
  "errors: named objects (field '__name')": 'io',
  'events: test for rawlen': 'io',
  'math: testing order (floats can represent all integers)': 'size',
  'math: test random for large intervals': 'random',
  'math: interval too large': 'random',
  'strings: locale': 'io'
}

const usesLibrary = (code) => /\bT\.\w|require\s*\(?["']T["']/.test(code)

let run
before(async () => {
  run = await start(modules.ours)
  await run.handle({ Id: PROCESS, tags: { Type: 'Process' } })
})
after(() => run.close())

/** Runs the code of a test as a file of its suite. The process is as before afterwards. */
async function errorOf(file, code) {
  const { Error: reason } = await run.dryrun(`assert(load([=====[\n${code}]=====], "@${file}.lua"))()`)
  return reason
}

let passed = 0
for (const [file, tests] of Object.entries(suite)) {
  describe(`Lua's test suite: ${file}`, () => {
    for (const { title, code } of tests) {
      const reason = usesLibrary(code) ? 'library' : failing[title]
      if (reason === undefined) {
        test(title, async () => {
          assert.equal(await errorOf(file, code), undefined)
          passed += 1
        })
      } else {
        test(`${title}: fails, since it ${reasons[reason]}`, async () => {
          assert.equal(typeof (await errorOf(file, code)), 'string')
        })
      }
    }
  })
}

test("Lua's test suite: most of it has been run", () => {
  const titles = new Set(Object.values(suite).flatMap((tests) => tests.map(({ title }) => title)))
  for (const title of Object.keys(failing)) assert.ok(titles.has(title), `there is no test "${title}"`)
  assert.ok(passed >= 240, `${passed} tests passed`)
})
