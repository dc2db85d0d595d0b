// Jest and node:test with the packed package. Jest has its default configuration, which loads CommonJS.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { example, exampleFiles, makeApp, runScript, tools } from './support/runner.mjs'
import { suite, TITLES } from './support/suite.mjs'

const COMMONJS = `const { readFileSync } = require('node:fs')
const { AoError, connect, createSigner, jwkToAddress } = require('aoxide')
const { DataItem } = require('aoxide/ans104')
const { AoError: AoErrorOfBrowserEntry } = require('aoxide/browser')
const { createLocalNetwork } = require('aoxide/local')
`

const SAME = `const { AoError, connect } = require('aoxide')
const { createLocalNetwork } = require('aoxide/local')
const { DataItem } = require('aoxide/ans104')
Promise.all([import('aoxide'), import('aoxide/local'), import('aoxide/ans104')]).then(([client, local, items]) => {
  const same = [client.AoError === AoError, client.connect === connect]
  same.push(local.createLocalNetwork === createLocalNetwork, items.DataItem === DataItem)
  console.log(JSON.stringify(same))
})
`

const app = makeApp({
  'package.json': '{ "private": true }',
  'example.test.js': example('tests/runtimes/jest.test.mjs runs it'),
  'suite.test.js': suite(COMMONJS),
  'example.mjs': example('tests/runtimes/jest.test.mjs runs it with node:test'),
  'same.cjs': SAME
})
const luaApp = makeApp(exampleFiles('lua-process', ['package.json', 'faucet.lua', 'faucet.test.js']))
after(() => {
  app.remove()
  luaApp.remove()
})

/** Runs the files with Jest. Returns the title and the status of each test, and what Jest printed. */
async function jest(...args) {
  const { text } = await runScript(app.home, `${tools}/jest/bin/jest.js`, [
    '--json',
    '--outputFile=report.json',
    ...args
  ])
  const { testResults } = JSON.parse(readFileSync(`${app.home}/report.json`, 'utf8'))
  const results = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ title, status }) => [title, status])
  )
  return { results: Object.fromEntries(results), text }
}

const passed = (titles) => Object.fromEntries(titles.map((title) => [title, 'passed']))

describe('Jest', { timeout: 120_000 }, () => {
  for (const environment of ['node', 'jest-environment-jsdom', 'jest-fixed-jsdom']) {
    test(`with the environment ${environment}, all tests pass`, async () => {
      const path = environment === 'node' ? environment : `${tools}/${environment}`
      const { results, text } = await jest('--env', path)
      assert.deepEqual(results, passed(['the process counts', ...TITLES]), text)
    })
  }
})

test('node:test runs the example of the documentation', { timeout: 60_000 }, async () => {
  const { code, text } = await runScript(app.home, 'example.mjs', [], { flags: ['--test-reporter=tap'] })
  assert.equal(code, 0, text)
  assert.match(text, /^ok 1 - the process counts/m)
})

test('node:test runs examples/lua-process', { timeout: 60_000 }, async () => {
  const { code, text } = await runScript(luaApp.home, 'faucet.test.js', [], {
    flags: ['--test', '--test-reporter=tap']
  })
  assert.equal(code, 0, text)
  assert.match(text, /^ok 1 - the faucet gives tokens once a day/m)
})

describe('require and import', () => {
  const here = JSON.stringify([true, true, true, true])

  test('give the same objects in this version of Node.js', async () => {
    assert.equal((await runScript(app.home, 'same.cjs', [])).stdout.trim(), here)
  })

  test('give the same objects in Node.js 24', async () => {
    const { stdout, text } = await runScript(app.home, 'same.cjs', [], { node: `${tools}/node-24/bin/node` })
    assert.equal(stdout.trim(), here, text)
  })
})
