// Checks an application in Chromium: it must send a message and show the result.
import assert from 'node:assert/strict'
import { startSite } from './site.mjs'
import { ask, assertAsked, visit } from './visit.mjs'

/** The query from which the example pages read the addresses of units. */
export const query = (address) => `?${new URLSearchParams({ mu: address, cu: address })}`

/**
 * Serves `folder` of an installed application, uses a process, and returns what the page shows and the paths of the
 * files that it fetched.
 */
export async function checkSite(app, folder, { browser, units, buttons }) {
  const site = await startSite(app.home + folder)
  try {
    const shown = await checkPage(site.url, { browser, units, buttons })
    return { shown, files: site.requests }
  } finally {
    await site.stop()
  }
}

export async function checkPage(url, { browser, units, buttons }) {
  units.items.length = 0
  const visited = await visit(browser, url + query(units.url))
  try {
    const text = `from ${url}`
    const shown = await ask(visited, text, buttons)
    await assertAsked(visited, units, text, shown)
    return shown
  } finally {
    await visited.close()
  }
}

/** Whether the bytes of a WebAssembly module of the package are in the text. */
export function contains(app, text, module) {
  const [, base64] = /'([\w+/=]+)'/.exec(app.read(`node_modules/aoxide/wasm/${module}.bytes.js`))
  return text.includes(base64.slice(0, 200))
}

/** A secure page does not fetch the artefact `rsa`. */
export function assertWithoutRsa(app, folder, files) {
  const texts = files.filter((path) => path.endsWith('.js')).map((path) => app.read(`${folder}${path}`))
  assert.equal(texts.filter((text) => contains(app, text, 'client')).length, 1, 'the module was not found in the files')
  assert.ok(!texts.some((text) => contains(app, text, 'rsa')), 'the module with RSA was fetched')
}
