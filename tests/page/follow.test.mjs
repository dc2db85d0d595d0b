// `aoxide/verify` in real browsers: the recorded conversation, replayed in a worker with a view in IndexedDB.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { installed } from '../js/support/package.mjs'
import { index } from '../js/support/recorded-legacy.mjs'
import { moduleHash, recordedSources, resultOf, scheduleOf, tagOf } from '../js/support/recorded-units.mjs'
import { startSite } from '../packaging/support/site.mjs'
import { browserNames, launch } from './driver.mjs'

const { alice } = index.processes
const LAST = 56
/** Slots that assign an item of the gateway: each is the first that needs its item. */
const [EARLY, LATE] = [26, 50]
const itemOfSlot = (slot) => tagOf(scheduleOf('alice')[slot].node.assignment, 'Message')

let units
let site
before(async () => {
  units = await recordedSources()
  site = await startSite(installed)
})
after(async () => {
  await units?.stop()
  await site?.stop()
})

/** Prepares a page: `globalThis.followAlice(options)` follows alice, and `globalThis.heartbeat()` measures the page's longest gap. */
const prepare = async ({ process, source, module, sha256 }) => {
  const { follow } = await import('/verify/index.js')
  const bytes = await (await fetch(module)).arrayBuffer()
  globalThis.followAlice = (options) =>
    follow(process, { source, module: bytes, trust: { module: { sha256 } }, worker: true, ...options })
  globalThis.heartbeat = () => {
    let [gap, last] = [0, performance.now()]
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      const now = performance.now()
      gap = Math.max(gap, now - last)
      last = now
      port2.postMessage(0)
    }
    port2.postMessage(0)
    return () => {
      port1.onmessage = null
      return Math.round(gap)
    }
  }
}

/** Runs in the page: takes every slot that is left. */
const takeAll = async (options) => {
  const view = await followAlice(options)
  const first = view.slot
  const results = []
  for await (const { slot, outcome, result } of view.slots()) results.push([slot, outcome, result])
  const { verified, slot, assignment, anchor, trusted, unverifiable } = await view.proof()
  const { Output } = await view.dryrun({ data: 'return #Inbox', tags: [{ name: 'Action', value: 'Eval' }] })
  await view.close()
  const isKept = trusted.some(({ party }) => party === 'kept-view')
  const proof = { verified, slot, assignment, anchor, unverifiable }
  return { worker: view.worker, first, results, proof, output: Output, isKept }
}

for (const browserName of browserNames)
  describe(`a view in ${browserName}`, () => {
    let browser
    let page
    const faults = []

    before(async () => {
      browser = await launch(browserName)
      page = await browser.newPage()
      page.setDefaultTimeout(120_000)
      page.on('pageerror', ({ message }) => faults.push(message))
    })
    after(() => browser?.close())
    beforeEach(async () => {
      units.hold = undefined
      await visit()
    })

    /** Loads the page anew. What ran in it ends. */
    async function visit() {
      await page.goto(`${site.url}nothing`)
      await page.evaluate(prepare, {
        process: alice,
        source: units.source,
        module: `${units.source.gateway}/raw/${index.module}`,
        sha256: moduleHash
      })
    }

    test('replays the recorded conversation in a worker with the recorded results', async () => {
      const { worker, first, results, proof, isKept } = await page.evaluate(takeAll, {})
      assert.deepEqual([worker, first, isKept], [true, -1, false])
      assert.deepEqual(
        results.map(([slot]) => slot),
        scheduleOf('alice').map((_, slot) => slot)
      )
      let compared = 0
      for (const [slot, outcome, result] of results) {
        const recorded = resultOf('alice', slot)
        if (!recorded || outcome === 'skipped') continue
        assert.equal(result.Messages.length, JSON.parse(recorded).Messages.length, `slot ${slot}`)
        compared++
      }
      assert.ok(compared > 45, `${compared}`)
      assert.deepEqual([proof.verified, proof.slot, proof.anchor], [true, LAST, 'genesis'])
    })

    test('a reload in the middle of a replay continues from IndexedDB, with the same answers', async () => {
      const whole = await page.evaluate(takeAll, {})
      // The gateway makes the replay last: it is stored after the first of these slots, and does not get past the second.
      let isStuck
      const stuck = new Promise((resolve) => (isStuck = resolve))
      let release
      const released = new Promise((resolve) => (release = resolve))
      units.hold = (path) => {
        if (path === `/raw/${itemOfSlot(EARLY)}`) return new Promise((resolve) => setTimeout(resolve, 1200))
        if (path !== `/raw/${itemOfSlot(LATE)}`) return
        isStuck()
        return released
      }
      const kept = { storage: 'indexeddb', name: `views of ${browserName}` }
      await page.evaluate((kept) => {
        // It is not waited for: the page goes away.
        followAlice(kept).then((view) => view.advance().catch(() => {}))
      }, kept)
      await stuck
      units.requests.splice(0)
      await visit()
      release()
      const rest = await page.evaluate(takeAll, kept)
      assert.ok(rest.first >= EARLY && rest.first < LATE, `${rest.first}`)
      assert.equal(rest.isKept, true)
      const asked = units.requests.filter((request) => request.includes('from-nonce='))
      const pages = asked.filter((request) => !request.includes('limit=1&'))
      assert.match(pages[0], new RegExp(`from-nonce=${rest.first}\\b`), asked.join('\n'))
      assert.deepEqual(
        rest.results,
        whole.results.filter(([slot]) => slot > rest.first)
      )
      assert.deepEqual([rest.proof, rest.output], [whole.proof, whole.output])
      // A further reload has nothing left to do.
      await visit()
      const again = await page.evaluate(takeAll, kept)
      assert.deepEqual([again.first, again.results, again.proof], [LAST, [], whole.proof])
    })

    test('a signal stops a replay, and the next call goes on from there', async (context) => {
      const { milliseconds, reason, slot, end } = await page.evaluate(async () => {
        const view = await followAlice()
        const abort = new AbortController()
        let aborted
        const onProgress = ({ slot }) => {
          if (slot < 3 || aborted) return
          aborted = performance.now()
          abort.abort('enough')
        }
        const reason = await view.advance({ signal: abort.signal, onProgress }).catch((reason) => reason)
        // The call of a worker that is still at work would wait.
        const { slot } = await view.proof()
        const milliseconds = Math.round(performance.now() - aborted)
        const end = await view.advance()
        await view.close()
        return { milliseconds, reason, slot, end: end.slot }
      })
      context.diagnostic(`stopped after ${milliseconds} ms (wanted: 200)`)
      assert.equal(reason, 'enough')
      assert.ok(slot >= 3 && slot < LAST, `${slot}`)
      assert.equal(end, LAST)
    })

    test('the page stays responsive while a view replays', async (context) => {
      const { opening, advancing, milliseconds, progress } = await page.evaluate(async () => {
        let end = heartbeat()
        const view = await followAlice()
        const opening = end()
        end = heartbeat()
        const began = performance.now()
        let progress = 0
        await view.advance({ onProgress: () => progress++ })
        const milliseconds = Math.round(performance.now() - began)
        const advancing = end()
        await view.close()
        return { opening, advancing, milliseconds, progress }
      })
      context.diagnostic(
        `longest gap: ${advancing} ms in a replay of ${milliseconds} ms (wanted: 30), ${opening} ms at the start`
      )
      assert.ok(progress > 0)
      // If the replay ran on the page's thread, the gap would be most of its time.
      assert.ok(advancing < Math.max(milliseconds / 2, 200), `${advancing} of ${milliseconds} ms`)
      assert.deepEqual(faults, [])
    })
  })
