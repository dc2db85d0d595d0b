// Vitest with the packed package, without configuration, in each of its environments.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { example, exampleFiles, makeApp, runScript, tools } from './support/runner.mjs'
import { suite, TITLES } from './support/suite.mjs'

const IMPORTS = `import { readFileSync } from 'node:fs'
import { AoError, connect, createSigner, jwkToAddress } from 'aoxide'
import { DataItem } from 'aoxide/ans104'
import { AoError as AoErrorOfBrowserEntry } from 'aoxide/browser'
import { createLocalNetwork } from 'aoxide/local'
import { expect, test } from 'vitest'
`

const app = makeApp(
  {
    'package.json': '{ "private": true, "type": "module" }',
    'example.test.js': example('tests/runtimes/vitest.test.mjs runs it'),
    'suite.test.js': suite(IMPORTS),
    ...exampleFiles('lua-process', ['faucet.lua', 'faucet.spec.js'])
  },
  ['vitest', 'jsdom', 'happy-dom']
)
after(() => app.remove())

describe('Vitest', { timeout: 120_000 }, () => {
  for (const environment of ['node', 'jsdom', 'happy-dom']) {
    test(`with the environment ${environment}, all tests pass`, async () => {
      const args = ['run', '--environment', environment, '--reporter=json', '--outputFile=report.json']
      const { text } = await runScript(app.home, `${tools}/vitest/vitest.mjs`, args)
      const { testResults } = JSON.parse(readFileSync(`${app.home}/report.json`, 'utf8'))
      const results = testResults.flatMap(({ assertionResults }) =>
        assertionResults.map(({ title, status }) => [title, status])
      )
      const expected = ['the process counts', 'the faucet gives tokens once a day', ...TITLES].map((title) => [
        title,
        'passed'
      ])
      assert.deepEqual(Object.fromEntries(results), Object.fromEntries(expected), text)
    })
  }
})
