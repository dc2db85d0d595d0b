// Runs the program in a runtime that is a command, and checks its report.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { owner } from '../../js/support/key.mjs'
import { idOf, verifies } from '../../js/support/peers.mjs'
import { CAPABILITIES } from './program.mjs'

const run = promisify(execFile)

const binary = (path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url))

/** The executables. The wrappers that npm installs need scripts, which are not run. */
export const BINARIES = {
  bun: binary('@oven/bun-linux-x64/bin/bun'),
  deno: binary('@deno/linux-x64-glibc/deno'),
  node: process.execPath,
  node24: binary('node-24/bin/node')
}

/** The program must end by itself within this time. */
const LIMIT = 120_000

/** Runs a command in a folder, and resolves with what it printed. It must end by itself, and print no warnings. */
export async function runToEnd(home, command, args, env = {}) {
  try {
    const { stdout, stderr } = await run(command, args, {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1', ...env },
      timeout: LIMIT,
      killSignal: 'SIGKILL',
      maxBuffer: 64 << 20
    })
    assert.equal(stderr, '')
    return stdout
  } catch (error) {
    if (error.killed) throw new Error(`${command} ${args.join(' ')} did not end by itself\n${error.stdout}`)
    throw error
  }
}

/** Checks the output of the program: every capability works, and other libraries accept what was signed. */
export async function assertReport(stdout, capabilities = CAPABILITIES) {
  const { report, made } = JSON.parse(stdout)
  assert.deepEqual(report, Object.fromEntries(['import', ...capabilities].map((name) => [name, 'ok'])))
  if (made.item) {
    const raw = Buffer.from(made.item.raw, 'base64')
    assert.equal(await verifies(raw), true)
    assert.equal(made.item.id, idOf(raw))
  }
  if (made.request) {
    const { verify } = await import('hbsig')
    const { headers, url, method } = made.request
    const { verified, error } = await verify({ headers, url, method }, owner)
    assert.ok(verified, error)
  }
}
