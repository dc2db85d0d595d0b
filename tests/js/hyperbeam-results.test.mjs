// The results in recorded responses of HyperBEAM nodes, as the package reads them. tests/client/hyperbeam.rs compares what the
// crate reads with the same file, so the two readers cannot differ.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { root } from './support/package.mjs'
import { recordings } from './support/recorded-node.mjs'

const expected = JSON.parse(readFileSync(`${root}tests/vectors/hyperbeam/results.json`, 'utf8'))
// Internal modules, which the package does not export.
const internal = (name) => import(`${root}target/package/aoxide/client/modes/mainnet/${name}.js`)
const { legacyResult } = await internal('reply')
const { deviceResult } = await internal('device-result')

function jsonOf({ status, page, body }) {
  if (status !== 200 || page) return undefined
  try {
    return JSON.parse(Buffer.from(body, 'base64').toString())
  } catch {
    return undefined
  }
}

function resultOf(reply) {
  const answer = jsonOf(reply)
  try {
    return answer && (legacyResult(answer) ?? deviceResult(answer, false))
  } catch (error) {
    if (error.code === 'BAD_RESPONSE') return undefined
    throw error
  }
}

const summaryOf = ({ Output, Messages, Spawns, Error, GasUsed }) => ({
  output: Output ?? null,
  messages: Messages.map(({ Target, Data, Tags }) => ({
    target: Target,
    data: Data ?? null,
    tags: Tags.map(({ name, value }) => [name, value])
  })),
  spawns: Spawns.length,
  error: Error ?? null,
  gas: GasUsed ?? null
})

describe('results of recorded responses', () => {
  test('the responses with a result are those of the crate', () => {
    const found = recordings.filter(({ reply }) => resultOf(reply)).map(({ id }) => id)
    assert.deepEqual(found.sort(), Object.keys(expected).sort())
    assert.ok(found.length >= 40, `${found.length} results`)
  })

  for (const [id, result] of Object.entries(expected))
    test(`${id}: equals the result of the crate`, () => {
      const { reply } = recordings.find((entry) => entry.id === id)
      assert.deepEqual(summaryOf(resultOf(reply)), result)
    })
})
