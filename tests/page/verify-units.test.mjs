// The playground's Verify view with units behind a port, in real browsers.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { startServer } from '../../xtask/scripts/serve.mjs'
import { startLocalnet } from '../js/support/localnet.mjs'
import { aoxide, subpath } from '../js/support/package.mjs'
import { browserNames, launch } from './driver.mjs'
import { startReluctantUnit } from './reluctant-unit.mjs'
import { VerifyPage } from './verify-page.mjs'

const { connect, createSigner } = aoxide
const { luaModule } = await subpath('lua')
const signer = createSigner(JSON.parse(readFileSync(new URL('../vectors/key.json', import.meta.url), 'utf8')))
const { id: module, bytes } = await luaModule()
const sha256 = createHash('sha256').update(bytes).digest('hex')

let localnet
let server
let units
let process
before(async () => {
  localnet = await startLocalnet(
    '--port',
    '0',
    '--module',
    `${module}=${new URL('../../target/lua/process.wasm', import.meta.url).pathname}`
  )
  if (!localnet.ready) throw new Error(localnet.stderr)
  const { url } = localnet
  units = { mu: `${url}/mu`, su: `${url}/su`, cu: `${url}/cu`, gateway: url, graphql: `${url}/graphql` }
  server = await startServer({ port: 0, units })
  const ao = connect({ MODE: 'legacy', MU_URL: units.mu, CU_URL: units.cu, SU_URL: units.su, GATEWAY_URL: url })
  const scheduler = localnet.address
  process = await ao.spawn({ module, scheduler, signer })
  for (const data of ['Count = 1 return Count', 'Count = Count + 1 return Count'])
    await ao.send({ process, signer, data, tags: [{ name: 'Action', value: 'Eval' }] })
})
after(async () => {
  await server?.stop()
  await localnet?.stop()
})

for (const browserName of browserNames) {
  describe(`the Verify view with units behind a port in ${browserName}`, () => {
    let browser
    let page
    before(async () => {
      browser = await launch(browserName)
      page = await VerifyPage.open(browser, server.url, browserName)
      await page.openView()
      await page.fill('#verify-process', process)
    })
    after(() => browser?.close())

    test('units: their addresses are shown, and no lie is offered', async () => {
      assert.equal(await page.value('#verify-scheduler'), units.su)
      assert.equal(await page.value('#verify-gateway'), units.gateway)
      assert.equal(await page.value('#verify-unit'), units.cu)
      assert.equal(await page.isVisible('#verify-lies'), false)
    })

    test('module: one that is not signed is refused unless its hash is given', async () => {
      assert.equal(await page.verify(), 'Caught: VERIFY_MODULE')
      await page.click('#verify-form .more summary')
      await page.fill('#verify-module', sha256)
      assert.equal(await page.verify(), 'Verified')
      const slots = await page.slots()
      assert.deepEqual(
        slots.map(({ slot }) => slot),
        [0, 1, 2]
      )
      for (const { states } of slots) assert.deepEqual(states, Array(5).fill('good'))
      assert.ok((await page.proof()).trusted.some(({ party, name }) => party === 'pinned' && name === sha256))
    })

    test('scheduler: another address than the one that signed is caught', async () => {
      await page.fill('#verify-signer', module)
      assert.equal(await page.verify(), 'Caught: VERIFY_SCHEDULER')
      await page.fill('#verify-signer', '')
    })

    test('compute unit: without one, the proof says that none was asked', async () => {
      await page.fill('#verify-unit', '')
      assert.equal(await page.verify(), 'Verified')
      assert.match(await page.text('[data-testid=verdict-unit]'), /No compute unit was asked/)
      for (const { states } of await page.slots()) assert.equal(states.at(-1), 'skipped')
    })

    test('scheduler unit: the user can stop waiting for one that does not answer', async () => {
      const silent = await startReluctantUnit(units.su, Infinity)
      await page.fill('#verify-scheduler', silent.url)
      await page.click('#verify-start')
      await page.until(() => document.querySelector('#verify-start').disabled)
      await page.page.focus('#verify-process')
      await page.press('Escape')
      await page.until(() => !document.querySelector('#verify-start').disabled)
      assert.equal((await page.failure('#verify-outcome')).code, 'Stopped')
      await silent.stop()
      assert.deepEqual(page.faults, [])
    })
  })
}
