// The package in two versions of Node.js, with `import` and with `require`.
import { after, before, describe, test } from 'node:test'
import { startEchoUnits } from '../packaging/support/units.mjs'
import { checkLocalnet } from './support/command.mjs'
import { install } from './support/install.mjs'
import { assertReport, BINARIES, runToEnd } from './support/process.mjs'
import { startRegistry } from './support/registry.mjs'

const WITH_REQUIRE = `
const client = require('aoxide')
const ans104 = require('aoxide/ans104')
const httpsig = require('aoxide/httpsig')
const compute = require('aoxide/compute')
const local = require('aoxide/local')
const lua = require('aoxide/lua')
const { fixtures } = require('./fixtures.mjs')
const { run } = require('./program.mjs')

const made = {}
const modules = { client, ans104, httpsig, compute, local, lua }
run(modules, { ...fixtures, unit: process.argv[2] }, { made })
  .then((report) => console.log(JSON.stringify({ report, made })))
`

let app
let units
before(async () => {
  app = await install()
  app.write('main.cjs', WITH_REQUIRE)
  units = await startEchoUnits()
})
after(async () => {
  await units?.stop()
  app?.remove()
})

for (const name of ['node', 'node24']) {
  describe(`the package in ${name === 'node' ? 'this version of Node.js' : 'Node.js 24'}`, () => {
    const check = async (file) =>
      assertReport(await runToEnd(app.home, BINARIES[name], ['--no-warnings', file, units.url]))

    test('with import, every capability works and the process exits', () => check('main.mjs'))

    test('with require, every capability works and the process exits', () => check('main.cjs'))
  })
}

test('npx aoxide localnet answers clients, ends after a signal, and opens its folder again', async () => {
  const registry = await startRegistry()
  try {
    // The shell that npx starts ends by the signal, and npx does the same.
    await checkLocalnet('npx', ['--yes', 'aoxide'], registry.env, null)
  } finally {
    await registry.stop()
  }
})
