// Contestants in Chromium. Each runs in a worker: aoxide in its own, ao-loader in one of page.loader.mjs.
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { install } from '../../tests/packaging/support/app.mjs'
import { startSite } from '../../tests/packaging/support/site.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Node.js modules that ao-loader imports and does not use on a page. */
const NODE = ['child_process', 'crypto', 'fs', 'path']

async function application(modules) {
  const app = await install('examples/html', 'compute-bench')
  for (const { name, file } of modules) cpSync(file, `${app.home}/${name}.wasm`)
  app.write(
    'bench.html',
    '<!doctype html><script type="module" src="candidates.js"></script><link rel="icon" href="data:," />'
  )
  app.write('nothing.js', 'export default {}')
  const common = { outdir: app.home, bundle: true, logLevel: 'error' }
  await build({
    ...common,
    entryPoints: { candidates: here('page.candidates.mjs') },
    format: 'esm',
    external: ['/node_modules/*']
  })
  await build({
    ...common,
    entryPoints: { loader: here('page.loader.mjs') },
    // A classic script: modules are strict, and ao-loader's code does not work in strict mode.
    format: 'iife',
    define: { global: 'globalThis' },
    alias: Object.fromEntries(NODE.map((name) => [name, `${app.home}/nothing.js`]))
  })
  return app
}

/**
 * Opens a page with the candidates, and calls `use` with two functions: `ask(name, verb, ...arguments)` calls a
 * candidate, and `fresh()` loads the page again, with new candidates. Modules are `{ name, file, format }`; the page
 * finds them by name.
 */
export async function onPage(browser, modules, use) {
  const app = await application(modules)
  const site = await startSite(app.home)
  const page = await browser.newPage()
  page.setDefaultTimeout(120_000)
  const fresh = async () => {
    await page.goto(`${site.url}bench.html`)
    await page.waitForFunction(() => window.ask)
  }
  try {
    await fresh()
    return await use({ fresh, ask: (...request) => page.evaluate((request) => window.ask(...request), request) })
  } finally {
    await page.close()
    await site.stop()
  }
}
