// The package in frameworks: in their servers and on their pages. Prints a table of what works where.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { launch } from '../page/driver.mjs'
import { runIn } from '../packaging/support/app.mjs'
import { HOST, close, listen } from '../packaging/support/units.mjs'
import { answerAt } from '../packaging/support/visit.mjs'
import { CAPABILITIES } from '../runtimes/support/program.mjs'
import { installApp } from './support/install.mjs'
import { createServer } from 'node:http'

const bin = (path) => [process.execPath, `../../node_modules/${path}`]
const next = bin('next/dist/bin/next')

/** How each framework is built and started, and where it shows the report. `page`: the browser makes the report. */
const FRAMEWORKS = {
  'Next 16, Turbopack': {
    folder: 'next',
    build: [...next, 'build'],
    start: (port) => [...next, 'start', '-H', HOST, '-p', port],
    places: { 'route handler': 'route', 'server component': '', 'client component': 'client' }
  },
  'Next 16, webpack': {
    folder: 'next',
    // An edge route that imports the package cannot be built with webpack: see docs/platforms.md.
    without: ['app/edge'],
    build: [...next, 'build', '--webpack'],
    start: (port) => [...next, 'start', '-H', HOST, '-p', port],
    places: { 'route handler': 'route', 'server component': '', 'client component': 'client' }
  },
  SvelteKit: {
    folder: 'sveltekit',
    build: [...bin('vite/bin/vite.js'), 'build'],
    start: () => [process.execPath, 'build/index.js'],
    places: { endpoint: 'api', 'server page': '', 'client page': 'client' }
  },
  Astro: {
    folder: 'astro',
    build: [...bin('astro/astro.js'), 'build'],
    start: () => [process.execPath, 'dist/server/entry.mjs'],
    places: { endpoint: 'api', 'server page': '', 'client page': 'client' }
  }
}

/** What was seen: `{ 'Next 16, webpack: route handler': report }`. */
const seen = {}

for (const [name, { folder, without = [], build, start, places }] of Object.entries(FRAMEWORKS))
  describe(name, { timeout: 900_000 }, () => {
    let browser, server, url
    before(async () => {
      const home = await installApp(folder, name, without)
      const env = { NEXT_TELEMETRY_DISABLED: '1', ASTRO_TELEMETRY_DISABLED: '1' }
      const [program, ...args] = build
      await runIn(home, program, args, env, 800_000)
      const port = String(await freePort())
      const [command, ...options] = start(port)
      const environment = { ...process.env, ...env, HOST, PORT: port }
      server = spawn(command, options, { cwd: home, env: environment, stdio: 'inherit' })
      url = `http://${HOST}:${port}/`
      browser = await launch('chromium')
      await answers(url)
    })
    after(async () => {
      await browser?.close()
      server?.kill()
    })

    for (const [place, path] of Object.entries(places))
      test(`${place}: every capability works`, async () => {
        const report = path === 'client' ? await answerAt(browser, url + path) : await fetched(url + path)
        seen[`${name}: ${place}`] = JSON.parse(report)
        for (const capability of CAPABILITIES.filter((each) => each in seen[`${name}: ${place}`]))
          assert.equal(seen[`${name}: ${place}`][capability], 'ok', capability)
      })

    if (name === 'Next 16, Turbopack')
      test('edge route: a verb rejects with UNSUPPORTED at once', async () => {
        const report = await (await fetch(`${url}edge`)).json()
        seen[`${name}: edge route`] = report
        assert.deepEqual(report, { verb: 'UNSUPPORTED' })
      })
  })

after(() => {
  console.log('\n| framework and place | works | does not |\n|---|---|---|')
  for (const [place, report] of Object.entries(seen)) {
    const failed = Object.entries(report).filter(([, outcome]) => outcome !== 'ok')
    const works = Object.keys(report).length - failed.length
    console.log(
      `| ${place} | ${works} of ${Object.keys(report).length} | ${failed.map((each) => each.join(': ')).join('; ')} |`
    )
  }
})

/** The report that a server has written into a page or a response. */
async function fetched(url) {
  const text = await (await fetch(url)).text()
  const [, json] = /<output id="answer"[^>]*>(.*?)<\/output>/s.exec(text) ?? [text, text]
  return json.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#x27;', "'").replaceAll('&#39;', "'")
}

async function freePort() {
  const server = createServer()
  const port = await listen(server)
  await close(server)
  return port
}

/** Resolves when the server answers. */
async function answers(url) {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200))
    if (
      await fetch(`${url}client`).then(
        () => true,
        () => false
      )
    )
      return
  throw new Error(`${url} does not answer`)
}
