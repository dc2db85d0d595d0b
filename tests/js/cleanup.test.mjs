// A call that ended leaves no timer and no listener. Timers would keep a Node.js process alive, and listeners would accumulate.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProgram } from './support/child.mjs'
import { jwk } from './support/key.mjs'
import { aoxide } from './support/package.mjs'
import { evaluation } from './support/replies.mjs'
import { withServer } from './support/server.mjs'

const id = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'
const signer = aoxide.createSigner(jwk)

const busy = (_, response) => response.writeHead(503, { 'retry-after': '20' }).end('busy')
const silent = () => {}
const program = (mode, call) => `
const { URL } = process.env
const id = '${id}'
const options = ${mode === 'legacy' ? '{ MU_URL: URL, CU_URL: URL, SU_URL: URL, GATEWAY_URL: URL }' : "{ MODE: 'mainnet', URL }"}
const ao = aoxide.connect({ ...options, signer: aoxide.createSigner(${JSON.stringify(jwk)}), retry: 9 })
await aoxide.load()
const controller = new AbortController()
const { signal } = controller
const { signer } = { signer: aoxide.createSigner(${JSON.stringify(jwk)}) }
try {
  ${call}
} catch (error) {
  console.log(error.code ?? error.name ?? error)
}
over()`

describe('a Node.js process ends within 2 seconds after', { timeout: 120_000, concurrency: 4 }, () => {
  const abort = `setTimeout(() => controller.abort('aborted'), 400)`
  for (const [what, mode, listener, call, printed] of [
    [
      'an abort between two attempts',
      'legacy',
      busy,
      `${abort}; await ao.result({ process: id, message: id, signal })`,
      'aborted'
    ],
    [
      'an abort between two attempts',
      'mainnet',
      busy,
      `${abort}; await ao.result({ process: id, slot: 1, signal })`,
      'aborted'
    ],
    ['a timeout between two attempts', 'legacy', busy, 'await ao.dryrun({ process: id, timeout: 400 })', 'TIMEOUT'],
    ['a timeout between two attempts', 'mainnet', busy, 'await ao.state(id, { timeout: 400 })', 'TIMEOUT'],
    [
      'a timeout while result waits for an evaluation',
      'legacy',
      busy,
      'await ao.result({ process: id, message: id, wait: true, timeout: 400, retry: { longestWait: 60_000 } })',
      'TIMEOUT'
    ],
    [
      'an abort during a lookup at the gateway',
      'legacy',
      busy,
      `${abort}
  const slowRetries = { ...options, SU_URL: undefined, GRAPHQL_MAX_RETRIES: 1e9, GRAPHQL_RETRY_BACKOFF: 20_000 }
  const fetch = (url, init) => (url.startsWith(URL) ? globalThis.fetch(url, init) : Promise.reject(new Error('no router')))
  await aoxide.connect({ ...slowRetries, fetch }).getLastSlot({ processId: id, signal })`,
      'aborted'
    ],
    [
      'an abort during an attempt with tryTimeout',
      'legacy',
      silent,
      `${abort}; await ao.result({ process: id, message: id, signal, retry: { tryTimeout: 20_000 } })`,
      'aborted'
    ],
    [
      'an abort of a custom fetch that ignores signals',
      'legacy',
      silent,
      `${abort}
  const fetch = () => new Promise(() => {})
  await aoxide.connect({ ...options, fetch }).result({ process: id, message: id, signal, timeout: 20_000 })`,
      'aborted'
    ],
    [
      'an abort while a signer is pending',
      'legacy',
      silent,
      `${abort}
  await ao.message({ process: id, signer: () => new Promise(() => {}), signal, timeout: 20_000 })`,
      'aborted'
    ],
    [
      'an abort while a stream waits',
      'legacy',
      (_, response) => response.end('{"edges":[]}'),
      `${abort}
  for await (const _ of ao.stream({ process: id, interval: 20_000, signal, from: '' }));`,
      'aborted'
    ],
    [
      'an abort while send waits for the result',
      'legacy',
      (request, response) => (request.method === 'POST' ? response.end('{}') : busy(request, response)),
      `setTimeout(() => controller.abort('aborted'), 1000)
  await ao.send({ process: id, signer, signal, retry: { longestWait: 60_000 } })`,
      'aborted'
    ]
  ]) {
    test(`${mode}: ${what}`, () =>
      withServer(listener, async (URL) => {
        const { code, stderr, lines, milliseconds } = await runProgram(program(mode, call), { URL })
        assert.deepEqual([code, stderr, lines], [0, '', [printed]])
        assert.ok(milliseconds < 2000, `${milliseconds} ms`)
      }))
  }
})

