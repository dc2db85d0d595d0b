// A call that ended leaves nothing behind. Timers would keep a Node process alive, and listeners would accumulate.
import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runProgram } from './support/child.mjs'
import { jwk } from './support/key.mjs'
import { aoxide } from './support/package.mjs'
import { evaluation } from './support/replies.mjs'
import { serving } from './support/server.mjs'

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

describe('a Node process ends soon after its call', { timeout: 120_000, concurrency: 4 }, () => {
  const abortion = `setTimeout(() => controller.abort('enough'), 400)`
  for (const [what, mode, listener, call, said] of [
    [
      'an abort in a wait',
      'legacy',
      busy,
      `${abortion}; await ao.result({ process: id, message: id, signal })`,
      'enough'
    ],
    ['an abort in a wait', 'mainnet', busy, `${abortion}; await ao.result({ process: id, slot: 1, signal })`, 'enough'],
    ['a time limit in a wait', 'legacy', busy, 'await ao.dryrun({ process: id, timeout: 400 })', 'TIMEOUT'],
    ['a time limit in a wait', 'mainnet', busy, 'await ao.state(id, { timeout: 400 })', 'TIMEOUT'],
    [
      'a time limit of a result that is waited for',
      'legacy',
      busy,
      'await ao.result({ process: id, message: id, wait: true, timeout: 400, retry: { longestWait: 60_000 } })',
      'TIMEOUT'
    ],
    [
      'an abort of a look-up at the gateway',
      'legacy',
      busy,
      `${abortion}
  const patient = { ...options, SU_URL: undefined, GRAPHQL_MAX_RETRIES: 1e9, GRAPHQL_RETRY_BACKOFF: 20_000 }
  const fetch = (url, init) => (url.startsWith(URL) ? globalThis.fetch(url, init) : Promise.reject(new Error('no router')))
  await aoxide.connect({ ...patient, fetch }).getLastSlot({ processId: id, signal })`,
      'enough'
    ],
    [
      'an abort under tryTimeout',
      'legacy',
      silent,
      `${abortion}; await ao.result({ process: id, message: id, signal, retry: { tryTimeout: 20_000 } })`,
      'enough'
    ],
    [
      'an abort of fetch that does not look at signals',
      'legacy',
      silent,
      `${abortion}
  const fetch = () => new Promise(() => {})
  await aoxide.connect({ ...options, fetch }).result({ process: id, message: id, signal, timeout: 20_000 })`,
      'enough'
    ],
    [
      'an abort while a signer takes its time',
      'legacy',
      silent,
      `${abortion}
  await ao.message({ process: id, signer: () => new Promise(() => {}), signal, timeout: 20_000 })`,
      'enough'
    ],
    [
      'an abort of a stream that waits',
      'legacy',
      (_, response) => response.end('{"edges":[]}'),
      `${abortion}
  for await (const _ of ao.stream({ process: id, interval: 20_000, signal, from: '' }));`,
      'enough'
    ],
    [
      'an abort of send that waits for the result',
      'legacy',
      (request, response) => (request.method === 'POST' ? response.end('{}') : busy(request, response)),
      `setTimeout(() => controller.abort('enough'), 1000)
  await ao.send({ process: id, signer, signal, retry: { longestWait: 60_000 } })`,
      'enough'
    ]
  ]) {
    test(`${mode}: ${what}`, () =>
      serving(listener, async (URL) => {
        const { code, complaints, said: lines, milliseconds } = await runProgram(program(mode, call), { URL })
        assert.deepEqual([code, complaints, lines], [0, '', [said]])
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
      test(`${mode}: ${name} removes them when it resolves and when it rejects`, async () => {
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

  test('a request with 30 attempts removes those of earlier attempts', async () => {
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
    serving(
      (request, response) => {
        if (request.url.includes('/slot/current')) response.end('60')
        else if (request.url.includes('/results?')) response.end(JSON.stringify({ raw: evaluation }))
        else response.writeHead(503).end()
      },
      async (URL) => {
        const retry = '{ attempts: 40, backoff: 0, tryTimeout: 5000 }'
        const { code, complaints, said } = await runProgram(
          program(
            'mainnet',
            `const { edges } = await ao.results({ process: id, limit: 40, timeout: 20_000, signal })
  console.log(edges.length)
  await ao.dryrun({ process: id, timeout: 20_000, signal, retry: ${retry} })`
          ),
          { URL }
        )
        assert.deepEqual([code, complaints, said], [0, '', ['40', 'HTTP_STATUS']])
      }
    ))
})
