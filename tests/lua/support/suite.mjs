// Lua's own test suite (5.3), as the package fengari has it: cut into tests, each Lua code in a call of `test`. Here the code
// is only collected: `require` gives stand-ins for fengari, which record what the test would load.

import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.resolve('fengari'))), '../test/test-suite')
const require = createRequire(import.meta.url)

/** Modules of fengari for a test: loading code records it, and everything else does nothing. */
function standIns(loaded) {
  const text = (value) => value
  const record = (_, code) => (loaded.push(code), 0)
  // Texts of other encodings are written as escapes, since a message is UTF-8.
  const escaped = (code) => code.replace(/[\x80-\xff]/g, (character) => `\\${character.charCodeAt()}`)
  const file = (_, name) => record(_, escaped(readFileSync(join(folder, basename(name)), 'latin1')))
  const recording = {
    luaL_newstate: () => ({}),
    luaL_loadstring: record,
    luaL_loadbuffer: record,
    luaL_dostring: record,
    luaL_loadfile: file,
    to_luastring: text,
    LUA_OK: 0
  }
  const module = new Proxy(recording, { get: (known, name) => known[name] ?? (() => 0) })
  return (name) => (name.startsWith('.') ? module : require(name))
}

/** fengari calls its C functions functions of JavaScript. */
const asInC = (code) =>
  code
    .replaceAll('JS stack', 'C stack')
    .replaceAll('JS levels', 'C levels')
    .replaceAll('[JS]', '[C]')
    .replaceAll('%[JS%]', '%[C%]')
    .replaceAll('what == "J"', 'what == "C"')

/** The tests of one file: `{ title, code }`. */
function testsOf(file) {
  const found = []
  const test = (title, run) => {
    loaded.length = 0
    run()
    if (loaded.length) found.push({ title: title.replace('[test-suite] ', ''), code: asInC(loaded.join('\n')) })
  }
  test.skip = test
  const loaded = []
  const nothing = new Proxy(() => {}, { get: () => nothing, apply: () => nothing })
  const source = readFileSync(join(folder, file), 'utf8')
  new Function('require', 'test', 'expect', source)(standIns(loaded), test, nothing)
  return found
}

/** All tests that are Lua code, by file. Those of Lua's C interface are not. */
export const suite = Object.fromEntries(
  readdirSync(folder)
    .filter((file) => file.endsWith('.test.js') && file !== 'api.test.js')
    .map((file) => [file.replace('.test.js', ''), testsOf(file)])
)
