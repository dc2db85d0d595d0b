// Compares the deep hash in Chromium with the browser's own SHA-384.
import { install } from '../tests/packaging/support/app.mjs'
import { startSite } from '../tests/packaging/support/site.mjs'
import { median } from './measure.mjs'
import { perSecond, row } from './table.mjs'

const SIZE = 10 * 1024 * 1024

export async function deepHash(browser) {
  const app = await install('examples/html', 'deep-hash')
  const site = await startSite(app.home)
  const page = await browser.newPage()
  try {
    await page.goto(site.url)
    const times = await page.evaluate(hashInTurns, SIZE, { rounds: 31, warmUp: 5 })
    const [aoxide, peer] = [times.aoxide, times.subtle].map((list) => SIZE / (median(list) / 1000))
    const what = 'deep hash of 10 MiB in Chromium'
    return { rows: [row({ what, aoxide, peer, peerName: 'SubtleCrypto SHA-384', unit: perSecond, least: 0.8 })] }
  } finally {
    await page.close()
    await site.stop()
  }
}

/** Runs on the page, so it cannot use other values of this file. */
async function hashInTurns(size, { rounds, warmUp }) {
  const { deepHash } = await import(new URL('node_modules/aoxide/ans104/index.js', location.href))
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  const candidates = [
    ['aoxide', () => deepHash(bytes)],
    ['subtle', () => crypto.subtle.digest('SHA-384', bytes)]
  ]
  const times = { aoxide: [], subtle: [] }
  for (let round = -warmUp; round < rounds; round++) {
    candidates.reverse()
    for (const [name, run] of candidates) {
      const began = performance.now()
      await run()
      if (round >= 0) times[name].push(performance.now() - began)
    }
  }
  return times
}
