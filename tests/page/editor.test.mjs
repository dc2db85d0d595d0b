// The playground's editor for Lua in real browsers, and the page without it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startServer } from '../../xtask/scripts/serve.mjs'
import { ConsolePage } from './console.mjs'
import { browserNames, launch } from './driver.mjs'

const EDITOR = '/vendor/codemirror.js'

let server
before(async () => {
  server = await startServer({ port: 0 })
})
after(() => server?.stop())

/** Opens the page in a context of its own. `onEditor` is called with the request for the editor. */
async function openWith(browser, browserName, onEditor) {
  const context = await browser.createBrowserContext()
  const page = new ConsolePage(await context.newPage(), browserName)
  await page.page.setRequestInterception(true)
  page.page.on('request', (request) => {
    if (new URL(request.url()).pathname === EDITOR) onEditor(request)
    else request.continue()
  })
  await page.page.goto(server.url)
  await page.page.waitForSelector('[data-ready]')
  return page
}

for (const browserName of browserNames) {
  describe(`the editor in ${browserName}`, () => {
    let browser
    let page
    before(async () => {
      browser = await launch(browserName)
      page = await ConsolePage.open(browser, server.url, browserName)
      await page.begin()
    })
    after(() => browser?.close())

    const classesOf = (text) =>
      page.page.$$eval(
        '#prompt-code .cm-line span',
        (all, wanted) => all.filter(({ textContent }) => textContent === wanted).map(({ className }) => className),
        text
      )
    const colourOf = (name) => page.page.$eval(`#prompt-code .${name}`, (element) => getComputedStyle(element).color)

    test('highlighting: words of Lua and of AO have classes, and other colours in each theme', async () => {
      await page.fill('#prompt-code', "local n = ao.id .. 'text' -- comment")
      for (const [text, name] of [
        ['local', 'lua-keyword'],
        ['ao.id', 'lua-ao'],
        ["'text'", 'lua-string'],
        ['-- comment', 'lua-comment']
      ])
        assert.deepEqual(await classesOf(text), [name], text)
      await page.click('#theme')
      const light = await colourOf('lua-keyword')
      await page.click('#theme')
      assert.notEqual(await colourOf('lua-keyword'), light)
      await page.click('#theme')
    })

    test('brackets: are closed, matched, and typed over', async () => {
      await page.fill('#prompt-code', '')
      await page.page.focus('#prompt-code')
      await page.page.keyboard.type('print("a"')
      assert.equal(await page.value('#prompt-code'), 'print("a")')
      await page.appears('#prompt-code .cm-matchingBracket')
      await page.page.keyboard.type(')')
      assert.equal(await page.value('#prompt-code'), 'print("a")')
    })

    test('indentation: follows blocks', async () => {
      await page.fill('#prompt-code', '')
      await page.page.focus('#prompt-code')
      const lines = [
        "Handlers.add('a', 'A', function (msg",
        'if msg.Data then',
        'print(1',
        'else',
        'print(2',
        'end',
        'end'
      ]
      for (const [at, line] of lines.entries()) {
        if (at > 0) await page.press('Shift', 'Enter')
        await page.page.keyboard.type(line)
        // Past the brackets that were closed.
        if (/\((?:msg|1|2)$/.test(line)) await page.press('ArrowRight')
      }
      const expected = [
        "Handlers.add('a', 'A', function (msg)",
        '  if msg.Data then',
        '    print(1)',
        '  else',
        '    print(2)',
        '  end',
        'end)'
      ]
      assert.equal(await page.value('#prompt-code'), expected.join('\n'))
      await page.picture('editor')
    })

    test('history: undo and redo restore the text', async () => {
      await page.fill('#prompt-code', 'first')
      await page.fill('#prompt-code', 'second')
      await page.page.focus('#prompt-code')
      await page.press('Control', 'z')
      assert.equal(await page.value('#prompt-code'), 'first')
      await page.press('Control', 'y')
      assert.equal(await page.value('#prompt-code'), 'second')
    })

    test('names: screen readers get a text box with the label and the description of the field', async () => {
      const named = await page.page.$eval('#prompt-code', (element) => {
        const textOf = (name) => document.getElementById(element.getAttribute(name)).textContent
        return [element.role, element.ariaMultiLine, textOf('aria-labelledby'), textOf('aria-describedby')]
      })
      assert.equal(named[0], 'textbox')
      assert.equal(named[1], 'true')
      assert.match(named[2], /^Alice@aoxide/)
      assert.match(named[3], /Enter runs/)
      await page.click('#prompt-sign')
      assert.equal(await page.page.evaluate(() => document.activeElement.id), 'prompt-code')
    })

    test('keyboard: Tab leaves the editor, and a key combination sends from the workbench', async () => {
      await page.page.focus('#prompt-code')
      await page.press('Tab')
      assert.equal(await page.page.evaluate(() => document.activeElement.id), 'prompt-run')
      await page.workbench()
      await page.fill('#code', 'return 6 * 7')
      await page.page.focus('#code')
      await page.press('Enter')
      await page.page.keyboard.type('-- one line more')
      await page.press('Control', 'Enter')
      assert.equal(await page.outcome(), '42')
      assert.equal(await page.value('#code'), 'return 6 * 7\n-- one line more')
      await page.fill('#code', '')
      await page.page.focus('#code')
      await page.press('Alt', 'ArrowUp')
      assert.equal(await page.value('#code'), 'return 6 * 7\n-- one line more')
      assert.deepEqual(page.faults, [])
    })

    test('start: the page works while the editor loads; text and focus stay', async () => {
      let request
      const early = await openWith(browser, browserName, (held) => (request = held))
      await early.begin()
      assert.equal(await early.page.$eval('#prompt-code', ({ tagName }) => tagName), 'TEXTAREA')
      assert.equal(await early.enter(), '42')
      await early.page.focus('#prompt-code')
      await early.page.keyboard.type('return 1 +')
      await request.continue()
      await early.page.waitForSelector('[data-editor=loaded]')
      assert.notEqual(await early.page.$eval('#prompt-code', ({ tagName }) => tagName), 'TEXTAREA')
      await early.page.keyboard.type(' 2')
      assert.equal(await early.enter(), '3')
      assert.equal((await early.page.$$('.said .lua-keyword')).length, 2)
      await early.close()
    })

    test('failure: without the editor, the text areas stay', async () => {
      const plain = await openWith(browser, browserName, (refused) => refused.abort())
      await plain.page.waitForSelector('[data-editor=none]')
      await plain.begin()
      assert.equal(await plain.run('return 2 + 3'), '5')
      assert.equal(await plain.isVisible('#fault'), false)
      await plain.close()
    })
  })
}
