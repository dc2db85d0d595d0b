// The playground in real browsers against units: key, process, messages.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { DataItem } from '@dha-team/arbundles'
import { startServer } from '../../xtask/scripts/serve.mjs'
import { browserNames, ID, launch, Playground } from './driver.mjs'
import { closedPort, startReluctantUnit } from './reluctant-unit.mjs'

const PING_HANDLER = "Handlers.add('ping', 'Ping', function (msg) msg.reply({ Data = 'Pong' }) end) return 'ready'"

let units
let server

before(async () => {
  server = await startServer({ port: 0, units: true })
  units = server.units
})
after(() => server?.stop())

for (const browserName of browserNames) {
  describe(`the playground in ${browserName}`, () => {
    let browser
    let page
    let address
    let process
    let message
    before(async () => {
      browser = await launch(browserName)
      page = await Playground.open(browser, server.url, browserName)
    })
    after(() => browser?.close())

    test('units: the URLs of network.json are shown', async () => {
      assert.equal(await page.text('#network-name'), 'Local units')
      assert.equal(await page.value('#unit-mu'), units.mu)
      assert.equal(await page.value('#unit-cu'), units.cu)
      for (const name of ['module', 'scheduler', 'authority'])
        assert.equal(await page.value(`#spawn-${name}`), units[name])
      await page.picture('start')
    })

    test('send: without a key, the status row says what is missing', async () => {
      await page.click('#spawn')
      assert.equal((await page.failure('#process-status')).code, 'BAD_ARGUMENT')
      await page.click('#send')
      assert.equal((await page.failure('#compose-status')).code, 'BAD_ARGUMENT')
    })

    test('key: creating one shows its stages; the page stays responsive', async () => {
      // Creating a key takes between a moment and seconds, so the page itself records the stages.
      await page.page.evaluate(() => {
        const button = document.querySelector('#key-create')
        const notes = (window.notes = { stages: [], disabled: false, longestPause: 0 })
        const look = () => {
          notes.stages.push(document.querySelector('#key-status [data-testid=stage]').textContent)
          notes.disabled ||= button.disabled
        }
        new MutationObserver(look).observe(document.querySelector('#key-status'), { childList: true, subtree: true })
        let last = performance.now()
        setInterval(() => {
          notes.longestPause = Math.max(notes.longestPause, performance.now() - last)
          last = performance.now()
        }, 10)
      })
      await page.click('#key-create')
      await page.appears('#key-address .id-text')
      address = await page.text('#key-address .id-text')
      assert.match(address, ID)
      assert.equal(await page.text('#key-kind'), 'Made on this page')
      const { stages, disabled, longestPause } = await page.page.evaluate(() => window.notes)
      assert.ok(stages.includes('Creating a 4096-bit key…'), stages.join())
      assert.ok(disabled)
      assert.ok(longestPause < 1000, `the page stood still for ${longestPause} ms`)
    })

    test('spawn: returns a process id', async () => {
      process = await page.spawn()
      assert.match(process, ID)
      await page.tab('wire')
      const requests = await page.wire()
      assert.ok(requests.some(({ url }) => url.startsWith(units.graphql)))
      assert.deepEqual(requests.at(-1), { url: `${units.mu}/`, status: '200' })
      await page.tab('item')
      await page.appears('[data-testid=verified].good')
      assert.equal(await page.text('[data-testid=item-id] .id-text'), process)
      const tags = await page.tags('#panel-item [data-testid=tags]')
      for (const [name, value] of [
        ['Type', 'Process'],
        ['Module', units.module],
        ['Scheduler', units.scheduler],
        ['Authority', units.authority],
        ['Name', 'Playground']
      ])
        assert.ok(
          tags.some((tag) => tag.name === name && tag.value === value),
          `${name}: ${value}`
        )
    })

    test('eval: 1 + 41 shows 42', async () => {
      assert.equal(await page.evaluate('return 1 + 41'), '42')
      await page.tab('result')
      assert.equal(await page.text('[data-testid=output]'), '42')
      message = await page.text('#result .id-text')
      assert.match(message, ID)
      await page.picture('result')
      await page.click('[name=result-form][value=raw] + span')
      const raw = JSON.parse(await page.text('[data-testid=raw-json]'))
      assert.ok('Output' in raw && 'Messages' in raw)
      await page.click('[name=result-form][value=pretty] + span')
    })

    test('item view: shows the same item that another library parses', async () => {
      await page.tab('item')
      await page.appears('[data-testid=verified].good')
      assert.equal(await page.text('[data-testid=verified]'), 'Signature verified')
      assert.equal(await page.text('[data-testid=item-id] .id-text'), message)
      assert.equal(await page.text('[data-testid=item-owner] .id-text'), address)
      assert.equal(await page.text('[data-testid=item-target] .id-text'), process)

      const bytes = await page.itemBytes()
      const shownSize = await page.text('[data-testid=item-size]')
      assert.equal(Number(shownSize.replace(/\D/g, '')), bytes.length)
      const item = new DataItem(bytes)
      assert.equal(await DataItem.verify(bytes), true)
      assert.equal(item.id, message)
      assert.equal(item.rawData.toString(), 'return 1 + 41')
      assert.deepEqual(await page.tags('#panel-item [data-testid=tags]'), item.tags)
      assert.ok(item.tags.some(({ name, value }) => name === 'Action' && value === 'Eval'))

      const regions = await page.texts('#panel-item .legend')
      const lengths = Object.fromEntries(
        regions.map((text) => [text.replace(/\s*\d+$/, ''), Number(/\d+$/.exec(text))])
      )
      assert.deepEqual(lengths, {
        'signature type': 2,
        signature: item.signatureLength,
        owner: item.ownerLength,
        target: 33,
        anchor: 1,
        tags: 16 + item.rawTags.length,
        data: item.rawData.length
      })
      const coloured = (region) =>
        page.page.$$eval(`.hex-bytes .r-${region}`, (all) => all.map((span) => span.textContent).join(''))
      assert.equal(Buffer.from((await coloured('data')).replace(/\s/g, ''), 'hex').toString(), 'return 1 + 41')
      assert.equal(
        Buffer.from((await coloured('signature')).replace(/\s/g, ''), 'hex').toString('base64url'),
        item.signature
      )
      await page.picture('item')
    })

    test('request log: lists both requests with their bodies', async () => {
      await page.tab('wire')
      assert.deepEqual(await page.wire(), [
        { url: `${units.mu}/`, status: '200' },
        { url: `${units.cu}/result/${message}?process-id=${process}`, status: '200' }
      ])
      await page.click('[data-testid=wire-row]:last-child summary')
      await page.until(() => document.querySelector('.wire-row:last-child .wire-content')?.textContent.includes('42'))
      await page.picture('wire')
      await page.click('#wire-all')
      assert.ok((await page.wire()).length > 2)
      await page.click('#wire-all')
    })

    test('code view: shows the call as a program', async () => {
      await page.tab('code')
      const program = await page.text('[data-testid=program]')
      assert.match(program, /ao\.message\(/)
      assert.ok(program.includes(process))
    })

    test('message: has the tags, data and anchor of the form', async () => {
      assert.equal(await page.evaluate(PING_HANDLER), 'ready')
      await page.click('[name=compose][value=message] + span')
      await page.click('[data-testid=add-tag]:is(#message-tags *)')
      await page.page.keyboard.type('X-Colour')
      await page.press('Tab')
      await page.page.keyboard.type('rust')
      await page.fill('#data', 'héllo')
      await page.click('#composer .more summary')
      await page.fill('#anchor', '0123456789abcdef0123456789abcdef')
      assert.equal(await page.submit(), '1 message out')
      await page.tab('result')
      assert.match(await page.text('[data-testid=message-0]'), /Pong/)
      assert.equal(await page.text('[data-testid=message-0] .id-text'), address)
      await page.tab('item')
      await page.appears('[data-testid=verified].good')
      const item = new DataItem(await page.itemBytes())
      assert.equal(item.rawData.toString(), 'héllo')
      assert.equal(item.rawAnchor.toString(), '0123456789abcdef0123456789abcdef')
      assert.ok(item.tags.some(({ name, value }) => name === 'X-Colour' && value === 'rust'))
      assert.equal(await page.text('[data-testid=item-anchor]'), '0123456789abcdef0123456789abcdef')
      await page.fill('#anchor', 'too short')
      await page.submit()
      const { code } = await page.failure('#compose-status')
      await page.fill('#anchor', '')
      assert.equal(code, 'BAD_ANCHOR')
    })

    test('dryrun: returns a result, signs nothing, changes no state', async () => {
      const count = 'Counter = (Counter or 0) + 1 return Counter'
      assert.equal(await page.evaluate(count, '#dryrun'), '1')
      assert.equal(await page.evaluate(count, '#dryrun'), '1')
      await page.tab('wire')
      assert.deepEqual(await page.wire(), [{ url: `${units.cu}/dry-run?process-id=${process}`, status: '200' }])
      await page.tab('item')
      assert.match(await page.text('#panel-item'), /signs nothing/)
      assert.equal(await page.evaluate(count), '1')
      assert.equal(await page.evaluate(count), '2')
    })

    test('result: a process error is shown as one', async () => {
      await page.tab('result')
      assert.match(await page.evaluate("error('thrown in Lua')"), /thrown in Lua/)
      assert.match(await page.text('[data-testid=result-error]'), /thrown in Lua/)
      assert.equal(await page.text('#call-detail-state'), 'process error')
    })

    test('result: an unreachable compute unit is reported; the result can be requested later', async () => {
      await page.click('#network summary')
      await page.fill('#unit-cu', `http://127.0.0.1:${await closedPort()}`)
      assert.equal(await page.text('#network-name'), 'Edited addresses')
      assert.equal(await page.evaluate("return 'late'"), undefined)
      const { code, message: told } = await page.failure('#compose-status')
      assert.equal(code, 'HTTP_NETWORK')
      assert.notEqual(told, '')
      assert.equal((await page.failure('#result')).code, 'HTTP_NETWORK')
      await page.picture('error')
      await page.click('#network-reset')
      await page.click('#ask-again')
      await page.appears('[data-testid=output]')
      assert.equal(await page.text('[data-testid=output]'), 'late')
    })

    test('result: polled until the compute unit has it', async () => {
      const behind = await startReluctantUnit(units.cu, 2)
      await page.fill('#unit-cu', behind.url)
      assert.equal(await page.evaluate("return 'at last'"), 'at last')
      await page.tab('wire')
      assert.deepEqual(
        (await page.wire()).map(({ status }) => status),
        ['200', '503', '503', '200']
      )
      await behind.stop()
      await page.click('#network-reset')
    })

    test('result: the user can stop waiting', async () => {
      const silent = await startReluctantUnit(units.cu, Infinity)
      await page.fill('#unit-cu', silent.url)
      await page.fill('#code', 'return 0')
      await page.click('#send')
      await page.until(() => /503/.test(document.querySelector('#compose-status [data-testid=stage]').textContent))
      await page.page.focus('#code')
      await page.press('Escape')
      await page.outcome()
      assert.equal((await page.failure('#compose-status')).code, 'Stopped')
      await silent.stop()
      await page.click('#network-reset')
    })

    test('history: an entry opens its call', async () => {
      await page.click('[data-testid=history-2]')
      assert.match(await page.text('#call-detail-title'), /return 1 \+ 41/)
      assert.equal(await page.text('#result .id-text'), message)
      assert.equal(await page.text('[data-testid=output]'), '42')
    })

    test('layout: nothing overflows on a phone', async () => {
      await page.page.setViewport({ width: 360, height: 740 })
      for (const name of ['result', 'item', 'wire', 'code']) {
        await page.tab(name)
        assert.ok((await page.overflow()) <= 0, `${name} overflows by ${await page.overflow()}`)
      }
      await page.tab('item')
      await page.picture('phone')
      await page.page.setViewport({ width: 1280, height: 900 })
    })

    test('theme: both can be chosen and last after a reload', async () => {
      const background = () => page.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      await page.click('#theme')
      const light = await background()
      await page.click('#theme')
      assert.equal(await page.text('#theme'), 'Theme: dark')
      assert.notEqual(await background(), light)
      await page.picture('dark')
      await page.visit(server.url)
      assert.equal(await page.text('#theme'), 'Theme: dark')
    })

    test('page: no uncaught exception', async () => {
      assert.deepEqual(page.faults, [])
      assert.equal(await page.isVisible('#fault'), false)
    })
  })
}
