// The documentation of public functions in the declarations of the package, as editors show it.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { installed } from './support/package.mjs'

/** Those of `cjs/` are the same. */
const files = readdirSync(installed, { recursive: true }).filter(
  (name) => name.endsWith('.d.ts') && !name.startsWith('cjs/')
)

/**
 * An exported function, or a method of a client or an exported class: its documentation, if any, its indentation and its
 * name.
 */
const FUNCTION =
  /(\/\*\*(?:(?!\*\/)[^])*\*\/\s*)?^( *)(?:export declare (?:function|const) (\w+)|(?:static )?([a-z]\w*)\()[^\n]*/gm

/** `{ file, name, text }` of each function, where overloads share the documentation of the first. */
function functionsOf(file) {
  const functions = []
  for (const [, text, indentation, exported, method] of readFileSync(`${installed}/${file}`, 'utf8').matchAll(
    FUNCTION
  )) {
    const name = exported ?? method
    if (name === 'constructor' || indentation.length > 4) continue
    if (text === undefined && functions.at(-1)?.name === name) continue
    functions.push({ file, name, text: text ?? '' })
  }
  return functions
}

/** Interfaces that callers implement, and those of the web's classes. */
const CONTRACTS = ['signers/types.d.ts', 'ans104/types.d.ts', 'local/storage/types.d.ts', 'web-types.d.ts']

const functions = files.filter((file) => !CONTRACTS.includes(file)).flatMap(functionsOf)

/** Functions that cannot fail. */
const SAFE = ['create', 'close']

describe('documentation of public functions', () => {
  test('the functions of every entry are found', () => {
    for (const name of [
      'connect',
      'message',
      'createSigner',
      'parse',
      'deepHash',
      'encodeRequest',
      'loadModule',
      'fork'
    ])
      assert.ok(
        functions.some((each) => each.name === name),
        name
      )
  })

  for (const { file, name, text } of functions) {
    test(`${name} of ${file} has an example`, () => assert.match(text, /@example\n/))
    if (!SAFE.includes(name)) test(`${name} of ${file} lists its errors`, () => assert.match(text, /@throws/))
  }
})
