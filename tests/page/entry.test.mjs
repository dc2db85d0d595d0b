// The playground's first steps in real browsers: key, process, network, keyboard.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startServer } from '../../xtask/scripts/serve.mjs'
import { browserNames, launch, Playground } from './driver.mjs'

const KEY_FILE = new URL('../vectors/key.json', import.meta.url)
const KEY = JSON.parse(readFileSync(KEY_FILE, 'utf8'))

let units
let server
let publicServer

before(async () => {
  server = await startServer({ port: 0, units: true })
  units = server.units
  publicServer = await startServer({ port: 0, public: true })
})
after(async () => {
  await publicServer?.stop()
  await server?.stop()
})

for (const browserName of browserNames) {
  describe(`first steps in the playground in ${browserName}`, () => {
    let browser
    before(async () => {
      browser = await launch(browserName)
    })
    after(() => browser?.close())

    const open = (url = server.url) => Playground.open(browser, url, browserName)

    test('process: an existing id can be used', async () => {
      const page = await open()
      await page.click('[name=process-mode][value=known] + span')
      await page.fill('#known-id', 'no id')
      await page.click('#known-use')
      assert.equal((await page.failure('#process-status')).code, 'BAD_ID')
      await page.fill('#known-id', units.module)
      await page.click('#known-use')
      assert.equal(await page.text('#process-id .id-text'), units.module)
      await page.close()
    })

    describe('keys', () => {
      let page
      before(async () => {
        page = await open()
      })
      after(() => page?.close())

      const { n, e, kty } = KEY
      for (const [what, text] of [
        ['text that is no JSON', 'not a key'],
        ['a key without a modulus', '{"kty":"RSA","e":"AQAB"}'],
        ['a public key', JSON.stringify({ kty, n, e })],
        ['a key whose parts do not fit', JSON.stringify({ ...KEY, n: KEY.n.replace(/^.{8}/, 'wwwwwwww') })]
      ])
        test(`key: ${what} shows BAD_KEY under the field`, async () => {
          await page.fill('#key-paste', text)
          await page.click('#key-use')
          await page.appears('#key-status [data-testid=failure]')
          await page.until(() => !document.querySelector('#key-use').disabled)
          assert.equal((await page.failure('#key-status')).code, 'BAD_KEY')
          assert.equal(await page.isVisible('#key-current'), false)
          if (text === 'not a key') await page.picture('bad-key')
        })

      test('key: lasts until the page is closed, or with the tab if the user chooses that', async () => {
        await page.useKey(KEY)
        const address = await page.text('#key-address .id-text')
        const stored = () => page.page.evaluate(() => sessionStorage.length)
        assert.equal(await stored(), 0)
        await page.click('#key-keep')
        assert.equal(await stored(), 1)
        await page.visit(server.url)
        await page.appears('#key-address .id-text')
        assert.equal(await page.text('#key-address .id-text'), address)
        await page.click('#key-forget')
        assert.equal(await stored(), 0)
        assert.equal(await page.isVisible('#key-current'), false)
        await page.visit(server.url)
        assert.equal(await page.isVisible('#key-choose'), true)
      })

      test('key: a key file can be opened', async () => {
        const input = await page.page.$('#key-file')
        await input.uploadFile(fileURLToPath(KEY_FILE))
        await page.appears('#key-address .id-text')
        await page.click('#key-forget')
      })

      test('wallet: injected after load, it signs; its refusal is shown', async () => {
        assert.equal(await page.page.$eval('#key-wallet', (button) => button.disabled), true)
        await page.page.evaluate(async (jwk) => {
          const { createSigner, jwkToAddress } = await import('/pkg/index.js')
          const { DataItem } = await import('/pkg/ans104/index.js')
          window.arweaveWallet = {
            connect: async () => {},
            disconnect: async () => {},
            getActiveAddress: () => jwkToAddress(jwk),
            signDataItem: async (fields) => {
              if (window.refuses) throw new Error('The user said no')
              return (await DataItem.create(fields).sign(createSigner(jwk))).raw
            }
          }
          dispatchEvent(new Event('arweaveWalletLoaded'))
        }, KEY)
        await page.click('#key-wallet')
        await page.appears('#key-address .id-text')
        assert.equal(await page.text('#key-kind'), 'Browser wallet')
        await page.spawn()
        assert.equal(await page.evaluate('return 2 * 21'), '42')
        await page.tab('item')
        await page.appears('[data-testid=verified].good')
        await page.page.evaluate(() => (window.refuses = true))
        assert.equal(await page.evaluate('return 1'), undefined)
        const { code } = await page.failure('#compose-status')
        assert.equal(code, 'SIGNER')
        assert.match(await page.text('#compose-status'), /The user said no/)
        assert.match(await page.text('#panel-item'), /Nothing was sent/)
      })
    })

    test('keyboard: the first steps work without a mouse', async () => {
      const page = await open()
      await page.press('Tab')
      assert.equal(await page.page.evaluate(() => document.activeElement.textContent), 'Skip to the message')
      await page.tabTo('#key-create')
      const outline = await page.page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle)
      assert.equal(outline, 'solid')
      await page.press('Enter')
      await page.appears('#key-address .id-text')
      await page.tabTo('#spawn-module')
      await page.tabTo('#spawn')
      await page.press('Enter')
      await page.appears('#process-id .id-text')
      await page.tabTo('#code')
      await page.press('Control', 'a')
      await page.page.keyboard.type('return 6 * 7')
      await page.press('Control', 'Enter')
      assert.equal(await page.outcome(), '42')
      assert.equal(await page.page.evaluate(() => document.activeElement.id), 'code')
      await page.press('Control', 'Shift', 'Enter')
      await page.until(() => document.querySelectorAll('#history > li').length === 3)
      assert.equal(await page.outcome(), '42')
      await page.tabTo('#message-tags [data-testid=tag-value]')
      await page.press('Enter')
      assert.equal((await page.texts('#message-tags [data-testid=tag-row]')).length, 2)
      await page.press('Backspace')
      assert.equal((await page.texts('#message-tags [data-testid=tag-row]')).length, 1)
      await page.tabTo('[data-testid=history-2]')
      await page.press('Enter')
      await page.tabTo('#tab-result')
      await page.press('ArrowRight')
      assert.equal(await page.page.evaluate(() => document.activeElement.id), 'tab-item')
      await page.appears('[data-testid=verified].good')
      await page.close()
    })

    test('units: without network.json the page offers the public units and sends no request at first', async () => {
      const page = await open(publicServer.url)
      assert.match(await page.text('#network-name'), /public/)
      await page.click('#network summary')
      assert.equal(await page.value('#unit-mu'), 'https://mu.ao-testnet.xyz')
      await page.fill('#unit-mu', 'nowhere')
      assert.match(await page.text('#unit-mu-problem'), /BAD_ARGUMENT/)
      assert.deepEqual(
        page.requests.filter((url) => !url.startsWith(publicServer.url)),
        []
      )
      await page.close()
    })
  })
}
