// The playground in local mode, served as files, in real browsers.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DataItem } from '@dha-team/arbundles'
import { startServer } from '../../xtask/scripts/serve.mjs'
import { subpath } from '../js/support/package.mjs'
import { ConsolePage } from './console.mjs'
import { browserNames, ID, launch } from './driver.mjs'

/** The module that the package brings, and aos, which the server has. */
const { id: LUA } = await (await subpath('lua')).luaModule()
const AOS = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
/** Minimum gas of a message that only returns a number. */
const LEAST_GAS = 50_000_000

/** Runs on the page: spawns a process with cron every second and returns the ticks it received within two seconds. */
async function startClock(module) {
  const [{ connect }, { session }] = await Promise.all([import('aoxide'), import('./session.js')])
  const ao = connect({ MODE: 'local', network: session.local })
  const { signer } = session.key
  const tags = [
    { name: 'Name', value: 'Clock' },
    { name: 'Cron-Interval', value: '1-second' },
    { name: 'Cron-Tag-Action', value: 'Cron' }
  ]
  const process = await ao.spawn({ module, signer, tags })
  await ao.monitor({ process, signer })
  await new Promise((resolve) => setTimeout(resolve, 2100))
  await ao.unmonitor({ process, signer })
  const { edges } = await ao.results({ process, limit: 100 })
  return { clock: process, heard: edges.length }
}

let server
before(async () => {
  server = await startServer({ port: 0 })
})
after(() => server?.stop())

