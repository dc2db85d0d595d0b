// Opens a page in a browser, and records what it fetches and its errors.
import assert from 'node:assert/strict'
import { address } from '../../js/support/key.mjs'
import { root } from '../../js/support/package.mjs'
import { decode, verifies } from '../../js/support/peers.mjs'

export const KEY_FILE = `${root}target/test-key.json`
export const PROCESS = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'

const PATIENCE = 60_000

/**
 * Opens `url` in a fresh profile. `faults` are exceptions, refused requests, and errors in the console.
 */
export async function visit(browser, url, { proxy } = {}) {
  const context = await browser.createBrowserContext(proxy && { proxyServer: proxy })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const faults = []
  page.on('response', (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`))
  page.on('requestfailed', (request) => faults.push(`${request.failure()?.errorText} ${request.url()}`))
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.goto(url)
  return { page, faults, close: () => context.close() }
}

/** Names of the package's files among the requests to a site that is not bundled, `wasm/client.js` for instance. */
export const packageFiles = ({ requests }) =>
  requests.flatMap((path) => /^\/node_modules\/aoxide\/(.+)$/.exec(path)?.[1] ?? [])

/** The files of artefacts: WebAssembly, bindings, worker. */
export const artefactFiles = (site) =>
  packageFiles(site).filter((file) => /^wasm\/(client|rsa|httpsig|compute|local)[.-]/.test(file))

const fill = (page, selector, text) => page.$eval(selector, (element, value) => (element.value = value), text)

/** Fills in the form of the examples: key file, process, text. Presses `buttons` one after the other. */
export async function ask({ page }, text, buttons = ['#send']) {
  await (await page.waitForSelector('#key')).uploadFile(KEY_FILE)
  await fill(page, '#process', PROCESS)
  await fill(page, '#text', text)
  for (const button of buttons) {
    await page.waitForSelector(`${button}:not(:disabled)`)
    await page.$eval(button, (element) => element.click())
  }
  return answer(page)
}

export async function answer(page) {
  await page.waitForSelector('#answer[data-state=done], #answer[data-state=failed]')
  return page.$eval('#answer', (element) => element.textContent)
}

/** The result that the page at `url` shows by itself, without errors. */
export async function answerAt(browser, url) {
  const { page, faults, close } = await visit(browser, url)
  try {
    const shown = await answer(page)
    assert.deepEqual(faults, [])
    return shown
  } finally {
    await close()
  }
}

/** Asserts the outcome of `ask`: the result on the page, one valid item at the messenger unit, and no errors. */
export async function assertAsked(visited, units, text, shown) {
  assert.ok(shown.includes(`echo: ${text}`), `the page shows "${shown}"`)
  assert.deepEqual(visited.faults, [])
  await assertSent(units, text)
}

export async function assertSent(units, text) {
  const [raw, ...more] = units.items.splice(0)
  assert.ok(raw && more.length === 0, `${raw ? 1 + more.length : 0} items were sent`)
  assert.ok(await verifies(raw), 'arbundles refuses the signature')
  const { target, data, tags, owner } = decode(raw)
  assert.equal(target, PROCESS)
  assert.equal(Buffer.from(data, 'hex').toString(), text)
  assert.ok(tags.includes('Data-Protocol=ao') && tags.includes('Type=Message'), tags.join())
  assert.equal(await addressOf(owner), address)
}

async function addressOf(owner) {
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(owner, 'base64url'))
  return Buffer.from(digest).toString('base64url')
}
