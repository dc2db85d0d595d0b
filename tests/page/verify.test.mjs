// The playground's Verify view in real browsers: a replay of the page's own network, and units that lie.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startServer } from '../../xtask/scripts/serve.mjs'
import { browserNames, ID, launch } from './driver.mjs'
import { VerifyPage } from './verify-page.mjs'

const GOOD = Array(5).fill('good')

let server
before(async () => {
  server = await startServer({ port: 0 })
})
after(() => server?.stop())

for (const browserName of browserNames) {
  describe(`the Verify view in ${browserName}`, () => {
    let browser
    let page
    let process
    before(async () => {
      browser = await launch(browserName)
      page = await VerifyPage.open(browser, server.url, browserName)
      process = await page.begin()
      await page.enter()
      for (const step of ['Define it', 'Share', 'Transfer back', 'Overdraw', 'Balances'])
        await page.sample('A token', step)
      await page.run("error('thrown')")
    })
    after(() => browser?.close())

    test('form: has the selected process; an id that is none shows BAD_ID', async () => {
      await page.openView()
      assert.equal(await page.value('#verify-process'), process)
      await page.picture('verify-start')
      await page.fill('#verify-process', 'no id')
      await page.click('#verify-start')
      assert.equal((await page.failure('#verify-outcome')).code, 'BAD_ID')
      await page.fill('#verify-process', process)
    })

    test('honest units: each slot is checked, and the compute unit agrees', async () => {
      assert.equal(await page.verify(), 'Verified')
      assert.match(await page.text('[data-testid=verdict-unit]'), /unit agrees/)
      const slots = await page.slots()
      assert.deepEqual(
        slots.map(({ slot }) => slot),
        [...slots.keys()]
      )
      assert.ok(slots.length >= 10, `${slots.length} slots`)
      for (const { label, states } of slots.slice(0, -1)) assert.deepEqual(states, GOOD, label)
      // The last message is the error.
      assert.deepEqual(slots.at(-1).states, ['good', 'good', 'good', 'failed', 'good'])
      assert.match(slots.at(-1).label, /the process failed/)
      await page.picture('verified')
    })

    test('proof: says in words and in detail what it rests on', async () => {
      const scheduler = await page.page.evaluate(async () => (await import('./session.js')).session.local.address)
      const proof = await page.proof()
      assert.equal(proof.verified, true)
      assert.equal(proof.anchor, 'genesis')
      assert.equal(proof.slot, (await page.slots()).length - 1)
      assert.ok(proof.trusted.some(({ party, name }) => party === 'scheduler' && name === scheduler))
      const words = await page.text('[data-testid=proof]')
      assert.match(words, /begins before slot 0/)
      assert.ok(words.includes(scheduler))
      assert.match(words, /Nothing: everything else follows/)
    })

    test('slot: arrow keys select it; it shows its checks, its message and its result', async () => {
      await page.tabTo('[data-testid=slot]')
      await page.press('Home')
      assert.equal(await page.text('#verify-slot-title'), 'Slot 0')
      await page.press('ArrowRight')
      assert.equal(await page.text('#verify-slot-title'), 'Slot 1')
      assert.equal(await page.page.evaluate(() => document.activeElement.dataset.slot), '1')
      assert.equal(await page.page.$$eval('[data-testid=slot][tabindex="0"]', (all) => all.length), 1)
      assert.deepEqual(Object.values(await page.checks()), GOOD)
      assert.match(await page.text('#verify-slot-body .id-text'), ID)
      assert.equal(await page.text('#verify-slot-body [data-testid=output]'), '42')
    })

    test('compute unit: one that changes a result is caught, and both results are shown', async () => {
      await page.lie('unit')
      assert.equal(await page.verify(), 'Caught: MISMATCH')
      const wrong = (await page.slots()).filter(({ states }) => states.includes('bad'))
      assert.equal(wrong.length, 1)
      assert.deepEqual(wrong[0].states, ['good', 'good', 'good', 'good', 'bad'])
      assert.match(wrong[0].label, /wrong: Unit/)
      assert.equal(await page.text('#verify-slot-title'), `Slot ${wrong[0].slot}`)
      await page.appears('[data-testid=claimed] mark')
      const [computed, claimed] = await page.page.$$eval('.difference pre', (all) => all.map((pre) => pre.textContent))
      assert.equal(claimed.length, computed.length)
      assert.equal([...claimed].filter((letter, at) => letter !== computed[at]).length, 1)
      await page.picture('verify-unit-lies')
    })

    for (const [lie, code, row] of [
      ['message', 'VERIFY_SIGNATURE', 'message'],
      ['gap', 'VERIFY_GAP', 'order']
    ])
      test(`scheduler: one that tells the lie "${lie}" is caught`, async () => {
        await page.lie(lie)
        assert.equal(await page.verify(), `Caught: ${code}`)
        const slots = await page.slots()
        const wrong = slots.filter(({ states }) => states.includes('bad'))
        assert.deepEqual(wrong, [slots.at(-1)])
        assert.equal((await page.checks())[row], 'bad')
        // What came before is verified, and nothing after it is shown.
        assert.equal((await page.proof()).slot, slots.at(-2).slot)
        await page.picture(`verify-${lie}`)
      })

    test('new messages: are verified when the user asks for it', async () => {
      await page.lie('none')
      assert.equal(await page.verify(), 'Verified')
      const before = (await page.slots()).length
      await page.console()
      assert.equal(await page.run('return Balances[Owner]'), '940')
      await page.openView()
      assert.equal(await page.verify('#verify-more'), 'Verified')
      const slots = await page.slots()
      assert.equal(slots.length, before + 1)
      assert.deepEqual(slots.at(-1).states, GOOD)
      assert.equal(await page.text('#verify-slot-body [data-testid=output]'), '940')
    })

    test('layout: nothing overflows on a phone, in both themes', async () => {
      await page.page.setViewport({ width: 360, height: 740 })
      assert.ok((await page.overflow()) <= 0, `it overflows by ${await page.overflow()}`)
      await page.picture('verify-phone')
      await page.page.setViewport({ width: 1280, height: 900 })
      await page.click('#theme')
      await page.click('#theme')
      await page.picture('verify-dark')
    })

    test('page: sends no request elsewhere, and has no uncaught exception', async () => {
      const elsewhere = page.requests.filter((url) => !url.startsWith(server.url) && !/^(blob|data):/.test(url))
      assert.deepEqual(elsewhere, [])
      assert.deepEqual(page.faults, [])
      assert.equal(await page.isVisible('#fault'), false)
    })
  })
}