describe('listeners of an AbortSignal', { timeout: 60_000 }, () => {
  const count = (signal) => getEventListeners(signal, 'abort').length
  const json = (value) => new Response(JSON.stringify(value))

  for (const [mode, options, calls] of [
    [
      'legacy',
      {},
      {
        message: (ao, more) => ao.message({ process: id, signer, ...more }),
        result: (ao, more) => ao.result({ process: id, message: id, ...more }),
        'result, waiting': (ao, more) => ao.result({ process: id, message: id, wait: true, ...more }),
        send: (ao, more) => ao.send({ process: id, signer, ...more }),
        stream: (ao, more) => ao.stream({ process: id, from: '', ...more }).next()
      }
    ],
    [
      'mainnet',
      { MODE: 'mainnet', URL: 'https://node.test', signer },
      {
        schedule: (ao, more) => ao.schedule(id, more),
        state: (ao, more) => ao.state(id, more),
        request: (ao, more) => ao.request({ path: '/x', ...more }),
        results: (ao, more) => ao.results({ process: id, limit: 12, from: '5', ...more })
      }
    ]
  ]) {
    for (const [name, call] of Object.entries(calls)) {
      test(`${mode}: ${name} removes its listeners when it resolves and when it rejects`, async () => {
        const page = { edges: [{ cursor: '1', node: evaluation }] }
        const answer = (url) =>
          url.endsWith('/slot/current') || /slot\/current\?/.test(url)
            ? new Response('40')
            : json(
                url.includes('/results/') ? page : { slot: url.includes('/compute') ? undefined : 1, raw: evaluation }
              )
        const fetches = { good: async (url) => answer(url), broken: async () => new Response('', { status: 500 }) }
        for (const [how, fetch] of Object.entries(fetches)) {
          for (const retry of [2, { attempts: 2, backoff: 1, tryTimeout: 5000 }]) {
            const { signal } = new AbortController()
            const ao = aoxide.connect({ ...options, fetch })
            const outcome = await call(ao, {
              signal,
              timeout: 2000,
              retry: Object(retry) === retry ? retry : { attempts: 2, backoff: 1 }
            }).then(
              () => 'good',
              () => 'broken'
            )
            // `request` returns error statuses unchanged, and calls with `wait` go on.
            if (name !== 'request') assert.equal(outcome, how)
            await sleep(1)
            assert.equal(count(signal), 0)
          }
        }
      })
    }
  }

  test('a request with 30 attempts removes the listeners of earlier attempts', async () => {
    const most = { own: 0, tries: 0 }
    let inner
    const { signal } = new AbortController()
    const add = AbortSignal.prototype.addEventListener
    const seen = new Set()
    AbortSignal.prototype.addEventListener = function (...words) {
      seen.add(this)
      return add.apply(this, words)
    }
    try {
      const fetch = async (_, init) => {
        inner = init.signal
        most.tries++
        for (const each of seen) most.own = Math.max(most.own, count(each))
        return new Response('', { status: 503 })
      }
      const retry = { attempts: 30, backoff: 0, tryTimeout: 1000 }
      await assert.rejects(aoxide.connect({ fetch }).result({ process: id, message: id, signal, retry }))
      assert.ok(inner)
      assert.equal(most.tries, 30)
      assert.ok(most.own <= 4, `${most.own} listeners`)
      for (const each of seen) assert.equal(count(each), 0)
    } finally {
      AbortSignal.prototype.addEventListener = add
    }
  })

  test('many attempts and many parallel results cause no warning of Node.js', () =>
    withServer(
      (request, response) => {
        if (request.url.includes('/slot/current')) response.end('60')
        else if (request.url.includes('/results?')) response.end(JSON.stringify({ raw: evaluation }))
        else response.writeHead(503).end()
      },
      async (URL) => {
        const retry = '{ attempts: 40, backoff: 0, tryTimeout: 5000 }'
        const { code, stderr, lines } = await runProgram(
          program(
            'mainnet',
            `const { edges } = await ao.results({ process: id, limit: 40, timeout: 20_000, signal })
  console.log(edges.length)
  await ao.dryrun({ process: id, timeout: 20_000, signal, retry: ${retry} })`
          ),
          { URL }
        )
        assert.deepEqual([code, stderr, lines], [0, '', ['40', 'HTTP_STATUS']])
      }
    ))
})
