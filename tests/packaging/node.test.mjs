// The example for Node.js with the units of wao, and each way in which a Node.js program can load the package.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { build } from 'esbuild'
import { startUnits } from '../../xtask/scripts/units.mjs'
import { address } from '../js/support/key.mjs'
import { install, runIn } from './support/app.mjs'
import { startEchoUnits } from './support/units.mjs'
import { KEY_FILE, PROCESS, assertSent } from './support/visit.mjs'

const ID = /^[\w-]{43}$/

describe('the example for Node.js', () => {
  let app
  let units
  before(async () => {
    app = await install('examples/node')
    units = await startUnits()
  })
  after(() => units?.stop())

  const start = (env) =>
    runIn(app.home, 'npm', ['start', '--silent'], {
      MU_URL: units.mu,
      CU_URL: units.cu,
      GATEWAY_URL: units.gateway,
      MODULE: units.module,
      SCHEDULER: units.scheduler,
      AUTHORITY: units.authority,
      WALLET: KEY_FILE,
      ...env
    })

  test('spawns, sends, reads the result, and dryruns', async () => {
    const { stdout, stderr } = await start()
    const said = Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/))
    )
    assert.equal(said.owner, address)
    assert.match(said.process, ID)
    assert.match(said.message, ID)
    assert.equal(said.result, '41')
    assert.equal(said.dryrun, '42')
    assert.equal(stderr, '')
  })

  test('prints the error code and exits with an error when the unit cannot be reached', async () => {
    await assert.rejects(start({ MU_URL: 'http://127.0.0.1:9' }), /HTTP_NETWORK: /)
  })
})

describe('the package in Node.js', () => {
  let app
  let units
  before(async () => {
    app = await install('examples/node', 'node-forms')
    units = await startEchoUnits()
  })
  after(() => units?.stop())

  const script = (take) => `
    ${take}
    const signer = createSigner(JSON.parse(require('node:fs').readFileSync('${KEY_FILE}', 'utf8')))
    const ao = connect({ MU_URL: '${units.url}', CU_URL: '${units.url}' })
    ao.message({ process: '${PROCESS}', signer, data: 'forms' })
      .then((message) => ao.result({ process: '${PROCESS}', message }))
      .then(({ Output }) => console.log(Output.data))`

  async function check(file) {
    const { stdout } = await runIn(app.home, process.execPath, ['--no-warnings', file])
    assert.equal(stdout.trim(), 'echo: forms')
    await assertSent(units, 'forms')
  }

  test('works when bundled into one file in another folder', async () => {
    const from = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"
    app.write('source.mjs', script(`import { connect, createSigner } from 'aoxide'; ${from}`))
    await build({
      entryPoints: [`${app.home}/source.mjs`],
      outfile: `${app.home}/elsewhere.mjs`,
      format: 'esm',
      platform: 'node',
      bundle: true
    })
    await check('elsewhere.mjs')
  })

  test('works with require (Node.js 20.19 and later)', { skip: !process.features.require_module }, async () => {
    app.write('old.cjs', script("const { connect, createSigner } = require('aoxide')"))
    await check('old.cjs')
  })
})
