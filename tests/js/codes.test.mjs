// Error codes and exports are listed in several places. The lists must be equal.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { firstCells } from './support/documents.mjs'
import { aoxide, root, subpath } from './support/package.mjs'

const read = (path) => readFileSync(root + path, 'utf8')

/** The first group of every match. Throws without a match, because then the pattern no longer fits the file. */
function all(text, pattern) {
  const found = [...text.matchAll(pattern)].map(([, group]) => group)
  assert.ok(found.length > 0, `nothing fits ${pattern}`)
  return found
}

/** The part of a text from `start` to `end`. */
function between(text, start, end) {
  const from = text.indexOf(start)
  assert.ok(from >= 0, `"${start}" is gone`)
  const to = text.indexOf(end, from + start.length)
  return text.slice(from, to < 0 ? undefined : to)
}

describe('error codes', () => {
  const declared = between(read('pkg-template/src/errors.ts'), 'export type AoErrorCode', 'export interface')
  const union = all(declared, /\| '(\w+)'/g)

  test('AoErrorCode has the codes of the crate, and CRASH', () => {
    const kinds = between(read('src/error.rs'), '\nerror_kinds! {', '\n}\n')
    assert.deepEqual(union, [...all(kinds, /^ {4}\w+ = "(\w+)",$/gm), 'CRASH'])
  })

  test('docs/errors.md has a row for each code, in the same order', () => {
    assert.deepEqual(firstCells('docs/errors.md', '## Codes'), union)
  })

  test('every code that a comment or a document names exists', () => {
    const inTypes = types.flatMap((file) => [...read(file).matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code))
    const options = ['GRAPHQL_URL', 'MU_URL', 'CU_URL', 'SU_URL', 'GATEWAY_URL', 'GRAPHQL_MAX_RETRIES']
    const rules = ['HEADER_CUT', 'ITEM_COUNT', 'ITEM_SIZE', 'SIZE_SUM', 'ITEM_ID']
    const others = ['NEGATIVE_BLOCK', 'TAGS_REWRITTEN', 'GRAPHQL_RETRY_BACKOFF', ...rules, ...options]
    for (const code of inTypes) assert.ok([...union, ...others].includes(code), code)
  })
})

const types = readdirSync(`${root}target/package/aoxide`, { recursive: true })
  .filter((name) => name.endsWith('.d.ts'))
  .map((name) => `target/package/aoxide/${name}`)

const withoutComments = (text) => text.replace(/\/\*[^]*?\*\/|\/\/.*/g, '')

/** Names of the values that a file of types exports. */
function values(path) {
  const text = withoutComments(read(path))
  const own = [...text.matchAll(/^export (?:declare )?(?:function|const|class) (\w+)/gm)].map(([, name]) => name)
  const lists = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list.split(','))
  const passedOn = lists
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('type '))
    .map((entry) => entry.split(' as ').at(-1))
  assert.doesNotMatch(text, /^export \*|^export default/m, 'names have to be written out')
  return [...new Set([...own, ...passedOn])].sort()
}

describe('exports', () => {
  test('aoxide exports what its types declare', () =>
    assert.deepEqual(values('target/package/aoxide/index.d.ts'), Object.keys(aoxide).sort()))

  test('aoxide/ans104 exports what its types declare', async () => {
    assert.deepEqual(values('target/package/aoxide/ans104/index.d.ts'), Object.keys(await subpath('ans104')).sort())
  })

  test('aoxide/compute exports what its types declare', async () => {
    assert.deepEqual(values('target/package/aoxide/compute/index.d.ts'), Object.keys(await subpath('compute')).sort())
  })

  test('aoxide/local exports what its types declare', async () => {
    assert.deepEqual(values('target/package/aoxide/local/index.d.ts'), Object.keys(await subpath('local')).sort())
  })

  for (const [MODE, name] of Object.entries({ legacy: 'LegacyClient', mainnet: 'MainnetClient' })) {
    test(`a client in ${MODE} mode has the verbs of its type, and nothing else`, () => {
      const file = read(`target/package/aoxide/client/modes/${MODE}/types.d.ts`)
      const body = between(withoutComments(file), `export interface ${name}`, '\n}\n')
      const members = [...new Set(all(body, /^    (\w+)[(:]/gm))]
      assert.deepEqual(members.sort(), Object.keys(aoxide.connect({ MODE })).sort())
    })
  }

  test('every entry of the package has types', () => {
    const { exports } = JSON.parse(read('pkg-template/package.json'))
    for (const entry of Object.values(exports).filter((entry) => typeof entry === 'object')) {
      assert.ok(types.includes(entry.types.replace('./', 'target/package/aoxide/')), entry.types)
    }
  })
})

test('no declaration uses `any`', () => {
  for (const file of types) assert.doesNotMatch(withoutComments(read(file)), /\bany\b/, file)
})
