// Requests that one Cloudflare Worker handles at the same time. In workerd, I/O belongs to the request that started it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { evaluation } from '../js/support/replies.mjs'
import { withServer } from '../js/support/server.mjs'
import { install } from './support/install.mjs'
import { bundle, SETTINGS, withWorker } from './support/workerd.mjs'

let app
before(async () => {
  app = await install()
  for (const name of ['requests', 'network'])
    app.write(`${name}.js`, readFileSync(new URL(`workers/${name}.js`, import.meta.url)))
})
after(() => app?.remove())

describe('requests of one worker', () => {
  let requests
  before(async () => {
    requests = await bundle(app.home, 'requests.js')
  })

  /** A unit. `answer` gets each request for a result, by its number. Other requests are answered at once. */
  const withUnit = (answer, use) => {
    let count = 0
    const listener = async (request, response) => {
      const json = (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
      if (request.method === 'GET') await answer(++count, response, () => json(evaluation))
      else json({ id: 'I'.repeat(43) })
    }
    return withServer(listener, use)
  }

  for (const [title, settings] of Object.entries(SETTINGS)) {
    const run = (answer, use) =>
      withUnit(answer, (UNIT) => withWorker(requests, { ...settings, bindings: { UNIT } }, use))

    describe(title, () => {
      test('the first two, at the same time, load the module and send a message each', () =>
        run(undefined, async (call) => {
          const ids = await Promise.all([call('message?data=1'), call('message?data=2')])
          for (const id of ids) assert.match(id, /^[\w-]{43}$/)
        }))

      test('equal reads at the same time make a fetch each, and one goes on when the other is cancelled', async () => {
        const first = new AbortController()
        let started
        const isPending = new Promise((resolve) => (started = resolve))
        // The first read is cancelled when the second arrives, and is never answered.
        const answer = async (number, _response, send) => {
          if (number === 1) return started()
          first.abort()
          send()
        }
        await run(answer, async (call) => {
          const path = `result?message=${'I'.repeat(43)}`
          const one = call(path, { signal: first.signal })
          await isPending
          const other = call(path, { signal: AbortSignal.timeout(10_000) })
          await assert.rejects(one, { name: 'AbortError' })
          assert.deepEqual(await other, evaluation.Output.data)
        })
      })

      test('a read is tried again after a 503, and ends at its time limit', async () => {
        const answer = async (number, response, send) => {
          if (number === 1) return response.writeHead(503).end()
          if (number === 2) send()
        }
        await run(answer, async (call) => {
          const path = `message=${'I'.repeat(43)}`
          assert.deepEqual(await call(`result?${path}`), evaluation.Output.data)
          assert.equal((await call(`late?${path}`)).code, 'TIMEOUT')
        })
      })

      test('use one local network, one after the other and at the same time', () =>
        run(undefined, async (call) => {
          const process = await call('spawn')
          assert.equal(await call(`increment?process=${process}`), '1')
          const both = await Promise.all([1, 2].map(() => call(`increment?process=${process}`)))
          assert.deepEqual(both.toSorted(), ['2', '3'])
        }))
    })
  }

  test('run a process module on the interpreter, and learn what the runtime cannot do', () =>
    withWorker(requests, SETTINGS['with nodejs_compat'], async (call) => {
      assert.equal(await call('engine'), 'wasmi')
      const native = await call('local native')
      assert.equal(native.code, 'UNSUPPORTED')
      assert.match(native.message, /Leave `engine` out/)
      assert.equal((await call('load bytes')).code, 'UNSUPPORTED')
    }))
})

describe('a local network in a Durable Object', () => {
  test('serves requests at the same time, goes on after a cancelled one, and keeps its records', async () => {
    const network = await bundle(app.home, 'network.js')
    await withWorker(network, { ...SETTINGS['with nodejs_compat'], durableObject: 'Network' }, async (call) => {
      const process = await call('spawn')
      const path = `increment?process=${process}`
      const both = await Promise.all([call(path), call(path)])
      assert.deepEqual(both.toSorted(), ['1', '2'])
      const cancelled = new AbortController()
      const lost = call(path, { signal: cancelled.signal })
      const next = call(path)
      cancelled.abort()
      await assert.rejects(lost, { name: 'AbortError' })
      // The worker may have sent the cancelled message already.
      const count = Number(await next)
      assert.ok(count === 3 || count === 4, `${count}`)
      assert.equal(await call('close'), 'closed')
      assert.ok(Number(await call(path)) > count)
    })
  })
})
