// The package in Bun.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { run } from '../js/support/command.mjs'
import { blocksOf } from '../js/support/documents.mjs'
import { startEchoUnits } from '../packaging/support/units.mjs'
import { checkLocalnet } from './support/command.mjs'
import { install } from './support/install.mjs'
import { assertReport, BINARIES, runToEnd } from './support/process.mjs'
import { startRegistry } from './support/registry.mjs'

/** Leaves a worker open. */
const OPEN = `
import { loadModule } from 'aoxide/compute'
import { fixtures } from './fixtures.mjs'
const { worker } = await loadModule(fixtures.module)
console.log(worker)
`

let app
let units
let registry
before(async () => {
  app = await install()
  app.write('open.mjs', OPEN)
  app.write('first.mjs', blocksOf('README.md').find(({ name }) => name === 'first-example').code)
  units = await startEchoUnits()
  registry = await startRegistry()
})
after(async () => {
  await units?.stop()
  await registry?.stop()
  app?.remove()
})

describe('the package in Bun', () => {
  test('every capability works and the process exits', async () => {
    await assertReport(await runToEnd(app.home, BINARIES.bun, ['main.mjs', units.url]))
  })

  test('the first example of the README prints 1', async () => {
    assert.equal(await runToEnd(app.home, BINARIES.bun, ['first.mjs']), '1\n')
  })

  test('a worker that is not closed does not keep the process running', async () => {
    assert.equal(await runToEnd(app.home, BINARIES.bun, ['open.mjs']), 'true\n')
  })
})

test('bunx --bun aoxide localnet answers clients, ends after a signal, and opens its folder again', () =>
  checkLocalnet(BINARIES.bun, ['x', '--bun', 'aoxide'], registry.env))

test('bunx --bun aoxide run evaluates what comes through a pipe', async () => {
  const options = { command: BINARIES.bun, before: ['x', '--bun', 'aoxide'], env: { ...registry.env, HOME: app.home } }
  const { code, stdout, stderr } = await run(['run'], 'for i = 1, 2 do\nprint(i) end\nreturn 3\n', options)
  assert.deepEqual([code, stdout], [0, '1\n2\n3\n'], stderr)
})
