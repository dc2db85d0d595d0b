// The package in Deno, and the permissions that it needs.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { blocksOf } from '../js/support/documents.mjs'
import { run } from '../js/support/command.mjs'
import { startCommand } from '../js/support/localnet.mjs'
import { startEchoUnits } from '../packaging/support/units.mjs'
import { checkLocalnet } from './support/command.mjs'
import { install } from './support/install.mjs'
import { assertReport, BINARIES, runToEnd } from './support/process.mjs'
import { CAPABILITIES } from './support/program.mjs'
import { startRegistry } from './support/registry.mjs'

/** Capabilities that only one of the programs uses: a key of 4096 bits takes Deno up to half a minute. */
const SLOW = ['key', 'compute wasmi in place', 'local network on wasmi']

/** Prints which unit a verb at top level uses. */
const TOP_LEVEL = `
import { dryrun } from 'aoxide'
globalThis.fetch = async (url) => {
  console.log(new URL(url).host)
  return Response.json({ Messages: [], Output: {} })
}
await dryrun({ process: '${'P'.repeat(42)}A' })
`

/** Leaves a worker open. */
const OPEN = `
import { loadModule } from 'aoxide/compute'
import { fixtures } from './fixtures.mjs'
const { worker } = await loadModule(fixtures.module)
console.log(worker)
`

let app
let units
let registry
let cache
before(async () => {
  app = await install()
  cache = `${app.home}/deno-cache`
  app.write('top-level.mjs', TOP_LEVEL)
  app.write('open.mjs', OPEN)
  app.write('first.mjs', blocksOf('README.md').find(({ name }) => name === 'first-example').code)
  units = await startEchoUnits()
  registry = await startRegistry()
})
after(async () => {
  await units?.stop()
  await registry?.stop()
  app?.remove()
})

/** Runs Deno, and returns what it prints and the permissions that it asked for. */
async function deno(args, env = {}) {
  const audit = `${app.home}/audit.jsonl`
  rmSync(audit, { force: true })
  const stdout = await runToEnd(app.home, BINARIES.deno, ['run', '--quiet', '--no-prompt', ...args], {
    DENO_AUDIT_PERMISSIONS: audit,
    ...env
  })
  const lines = existsSync(audit) ? readFileSync(audit, 'utf8').trim().split('\n') : []
  const asked = [...new Set(lines.filter(Boolean).map((line) => JSON.parse(line).permission))]
  return { stdout, asked }
}

describe('the package in Deno', () => {
  test('with --allow-net, every capability works, and no other permission is asked for', async () => {
    const { stdout, asked } = await deno(['--allow-net', 'main.mjs', units.url])
    await assertReport(stdout)
    assert.deepEqual(asked, ['net'])
  })

  test('without permissions, everything but connections works, and no permission is asked for', async () => {
    const names = CAPABILITIES.filter((name) => ![...SLOW, 'real connection', 'verbs at top level'].includes(name))
    const { stdout, asked } = await deno(['main.mjs', '-', ...names])
    await assertReport(stdout, names)
    assert.deepEqual(asked, [])
  })

  test('imported with npm: specifiers, every capability works', async () => {
    const names = CAPABILITIES.filter((name) => !SLOW.includes(name))
    const entries = ['', '/ans104', '/httpsig', '/compute', '/local', '/lua']
    const imports = Object.fromEntries(entries.map((entry) => [`aoxide${entry}`, `npm:aoxide${entry}`]))
    app.write('npm/deno.json', JSON.stringify({ imports }))
    for (const file of ['main.mjs', 'program.mjs', 'fixtures.mjs'])
      app.write(`npm/${file}`, readFileSync(`${app.home}/${file}`))
    const env = { ...registry.env, DENO_DIR: cache }
    const { stdout, asked } = await deno(
      ['--config=npm/deno.json', '--allow-net', 'npm/main.mjs', units.url, ...names],
      env
    )
    await assertReport(stdout, names)
    assert.deepEqual(asked, ['net'])
  })

  test('the first example of the README prints 1, and asks for no permission', async () => {
    const { stdout, asked } = await deno(['first.mjs'])
    assert.equal(stdout, '1\n')
    assert.deepEqual(asked, [])
  })

  test('verbs at top level read variables of the environment that Deno may read, and no others', async () => {
    const env = { CU_URL: 'http://mine.invalid' }
    assert.equal((await deno(['--allow-env=CU_URL', 'top-level.mjs'], env)).stdout, 'mine.invalid\n')
    const { stdout, asked } = await deno(['top-level.mjs'], env)
    assert.notEqual(stdout, 'mine.invalid\n')
    assert.deepEqual(asked, [])
  })

  test('the declarations compile with its own types of the web', async () => {
    const files = ['consumer.ts', 'consumer-web.ts', 'consumer-dom.ts']
    for (const file of files) app.write(file, readFileSync(new URL(`support/${file}`, import.meta.url)))
    await runToEnd(app.home, BINARIES.deno, ['check', '--quiet', ...files])
  })

  test('a worker that is not closed does not keep the process running', async () => {
    assert.equal((await deno(['open.mjs'])).stdout, 'true\n')
  })
})

describe('deno run npm:aoxide localnet', () => {
  for (const [name, permissions] of [
    ['with all permissions', ['--allow-all']],
    ['with the permissions of docs/platforms.md', ['--no-prompt', '--allow-net', '--allow-read', '--allow-write=.']]
  ])
    test(`${name}, answers clients, ends after a signal, and opens its folder again`, () =>
      checkLocalnet(BINARIES.deno, ['run', ...permissions, 'npm:aoxide'], { ...registry.env, DENO_DIR: cache }))

  test('without permission to look for a process, leaves it the folder whose lock it has', async () => {
    app.write('records/lock', String(process.pid))
    const args = ['run', '--no-prompt', '--allow-net', '--allow-read', '--allow-write=records']
    const { code, stderr } = await startCommand(
      BINARIES.deno,
      [...args, 'npm:aoxide', 'localnet', '--port', '0', '--dir', 'records'],
      { cwd: app.home, env: { HOME: app.home, NO_COLOR: '1' } }
    )
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`in use by process ${process.pid}`))
    assert.equal(readFileSync(`${app.home}/records/lock`, 'utf8'), String(process.pid))
  })
})

test('deno run -A npm:aoxide run evaluates what comes through a pipe', async () => {
  const env = { ...registry.env, DENO_DIR: cache, HOME: app.home }
  const options = { command: BINARIES.deno, before: ['run', '-A', '--quiet', 'npm:aoxide'], env }
  const { code, stdout, stderr } = await run(['run'], 'for i = 1, 2 do\nprint(i) end\nreturn 3\n', options)
  assert.deepEqual([code, stdout], [0, '1\n2\n3\n'], stderr)
})
