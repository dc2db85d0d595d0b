// JSON of random values and of damaged texts: as JavaScript reads and writes it, and with the errors of aos.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { random } from '../js/support/random.mjs'
import { OWNER, PROCESS, STRANGER } from './support/conversations.mjs'
import { comparable, modules, start } from './support/processes.mjs'

/** Reads a text and writes the value again, or shows the error. */
const ECHO = `json = require("json")
Handlers.add("Echo", "Echo", function(msg)
  local ok, text = pcall(function() return json.encode(json.decode(msg.Data)) end)
  print(ok and text or "bad: " .. text)
end)`

async function echo(module) {
  const { handle, close } = await start(module)
  await handle({ Id: PROCESS, tags: { Type: 'Process' }, from: OWNER })
  await handle(ECHO)
  const ask = async (data) => comparable(await handle({ tags: { Action: 'Echo' }, data, from: STRANGER })).Output.data
  return { ask, close }
}

const NUMBERS = [0, 1, -1, 10, 0.5, -2.25, 99999999999999, -99999999999999, 1e14, 1e-7, 1e300, 2 ** 40]

/** A value that is the same in Lua: without `null`, empty objects, and more than 14 digits. */
function value(source, depth) {
  const { below, pick, text } = source
  const list = () => Array.from({ length: below(4) }, () => value(source, depth - 1))
  const simple = [() => text(below(12)), () => pick(NUMBERS), () => below(2) === 1]
  const object = () =>
    Object.fromEntries([text(3), ...list().map(() => text(4))].map((key) => [`k${key}`, value(source, depth - 1)]))
  return pick(depth ? [...simple, list, object] : simple)()
}

const escaped = (character) =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  ).join('')

/** A text with white space and escapes that means the same. */
const respelled = (json, { pick }) =>
  json.replace(/("(?:[^"\\]|\\.)*")|[,:[\]{}]/g, (part, string) =>
    string
      ? string.replace(/\\u....|\\.|[^"\\]/gu, (part) =>
          part.startsWith('\\') ? part : pick([part, part, escaped(part)])
        )
      : part + pick(['', ' ', '\n\t', '\r'])
  )

/** The value, or the error, whose lines `comparable` has sorted. */
const read = (answer) => (answer.includes('bad: ') ? answer : JSON.parse(answer))

test('values of JSON are read and written as in JavaScript', { timeout: 60_000 }, async () => {
  const { ask, close } = await echo(modules.ours)
  const source = random(20)
  for (let round = 0; round < 1000; round++) {
    const expected = value(source, 4)
    const text = respelled(JSON.stringify(expected), source)
    const answer = await ask(text)
    assert.deepEqual(read(answer), expected, text)
  }
  await close()
})

/** A text with a character changed, added or left out. */
function damaged(text, { below, pick }) {
  const characters = [...text]
  const other = pick([...'{}[],:"\\0-.eEtfnu \n\t', '\u0001', '\u007f', ''])
  characters.splice(below(characters.length + 1), below(2), other)
  return characters.join('')
}

/** The first half of a surrogate pair without the second: aos combines it with whatever follows. */
const HALF = /\\ud[89ab][^]{2}(?!\\ud[c-f])/i

test('damaged texts are read, or refused with the same error, as by aos', { timeout: 120_000 }, async () => {
  const [ours, aos] = [await echo(modules.ours), await echo(modules.aos)]
  const source = random(21)
  let refused = 0
  for (let round = 0; round < 1500; round++) {
    const text = damaged(respelled(JSON.stringify(value(source, 3)), source), source)
    if (HALF.test(text)) continue
    const [answer, expected] = [await ours.ask(text), await aos.ask(text)]
    assert.deepEqual(read(answer), read(expected), JSON.stringify(text))
    refused += answer.includes('bad: ')
  }
  assert.ok(refused > 300, `${refused} texts were refused`)
  await ours.close()
  await aos.close()
})
