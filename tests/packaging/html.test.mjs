// A plain page with an import map and no bundler: without a policy, under a strict policy, and on an insecure origin.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { browserNames, launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { startSite } from './support/site.mjs'
import { query } from './support/check.mjs'
import { startEchoUnits } from './support/units.mjs'
import { artefactFiles, ask, assertAsked, packageFiles, visit } from './support/visit.mjs'

let app
let units
before(async () => {
  app = await install('examples/html')
  units = await startEchoUnits()
})
after(() => units?.stop())

/** Forbids everything but the page's scripts, the units and the style. Forbids eval. */
function strictPolicy(html) {
  const [, map] = /<script type="importmap">([^]*?)<\/script>/.exec(html)
  const hash = createHash('sha256').update(map).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`,
    "style-src 'self'",
    'img-src data:',
    `connect-src ${units.url}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'"
  ].join('; ')
}

for (const name of browserNames) {
  describe(`a plain page in ${name}`, () => {
    let browser
    before(async () => {
      browser = await launch(name)
    })
    after(() => browser?.close())

    /** Serves the page with `options`, uses it, and passes the recorded requests and errors to `check`. */
    async function onSite(text, options, address, check) {
      units.requests.length = units.items.length = 0
      const site = await startSite(app.home, options)
      try {
        const visited = await visit(browser, ...address(site))
        const shown = await ask(visited, text)
        await assertAsked(visited, units, text, shown)
        await check(visited, site)
        await visited.close()
      } finally {
        await site.stop()
      }
    }

    test('reads from a process, and fetches only the files that this needs', async () => {
      await onSite(
        'plain',
        {},
        (site) => [site.url + query(units.url)],
        async (visited, site) => {
          const files = packageFiles(site)
          assert.equal(new Set(files).size, files.length, `fetched twice: ${files}`)
          const inWasm = artefactFiles(site)
          assert.deepEqual(inWasm.sort(), ['wasm/client.bytes.js', 'wasm/client.js'])
          assert.ok(!files.includes('ans104/index.js'), 'the page does not import aoxide/ans104')
          const others = site.requests.filter((path) => !path.startsWith('/node_modules/aoxide/'))
          assert.deepEqual(others.sort(), ['/', '/main.js', '/style.css'])
          assert.equal(units.requests.length, 2, `${units.requests}`)
        }
      )
    })

    test('works under a strict Content-Security-Policy', async () => {
      const headers = { 'content-security-policy': strictPolicy(app.read('index.html')) }
      await onSite(
        'strict',
        { headers },
        (site) => [site.url + query(units.url)],
        async ({ page }) => {
          // The policy is active.
          const outcome = await page.evaluate(() => {
            try {
              document.head.append(
                Object.assign(document.createElement('script'), { textContent: 'window.ran = true' })
              )
              return window.ran ? 'ran' : 'refused'
            } catch {
              return 'refused'
            }
          })
          assert.equal(outcome, 'refused')
        }
      )
    })

    test('signs on an insecure origin with RSA in WebAssembly', async () => {
      await onSite(
        'insecure',
        { units },
        (site) => [`http://insecure.test/${query('http://insecure.test/units/')}`, { proxy: site.proxy }],
        async ({ page }, site) => {
          const { isSecureContext, subtle } = await page.evaluate(() => ({
            isSecureContext,
            subtle: typeof crypto.subtle
          }))
          assert.deepEqual({ isSecureContext, subtle }, { isSecureContext: false, subtle: 'undefined' })
          const inWasm = artefactFiles(site)
          assert.deepEqual(inWasm.sort(), [
            'wasm/client.bytes.js',
            'wasm/client.js',
            'wasm/rsa.bytes.js',
            'wasm/rsa.js'
          ])
        }
      )
    })

    test('without wasm-unsafe-eval, rejects with an error that names the directive to add to the policy', async () => {
      const policy = strictPolicy(app.read('index.html')).replace(" 'wasm-unsafe-eval'", '')
      const site = await startSite(app.home, { headers: { 'content-security-policy': policy } })
      try {
        const { page, close } = await visit(browser, site.url + query(units.url))
        await (await page.waitForSelector('#new-key')).click()
        await page.waitForSelector('#answer[data-state=failed]')
        const shown = await page.$eval('#answer', (element) => element.textContent)
        assert.match(shown, /^UNSUPPORTED: .*wasm-unsafe-eval/)
        await close()
      } finally {
        await site.stop()
      }
    })
  })
}
