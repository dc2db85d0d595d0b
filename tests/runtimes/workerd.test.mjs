// The package in workerd, the runtime of Cloudflare Workers, bundled as wrangler bundles.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { withServer } from '../js/support/server.mjs'
import { evaluation } from '../js/support/replies.mjs'
import { startEchoUnits } from '../packaging/support/units.mjs'
import { install } from './support/install.mjs'
import { assertReport } from './support/process.mjs'
import { CAPABILITIES } from './support/program.mjs'
import { bundle, serveWorker } from './support/workerd.mjs'

let app
before(async () => {
  app = await install()
  for (const name of ['program', 'requests', 'client'])
    app.write(`${name}.js`, readFileSync(new URL(`workers/${name}.js`, import.meta.url)))
})
after(() => app?.remove())

/** Serves a worker for one test. */
async function withWorker(bundled, options, use) {
  const worker = await serveWorker(bundled, options)
  try {
    await use(async (path, init) => {
      const response = await fetch(`${worker.url}/${path}`, init)
      const text = await response.text()
      assert.ok(/^[["{\d]/.test(text), `${text}\n${worker.errors()}`)
      return JSON.parse(text)
    })
  } finally {
    await worker.stop()
  }
}

/**
 * The oldest and the newest that are tried. Before 2024-10-14, code that waits for a promise of another request fails.
 * `nodejs_compat` is the default from 2026-08-04 on.
 */
const SETTINGS = {
  'without nodejs_compat, as of 2023': { date: '2023-07-01' },
  'with nodejs_compat': { date: '2026-08-01', flags: ['nodejs_compat'] }
}

/** There are no workers within a worker, and process modules run on the interpreter only. */
const IMPOSSIBLE = CAPABILITIES.filter((name) => /in a worker|compute native/.test(name))

describe('the package in workerd', () => {
  let program
  let units
  before(async () => {
    program = await bundle(app.home, 'program.js')
    units = await startEchoUnits()
  })
  after(() => units?.stop())

  for (const [title, settings] of Object.entries(SETTINGS))
    test(`${title}, every capability works that the runtime allows`, () =>
      withWorker(program, { ...settings, bindings: { UNIT: units.url } }, async (call) => {
        const query = IMPOSSIBLE.map((name) => `except=${encodeURIComponent(name)}`).join('&')
        const possible = CAPABILITIES.filter((name) => !IMPOSSIBLE.includes(name))
        await assertReport(JSON.stringify(await call(`?${query}`)), possible)
      }))
})

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

describe('the bundle of a worker', () => {
  /** Gzipped bytes that Cloudflare accepts on its free plan. */
  const LIMIT = 3_000_000

  for (const [entry, artefacts] of Object.entries({
    aoxide: ['client', 'rsa'],
    'aoxide/ans104': ['client', 'rsa'],
    'aoxide/httpsig': ['httpsig', 'rsa'],
    'aoxide/compute': ['compute-wasmi'],
    'aoxide/local': ['httpsig', 'local-wasmi', 'rsa']
  }))
    test(`with ${entry} has ${artefacts.join(' and ')}`, async () => {
      const name = `only-${entry.replace('/', '-')}.js`
      app.write(
        name,
        `import * as entry from '${entry}'\nexport default { fetch: () => Response.json(Object.keys(entry)) }\n`
      )
      const { modules, gzip } = await bundle(app.home, name)
      assert.deepEqual(modules.toSorted(), [...artefacts.map((artefact) => `${artefact}.wasm`), 'worker.js'])
      const size = Object.values(gzip).reduce((sum, bytes) => sum + bytes)
      assert.ok(size < LIMIT, `${size} bytes`)
    })

  test('with the client only says which import is missing', async () => {
    const client = await bundle(app.home, 'client.js')
    assert.deepEqual(client.modules.toSorted(), ['client.wasm', 'rsa.wasm', 'worker.js'])
    await withWorker(client, SETTINGS['with nodejs_compat'], async (call) => {
      for (const [path, missing] of [
        ['request', 'aoxide/httpsig'],
        ['local', 'aoxide/local']
      ]) {
        const { code, message } = await call(path)
        assert.equal(code, 'UNSUPPORTED')
        assert.match(message, new RegExp(`import '${missing}'`))
      }
    })
  })
})
