// The React example: with the local network in development, and with units in production, in both browsers.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { address, jwk } from '../js/support/key.mjs'
import { aoxide, subpath } from '../js/support/package.mjs'
import { browserNames, launch } from '../page/driver.mjs'
import { install, runIn } from './support/app.mjs'
import { serveWithVite } from './support/bundle.mjs'
import { TokenPage } from './support/token-page.mjs'
import { startSite } from './support/site.mjs'
import { TOKEN_MODULE, startTokenUnits } from './support/token-units.mjs'

const RECIPIENT = 'R'.repeat(42) + 'A'

let app
let units
let development
let production

before(async () => {
  app = await install('examples/react')
  cpSync(TOKEN_MODULE, `${app.home}/src/development/token_process.wasm`)
  units = await startTokenUnits()
  // The script also checks the types.
  await runIn(app.home, 'npm', ['run', '--silent', 'build'], units.env)
  production = await startSite(`${app.home}/dist`)
  development = await serveWithVite(app)
})
after(async () => {
  await development?.stop()
  await production?.stop()
  await units?.stop()
})

test('a production build has neither the network nor the key of development', async () => {
  const { stdout } = await runIn(app.home, 'grep', ['-rlE', 'development-(key|token)', 'src'])
  assert.equal(stdout.trim().split('\n').length, 2)
  await assert.rejects(runIn(app.home, 'grep', ['-rlE', 'development-(key|token)', 'dist']))
})

/** Signs for the page's wallet, as a wallet's extension does. */
async function signDataItem(fields) {
  const { DataItem } = await subpath('ans104')
  const { raw } = await DataItem.create(fields).sign(aoxide.createSigner(jwk))
  return [...raw]
}

for (const browserName of browserNames) {
  describe(`the React example in ${browserName}`, () => {
    let browser
    before(async () => {
      browser = await launch(browserName)
    })
    after(() => browser?.close())

    const open = (url, options) => TokenPage.open(browser, url, { browserName, ...options })

    test('local network: a transfer shows its progress, refreshes the balance and appears in the list', async () => {
      const page = await open(development.url)
      await page.press('Use the development key')
      await page.showsBalance('1,000.00 DEV')
      await page.transfer(RECIPIENT, '12.5')
      await page.showsStatus('Sent 12.50 DEV')
      assert.deepEqual(await page.steps(), ['Sign', 'Send', 'Wait for the result'])
      await page.showsBalance('987.50 DEV')
      await page.showsTransfers(['12.50 DEV'])
      await page.picture('react-sent')

      await page.transfer(RECIPIENT, '5000')
      await page.showsAlert('Your balance is too small')
      await page.showsBalance('987.50 DEV')
      await page.picture('react-refused', { width: 360, dark: true })
      assert.equal(await page.overflow(), 0)

      await page.reload()
      await page.press('Use the development key')
      await page.showsBalance('987.50 DEV')
      await page.showsTransfers(['12.50 DEV'])
      await page.close()
    })

    test('units: errors say what happened, and a transfer of someone else appears, and one that may have arrived is not sent twice', async () => {
      const page = await open(production.url, { wallet: { address, signDataItem } })
      await page.walletUser('refuses')
      await page.press('Connect wallet')
      await page.showsAlert('The wallet is not connected')
      await page.walletUser('signs')
      await page.press('Connect wallet')
      await page.showsText('[data-testid=address]', address)

      const { posted } = units
      await page.walletUser('refuses')
      await page.transfer(RECIPIENT, '1')
      await page.showsAlert('The wallet did not sign')
      await page.walletUser('waits')
      await page.transfer(RECIPIENT, '1')
      await page.showsText('[role=status]', '1.00 UNIT on the way')
      await page.press('Cancel')
      await page.showsAlert('Cancelled')
      assert.equal(units.posted, posted)
      await page.walletUser('signs')

      const held = Number((await page.balance()).replace(/[^\d.]/g, ''))
      await units.transfer(RECIPIENT, '25')
      await page.showsText('.transfers', '0.25 UNIT')
      await page.showsBalance(`${(held - 0.25).toFixed(2)} UNIT`)

      units.state = 'deaf'
      await page.transfer(RECIPIENT, '1')
      await page.showsAlert('Your transfer may have arrived')
      assert.equal(await page.isDisabled('Send'), true)
      await page.picture('react-may-have-arrived')
      units.state = 'good'
      await page.press('Look for its result')
      await page.showsStatus('Sent 1.00 UNIT')
      await page.showsBalance(`${(held - 1.25).toFixed(2)} UNIT`)

      await page.switchWallet(RECIPIENT)
      await page.showsText('[data-testid=address]', RECIPIENT)
      assert.match(await page.balance(), /^[12]\.(25|50) UNIT$/)

      units.state = 'down'
      await page.reload()
      await page.showsAlert('The network cannot be reached')
      units.state = 'good'
      await page.press('Try again')
      await page.showsText('h1', 'Unit Coin')
      await page.close()
    })
  })
}
