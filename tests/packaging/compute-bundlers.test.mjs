// Builds the compute engine with unconfigured bundlers, and runs it on the page, in the page's worker, and in Node.js.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { build as esbuild } from 'esbuild'
import { installCounting, runIn } from './support/app.mjs'
import { serveWithVite, withEsbuild, withVite, withWebpack } from './support/bundle.mjs'
import { contains } from './support/check.mjs'
import { startSite } from './support/site.mjs'
import { surround } from './support/surroundings.mjs'
import { answerAt } from './support/visit.mjs'

const application = (name, folder) => installCounting('compute', name, folder)

describe('the compute engine through bundlers', () => {
  const surroundings = surround()

  /** On the page, and in the page's own worker. */
  async function check(url) {
    assert.equal(await answerAt(surroundings.browser, url), 'in a worker, 42')
    assert.equal(await answerAt(surroundings.browser, `${url}?worker`), 'DedicatedWorkerGlobalScope: in a worker, 42')
  }

  /** Like `check`, and asserts that the page fetches the engine, and neither `client` nor `rsa`. */
  async function checkFiles(app, folder) {
    const site = await startSite(app.home + folder)
    try {
      await check(site.url)
      const scripts = [...new Set(site.requests)].filter((path) => path.endsWith('.js'))
      const texts = scripts.map((path) => app.read(`${folder}${path}`))
      assert.ok(
        texts.some((text) => contains(app, text, 'compute')),
        `the engine was not found in ${scripts}`
      )
      for (const other of ['client', 'rsa']) assert.ok(!texts.some((text) => contains(app, text, other)), other)
    } finally {
      await site.stop()
    }
  }

  test('runs a process without a bundler', async () => {
    const app = await application('plain')
    // Import maps do not apply to workers.
    app.write('count.js', app.read('count.js').replace("'aoxide/compute'", "'./node_modules/aoxide/compute/index.js'"))
    await checkFiles(app, '')
  })

  test('runs a process in a Vite build', async () => {
    const app = await application('vite', '/public')
    await withVite(app)
    await checkFiles(app, '/dist')
  })

  test("runs a process on Vite's development server", async () => {
    const server = await serveWithVite(await application('vite-dev', '/public'))
    try {
      await check(server.url)
    } finally {
      await server.stop()
    }
  })

  test('runs a process in a webpack build', async () => {
    const app = await application('webpack')
    await withWebpack(app)
    await checkFiles(app, '')
  })

  for (const splitting of [true, false])
    test(
      splitting
        ? 'runs a process in an esbuild build with splitting'
        : 'runs a process in an esbuild build with one file per entry',
      async () => {
        const app = await application(splitting ? 'esbuild-split' : 'esbuild')
        await withEsbuild(app, { splitting })
        await checkFiles(app, '')
      }
    )
})

test('runs in Node from one bundled file in another folder', async () => {
  const app = await application('node')
  app.write(
    'source.mjs',
    "import { readFileSync } from 'node:fs'\nimport { count } from './count.js'\nconsole.log(await count(readFileSync('aos.wasm')))"
  )
  await esbuild({
    entryPoints: [`${app.home}/source.mjs`],
    outfile: `${app.home}/dist/elsewhere.mjs`,
    format: 'esm',
    platform: 'node',
    bundle: true
  })
  const { stdout, stderr } = await runIn(app.home, process.execPath, ['dist/elsewhere.mjs'])
  assert.equal(stdout.trim(), 'in a worker, 42')
  assert.equal(stderr, '')
})
