// Measures everything that a page downloads for `connect`, `message` and `result` with a key.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { installed } from '../tests/js/support/package.mjs'
import { ARTEFACT_BUDGETS, BUDGET, bundledPage, gzipOf, plainPage, sizesOf } from '../tests/packaging/support/sizes.mjs'
import { startEchoUnits } from '../tests/packaging/support/units.mjs'
import { kB, row } from './table.mjs'

/** Compares the size of an artefact with ao-loader's, and with its budget. */
export function download(what, name) {
  const loader = fileURLToPath(import.meta.resolve('@permaweb/ao-loader'))
  const [aoxide, peer] = [`${installed}/wasm/${name}.wasm`, loader].map((file) => gzipOf(readFileSync(file)))
  return row({ what, aoxide, peer, peerName: 'ao-loader', unit: kB, mostOwn: ARTEFACT_BUDGETS[name], firm: true })
}

export async function sizes(browser) {
  const units = await startEchoUnits()
  try {
    const surroundings = { browser, units }
    const { sum: plain } = await plainPage(surroundings)
    const { sum: bundled } = await bundledPage(surroundings)
    // The file that bundlers and CDNs use for pages. It has no further parts.
    const theirs = sizesOf(readFileSync(new URL(import.meta.resolve('@permaweb/aoconnect/browser'))))
    const compare = (what, own, kind, bound) =>
      row({ what, aoxide: own[kind], peer: theirs[kind], peerName: 'aoconnect', unit: kB, ...bound })
    const budget = (kind) => ({ mostOwn: BUDGET[kind], firm: true })
    const rows = [
      compare('download, gzip -9', plain, 'gzip', budget('gzip')),
      compare('download, brotli', plain, 'brotli', budget('brotli')),
      compare('download, raw', plain, 'raw'),
      compare('download, minified by esbuild, gzip -9', bundled, 'gzip', budget('gzip'))
    ]
    return { rows }
  } finally {
    await units.stop()
  }
}
