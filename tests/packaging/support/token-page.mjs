// The page object of the React example. It finds elements by their roles and texts, as users do.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds. A busy machine needs seconds for the first evaluation. */
const PATIENCE = 30_000

export class TokenPage {
  /** Uncaught exceptions of the page. */
  faults = []

  constructor(page, browserName) {
    this.page = page
    this.browserName = browserName
    page.setDefaultTimeout(PATIENCE)
    page.on('pageerror', ({ message }) => {
      // Firefox reports failed requests as errors here.
      if (!message.startsWith('Cross-Origin Request Blocked')) this.faults.push(message)
    })
  }

  /**
   * Opens the page in a fresh profile.
   *
   * @param options.wallet `{ address, signDataItem }` of a browser wallet.
   */
  static async open(browser, url, { browserName, wallet }) {
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    const opened = new this(page, browserName)
    await page.setViewport({ width: 800, height: 900 })
    if (wallet) await page.exposeFunction('signInWallet', wallet.signDataItem)
    await page.evaluateOnNewDocument(prepare, wallet?.address)
    await page.goto(url)
    return opened
  }

  async press(text) {
    const button = await this.page.waitForSelector(`::-p-xpath(//button[normalize-space()="${text}"][not(@disabled)])`)
    await button.evaluate((element) => element.click())
  }

  async transfer(recipient, amount) {
    await (await this.page.waitForSelector('#recipient')).evaluate((element) => element.form.reset())
    await this.page.type('#recipient', recipient)
    await this.page.type('#amount', amount)
    await this.page.evaluate(() => (window.steps = []))
    await this.press('Send')
  }

  /** The steps of a transfer that the page has marked as current, in order. */
  steps = () => this.page.evaluate(() => window.steps)

  async balance() {
    await this.#until(() => /\d/.test(document.querySelector('[data-testid=balance]')?.textContent))
    return this.page.$eval('[data-testid=balance]', (element) => element.textContent)
  }

  showsBalance = (text) => this.showsText('[data-testid=balance]', text)
  showsStatus = (text) => this.showsText('[role=status]', text)
  showsAlert = (text) => this.showsText('[role=alert]', text)

  /** Waits until an element that the selector selects has the text. Fails with what the page shows. */
  showsText(selector, text) {
    return this.#until(
      (selector, text) => [...document.querySelectorAll(selector)].some((element) => element.innerText.includes(text)),
      selector,
      text
    )
  }

  showsTransfers(amounts) {
    return this.#until(
      (wanted) =>
        [...document.querySelectorAll('.transfers strong')].map((element) => element.innerText).join() === wanted,
      amounts.join()
    )
  }

  /** How the wallet's user treats requests: `'signs'`, `'refuses'` or `'waits'`. */
  walletUser = (does) => this.page.evaluate((does) => (window.walletUser = does), does)

  isDisabled = (text) =>
    this.page.$eval(`::-p-xpath(//button[normalize-space()="${text}"])`, (element) => element.disabled)

  /** The user chooses another account in the wallet. */
  switchWallet = (address) =>
    this.page.evaluate((address) => dispatchEvent(new CustomEvent('walletSwitch', { detail: { address } })), address)

  reload = () => this.page.reload()

  /** Horizontal overflow of the page, in pixels. */
  overflow = () => this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

  /** Sets the width of the page, and saves a screenshot if AOXIDE_SCREENSHOTS names a folder. */
  async picture(name, { width = 800, dark = false } = {}) {
    await this.page.setViewport({ width, height: 900 })
    const folder = process.env.AOXIDE_SCREENSHOTS
    if (!folder) return
    // Firefox cannot emulate the scheme.
    if (dark) await this.page.evaluate(() => (document.documentElement.style.colorScheme = 'dark'))
    mkdirSync(folder, { recursive: true })
    await this.page.screenshot({ path: join(folder, `${this.browserName}-${name}.png`), fullPage: true })
  }

  async close() {
    await this.page.browserContext().close()
    if (this.faults.length > 0) throw new Error(`the page threw: ${this.faults.join('; ')}`)
  }

  async #until(predicate, ...args) {
    try {
      await this.page.waitForFunction(predicate, { polling: 50 }, ...args)
    } catch (cause) {
      const shown = await this.page.evaluate(() => document.body.innerText)
      throw new Error(`${args.join(': ')} is not there. The page shows:\n${shown}\n${this.faults.join('\n')}`, {
        cause
      })
    }
  }
}

/** Runs on the page, before its scripts. */
function prepare(address) {
  if (address)
    window.arweaveWallet = {
      connect: async () => {
        if (window.walletUser === 'refuses') throw new Error('The user said no')
      },
      disconnect: async () => {},
      getActiveAddress: async () => address,
      signDataItem: async (fields) => {
        if (window.walletUser === 'waits') await new Promise(() => {})
        if (window.walletUser === 'refuses') throw new Error('The user said no')
        return new Uint8Array(await window.signInWallet(fields))
      }
    }
  window.steps = []
  const note = () => {
    const step = document.querySelector('[aria-current=step]')?.textContent
    if (step && step !== window.steps.at(-1)) window.steps.push(step)
  }
  new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true })
}
