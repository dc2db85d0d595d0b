// Browsers, and the page object of the playground. It uses visible elements only.
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import puppeteer from 'puppeteer-core'

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

const onPath = (...names) =>
  names
    .flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name)))
    .find((path) => existsSync(path))

const BROWSERS = {
  chromium: () => ({
    browser: 'chrome',
    executablePath: process.env.AOXIDE_CHROMIUM || onPath('chromium', 'chromium-browser', 'google-chrome'),
    args: CHROMIUM_ARGS
  }),
  firefox: () => ({
    browser: 'firefox',
    executablePath: process.env.AOXIDE_FIREFOX || onPath('firefox-esr', 'firefox')
  })
}

/** Form of ids and addresses. */
export const ID = /^[\w-]{43}$/

export const browserNames = Object.keys(BROWSERS)

export const launch = (name) => puppeteer.launch(BROWSERS[name]())

/** Timeout in milliseconds. Creating a key and the first evaluation take seconds each. */
const PATIENCE = 120_000

export class Playground {
  /** Uncaught exceptions of the page. */
  faults = []
  /** URLs of all requests, including the page's own files. */
  requests = []

  constructor(page, browserName) {
    this.page = page
    this.browserName = browserName
    page.setDefaultTimeout(PATIENCE)
    page.on('pageerror', ({ message }) => {
      // Firefox reports failed requests as errors here.
      if (!message.startsWith('Cross-Origin Request Blocked')) this.faults.push(message)
    })
    page.on('request', (request) => this.requests.push(request.url()))
  }

  static async open(browser, url, browserName) {
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    const playground = new this(page, browserName)
    await page.setViewport({ width: 1280, height: 900 })
    await playground.visit(url)
    return playground
  }

  async visit(url) {
    await this.page.goto(url)
    await this.page.waitForSelector('[data-ready][data-editor]')
  }

  async close() {
    await this.page.browserContext().close()
  }

  text = (selector) => this.page.$eval(selector, (element) => element.innerText.trim())
  texts = (selector) => this.page.$$eval(selector, (all) => all.map((element) => element.innerText.trim()))
  value = (selector) => this.page.$eval(selector, (element) => element.value)
  isVisible = (selector) => this.page.$eval(selector, (element) => element.checkVisibility())
  appears = (selector) => this.page.waitForSelector(selector, { visible: true })

  /** Scrolls to an element and clicks it. */
  async click(selector) {
    await this.page.$eval(selector, (element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }))
    await this.page.click(selector)
  }

  /** Replaces the content of a field. */
  fill(selector, text) {
    return this.page.$eval(
      selector,
      (element, value) => {
        element.value = value
        element.dispatchEvent(new Event('input', { bubbles: true }))
        element.dispatchEvent(new Event('change', { bubbles: true }))
      },
      text
    )
  }

  until(predicate, ...args) {
    return this.page.waitForFunction(predicate, { polling: 50 }, ...args)
  }

  async useKey(jwk) {
    await this.fill('#key-paste', JSON.stringify(jwk))
    await this.click('#key-use')
    await this.appears('#key-address .id-text')
  }

  async spawn() {
    await this.click('#spawn')
    await this.appears('#process-id .id-text, #process-status [data-testid=failure]')
    const failed = await this.page.$('#process-status [data-testid=failure]')
    if (failed) throw new Error(`spawning failed: ${await this.text('#process-status')}`)
    return this.text('#process-id .id-text')
  }

  async evaluate(code, button = '#send') {
    await this.click('[name=compose][value=eval] + span')
    await this.fill('#code', code)
    return this.submit(button)
  }

  /** Clicks Send or Dryrun and waits for the outcome. */
  async submit(button = '#send') {
    await this.click(button)
    return this.outcome()
  }

  async outcome() {
    await this.until(() => {
      const busy = document.querySelector('#send').disabled
      return !busy && document.querySelector('#answer').checkVisibility()
    })
    const answer = await this.page.$('#answer [data-testid=answer-text]')
    return answer ? this.text('#answer [data-testid=answer-text]') : undefined
  }

  async tab(name) {
    await this.click(`#tab-${name}`)
    await this.appears(`#panel-${name}`)
  }

  tags(list) {
    return this.page.$eval(list, (dl) => {
      const parts = [...dl.children].map((element) => element.innerText)
      return parts.flatMap((part, at) => (at % 2 ? [] : [{ name: part, value: parts[at + 1] }]))
    })
  }

  /** Requests of the selected call: `{ url, status }`. */
  wire() {
    return this.page.$$eval('[data-testid=wire-row]', (rows) =>
      rows.map((row) => ({
        url: row.querySelector('[data-testid=wire-url]').dataset.url,
        status: row.querySelector('[data-testid=wire-status]').textContent
      }))
    )
  }

  /** Bytes of the data item as the hex view shows them. */
  async itemBytes() {
    const rows = await this.page.$$eval('[data-testid=hex] .hex-bytes', (all) => all.map((row) => row.textContent))
    return Buffer.from(rows.join('').replace(/\s/g, ''), 'hex')
  }

  failure = async (place) => ({
    code: await this.text(`${place} [data-testid=error-code]`),
    message: await this.text(`${place} [data-testid=error-message]`)
  })

  /** Horizontal overflow of the page, in pixels. */
  overflow() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  }

  /** Presses Tab until the element has the focus. Fails after a whole round. */
  async tabTo(selector) {
    for (let step = 0; step < 120; step++) {
      if (await this.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return
      await this.page.keyboard.press('Tab')
    }
    throw new Error(`the Tab key does not lead to ${selector}`)
  }

  async press(...keys) {
    const held = keys.slice(0, -1)
    for (const key of held) await this.page.keyboard.down(key)
    await this.page.keyboard.press(keys.at(-1))
    for (const key of held.reverse()) await this.page.keyboard.up(key)
  }

  /** Saves a screenshot if AOXIDE_SCREENSHOTS names a folder. */
  async picture(name) {
    const folder = process.env.AOXIDE_SCREENSHOTS
    if (!folder) return
    mkdirSync(folder, { recursive: true })
    await this.page.screenshot({ path: join(folder, `${this.browserName}-${name}.png`), fullPage: true })
  }
}