for (const browserName of browserNames) {
  describe(`the playground in local mode in ${browserName}`, () => {
    let browser
    let page
    let alice
    let pong
    before(async () => {
      browser = await launch(browserName)
      page = await ConsolePage.open(browser, server.url, browserName)
    })
    after(() => browser?.close())

    const atEnd = async () => {
      assert.deepEqual(page.faults, [])
      assert.equal(await page.isVisible('#fault'), false)
      const elsewhere = page.requests.filter((url) => !url.startsWith(server.url) && !url.startsWith('blob:'))
      assert.deepEqual(elsewhere, [])
    }

    test('start: one button creates a key and a process', async () => {
      await page.picture('local-start')
      alice = await page.begin()
      assert.match(alice, ID)
      assert.deepEqual(await page.texts('.process-name'), ['Alice'])
      assert.equal(await page.value('#prompt-code'), 'return 1 + 41')
      assert.equal(await page.enter(), '42')
    })

    test('console: shows prompts, prints, errors and gas', async () => {
      assert.match(await page.text('#prompt-sign'), /^Alice@aoxide-.*\[Inbox:\d+\]>$/)
      assert.equal(await page.run('print("hello") return 7'), 'hello\n7')
      assert.match(await page.run('error("thrown")'), /thrown/)
      assert.equal(await page.page.$$eval('[data-testid=came-bad]', (all) => all.length), 1)
      assert.match(await page.run('return = 1'), /unexpected symbol/)
      assert.match((await page.turns()).at(-1), /^Alice@aoxide-.*\n.*return = 1\n[^]*[MB] gas$/)
    })

    test('console: Shift and Enter insert a line break; arrow keys restore earlier code', async () => {
      await page.page.focus('#prompt-code')
      await page.page.keyboard.type('local n = 20')
      await page.press('Shift', 'Enter')
      await page.page.keyboard.type('return n + 1')
      assert.equal(await page.value('#prompt-code'), 'local n = 20\nreturn n + 1')
      assert.equal(await page.enter(), '21')
      await page.page.keyboard.type('draft')
      await page.press('ArrowUp')
      assert.equal(await page.value('#prompt-code'), 'local n = 20\nreturn n + 1')
      // The caret is in the last line: the first key press moves it up.
      await page.press('ArrowUp')
      await page.press('ArrowUp')
      assert.equal(await page.value('#prompt-code'), 'return = 1')
      for (let step = 0; step < 2; step++) await page.press('ArrowDown')
      assert.equal(await page.value('#prompt-code'), 'draft')
      await page.fill('#prompt-code', '')
    })

    test('console: the same code can run twice', async () => {
      assert.equal(await page.run('Twice = (Twice or 0) + 1 return Twice'), '1')
      assert.equal(await page.run('Twice = (Twice or 0) + 1 return Twice'), '2')
    })

    test('samples: the counter counts', async () => {
      assert.equal(await page.sample('A counter', 'Define it'), 'Counter is 0')
      await page.sample('A counter', 'Add five')
      await page.until(() => /Inbox:/.test(document.querySelector('#prompt-sign').textContent))
      assert.equal(await page.sample('A counter', 'Read it'), '5')
    })

    test('samples: the token rejects an overdraft', async () => {
      await page.sample('A token', 'Define it')
      await page.sample('A token', 'Share')
      await page.sample('A token', 'Transfer back')
      await page.sample('A token', 'Overdraw')
      assert.match(await page.sample('A token', 'Balances'), new RegExp(`${alice}.* = 60\\b`))
      assert.match(await page.page.$eval('[data-testid=inbox]', (box) => box.innerText), /Insufficient balance/)
      // The owner is a wallet, not a process.
      const [credit] = (await page.arrows()).filter(({ kind }) => kind === 'out')
      assert.deepEqual([credit.from, credit.action], [alice, 'Credit-Notice'])
    })

    test('diagram: has a lane for each party and an arrow for each message', async () => {
      const before = await page.arrows()
      assert.equal(await page.sample('Ping-pong', 'Spawn and play'), 'Spawning Pong')
      await page.until((count) => document.querySelectorAll('[data-testid=arrow]').length === count, before.length + 10)
      const arrows = (await page.arrows()).slice(before.length)
      const owner = arrows[0].from
      pong = arrows.find(({ kind }) => kind === 'spawn').to
      assert.deepEqual(await page.texts('.process-name'), ['Alice', 'Pong'])
      assert.deepEqual(await page.lanes(), [owner, alice, pong])
      assert.deepEqual(await page.laneNames(), ['You', 'Alice', 'Pong'])
      const shown = arrows.map(({ from, to, action, kind }) => [kind, from, action, to])
      assert.deepEqual(shown.slice(0, 2), [
        ['message', owner, 'Eval', alice],
        ['spawn', alice, '', pong]
      ])
      assert.deepEqual(shown.slice(2, 5).toSorted(), [
        ['message', alice, 'Eval', pong],
        ['message', alice, 'Ping', pong],
        ['message', alice, 'Spawned', alice]
      ])
      assert.deepEqual(shown.slice(5), [
        ['message', pong, 'Pong', alice],
        ['message', alice, 'Ping', pong],
        ['message', pong, 'Pong', alice],
        ['message', alice, 'Ping', pong],
        ['message', pong, 'Pong', alice]
      ])
      const places = arrows.map(({ x }) => x)
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b)
      )
      const heard = await page.texts('[data-testid=heard] .came')
      assert.deepEqual(heard.slice(-3), ['Round 1 came back', 'Round 2 came back', 'Round 3 came back'])
      await page.picture('local-played')
    })

    test('diagram: has a gas bar for each evaluated message', async () => {
      const evaluated = (await page.arrows()).filter(({ kind }) => kind !== 'out')
      const bars = await page.bars()
      assert.equal(bars.length, evaluated.length)
      for (const { gas, height } of bars) assert.ok(gas > LEAST_GAS && height > 10, `${gas} ${height}`)
    })

    test('mailbox: lists the inbox and the outbox of each process', async () => {
      await page.chooseProcess('Pong')
      assert.equal(await page.text('#mailbox-title'), 'Mailbox · Pong')
      const inbox = ['Ping', 'Ping', 'Ping', 'Eval', 'Spawn'].map((title) => ['Alice', title])
      assert.deepEqual(await page.mails('inbox'), inbox)
      await page.tab('outbox')
      assert.deepEqual(
        await page.mails('outbox'),
        Array.from({ length: 3 }, () => ['Alice', 'Pong'])
      )
      assert.match(await page.text('#lua-stranger'), /from its owner only: Alice/)
      await page.click('[data-testid=outbox] .mail')
      assert.equal(await page.text('#message-detail-title'), 'Pong')
      assert.equal(await page.text('#message-detail [data-testid=output]'), 'Round 3 came back')
      await page.tab('inbox')
      await page.chooseProcess('Alice')
    })

    test('diagram: an arrow opens its message by mouse and by keyboard', async () => {
      const all = await page.arrows()
      const { key } = all.find(({ kind }) => kind === 'failed')
      await page.click(`.arrow[data-key="${key}"]`)
      assert.equal(await page.text('#message-detail-state'), 'process error')
      assert.match(await page.text('#message-detail [data-testid=result-error]'), /thrown/)
      await page.tabTo('.arrow.is-chosen')
      await page.press('End')
      await page.press('ArrowLeft')
      await page.press('Enter')
      assert.equal(await page.text('#message-detail-title'), 'Ping')
      assert.equal(await page.page.$$eval('.arrow[aria-pressed=true]', (pressed) => pressed.length), 1)
      assert.equal(await page.page.$$eval('.arrow[tabindex="0"]', (stops) => stops.length), 1)
      for (const { label } of all) assert.match(label, / from .* to .*, \d\d:\d\d:\d\d/)
      await page.picture('local-chosen')
    })

    test('runtime: a new process can run aos', async () => {
      const aosFiles = () => page.requests.filter((url) => url.endsWith('.wasm')).length
      assert.equal(aosFiles(), 0)
      await page.fill('#new-process-name', 'Old')
      await page.page.select('#new-process-module', AOS)
      await page.click('#new-process-spawn')
      await page.until(() => document.querySelector('#lua-title').textContent === 'Lua console · Old')
      assert.equal(await page.run('return 6 * 7'), '42')
      assert.match(await page.text('#prompt-sign'), /^Old@aos-2.*\[Inbox:\d+\]>$/)
      assert.equal(aosFiles(), 1)
      await page.page.select('#new-process-module', LUA)
      await page.chooseProcess('Alice')
    })

    test('gas limit: ends an endless loop; other processes go on', async () => {
      assert.match(await page.sample('More', 'An endless loop'), /out of gas/)
      assert.equal(await page.run('return "still here"'), 'still here')
    })

    test('console: the user can stop waiting; the result still arrives', async () => {
      const before = (await page.turns()).length
      await page.fill('#prompt-code', 'while true do end -- and stop')
      await page.page.focus('#prompt-code')
      await page.press('Enter')
      await page.until(() => /Waiting/.test(document.querySelector('#lua-status [data-testid=stage]').textContent))
      await page.press('Escape')
      await page.appears('#lua-status [data-testid=failure]')
      assert.equal((await page.failure('#lua-status')).code, 'Stopped')
      await page.picture('local-stopped')
      await page.idle()
      const turns = await page.turns()
      assert.equal(turns.length, before + 1)
      assert.match(turns.at(-1), /and stop\n[^]*out of gas/)
    })

    test('workbench: shows a message of the local network byte by byte', async () => {
      await page.workbench()
      assert.equal(await page.text('#network-name'), 'In this page')
      await page.click('#process-change')
      assert.equal(await page.value('#spawn-module'), LUA)
      const spawned = await page.until(() => document.querySelector('#process-id .id-text')?.innerText)
      const before = await spawned.jsonValue()
      await page.click('#spawn')
      await page.until((id) => document.querySelector('#process-id .id-text').innerText !== id, before)
      const process = await page.text('#process-id .id-text')
      assert.equal(await page.evaluate('N = 42 return N'), '42')
      const message = await page.text('#result .id-text')
      assert.ok(Number((await page.text('#result [data-testid=gas]')).replace(/\D/g, '')) > LEAST_GAS)
      assert.equal(await page.evaluate('N = N + 1 return N', '#dryrun'), '43')
      assert.equal(await page.evaluate('return N'), '42')
      await page.click('[data-testid^=history-]:is(li:nth-child(3) *)')
      await page.tab('item')
      await page.appears('[data-testid=verified].good')
      const bytes = await page.itemBytes()
      const item = new DataItem(bytes)
      assert.equal(await DataItem.verify(bytes), true)
      assert.deepEqual([item.id, item.target, item.rawData.toString()], [message, process, 'N = 42 return N'])
      await page.tab('wire')
      assert.deepEqual(await page.wire(), [
        { url: 'http://localhost/mu', status: '202' },
        { url: `http://localhost/cu/result/${message}?process-id=${process}`, status: '200' }
      ])
      await page.tab('code')
      assert.match(await page.text('[data-testid=program]'), /connect\(\{ MODE: 'local' \}\)/)
      await page.picture('local-workbench')
      await page.console()
      await page.until(() => document.querySelectorAll('.process-row').length === 4)
      await page.chooseProcess('Alice')
    })

    test('reload: restores keys, processes and messages', async () => {
      const shown = async () => ({
        ...{ turns: await page.turns(), arrows: await page.arrows(), bars: await page.bars() },
        ...{ mails: await page.mails('inbox'), names: await page.texts('.process-name'), id: await page.processId() }
      })
      // The diagram may not show the whole cascade yet.
      await page.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)))
      const before = await shown()
      await page.visit(server.url)
      assert.deepEqual(await shown(), before)
      assert.equal(await page.run('return Counter'), '5')
    })

    test('tabs: a second page uses the same network', async () => {
      const other = new ConsolePage(await page.page.browserContext().newPage(), browserName)
      await other.visit(server.url)
      assert.equal(await other.run('Shared = "of both" return 1'), '1')
      await other.page.close()
      assert.equal(await page.run('return Shared'), 'of both')
    })

    test('offline: the network goes on without a connection', async () => {
      if (browserName === 'chromium') await page.page.setOfflineMode(true)
      const already = page.requests.length
      await page.fill('#new-process-name', 'Offline')
      await page.click('#new-process-spawn')
      await page.until(() => document.querySelector('#lua-title').textContent === 'Lua console · Offline')
      await page.idle()
      assert.equal(await page.run('return 6 * 7'), '42')
      await page.workbench()
      assert.equal(await page.evaluate('return 7 * 7', '#dryrun'), '49')
      await page.console()
      assert.deepEqual(page.requests.slice(already), [])
      if (browserName === 'chromium') await page.page.setOfflineMode(false)
    })

    test('layout: nothing overflows on a phone, in both themes', async () => {
      await page.page.setViewport({ width: 360, height: 740 })
      assert.ok((await page.overflow()) <= 0, `it overflows by ${await page.overflow()}`)
      await page.picture('local-phone')
      await page.page.setViewport({ width: 1280, height: 900 })
      await page.click('#theme')
      await page.click('#theme')
      assert.equal(await page.text('#theme'), 'Theme: dark')
      await page.picture('local-dark')
    })

    test('diagram: shows cron ticks after a refresh', async () => {
      const before = await page.bars()
      const { clock, heard } = await page.page.evaluate(startClock, LUA)
      await page.page.evaluate(() => dispatchEvent(new Event('focus')))
      assert.ok(heard > 2, `${heard} of a spawn and two ticks`)
      const all = `[data-testid=arrow][data-to="${clock}"]`
      await page.until((all, heard) => document.querySelectorAll(all).length === heard, all, heard)
      const came = (await page.arrows()).filter(({ to }) => to === clock)
      assert.equal(came[0].kind, 'spawn')
      for (const { from, kind, action } of came.slice(1))
        assert.deepEqual([from, kind, action], [came[0].from, 'message', 'Cron'])
      // Each message was evaluated.
      assert.equal((await page.bars()).length, before.length + came.length)
      await page.tabTo('.arrow[tabindex="0"]')
      await page.press('End')
      await page.press('Enter')
      assert.equal(await page.text('#message-detail-title'), 'Cron')
    })

    test('network: can be deleted', async () => {
      await atEnd()
      await page.workbench()
      await page.click('#network summary')
      await page.click('#network-forget')
      await Promise.all([page.page.waitForNavigation(), page.click('#network-forget-sure')])
      await page.page.waitForSelector('[data-ready]')
      assert.equal(await page.isVisible('#lua-start'), true)
      assert.equal((await page.arrows()).length, 0)
      assert.deepEqual(page.faults, [])
    })
  })
}
