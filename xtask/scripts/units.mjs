// Starts a local AO network: the units of wao, an independent implementation. They keep everything in memory, and listen on
// 127.0.0.1 only.
//
//   import { startUnits } from '…/xtask/scripts/units.mjs'
//   const units = await startUnits()        // or startUnits({ port: 4000 }): five consecutive ports
//   units.mu, units.su, units.cu, units.gateway, units.graphql, units.module, units.scheduler, units.authority
//   await units.stop()
//
//   node xtask/scripts/units.mjs [--port 4000]    from the command line, until Ctrl-C
import { fork } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { isMain, untilStopped } from './cli.mjs'

const HOST = '127.0.0.1'
const UNITS = 5
const ATTEMPTS = 5
const START_TIMEOUT = 60_000
const STOP_TIMEOUT = 3_000

/** Initial ids of wao's network: aos 2.0.1, the scheduler, and the address that signs pushed messages. */
const NETWORK = {
  module: 'Do_Uc2Sju_ffp6Ev0AnLVdPtot15rvMjP-a9VVaA5fM',
  scheduler: '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA',
  authority: 'eNaLJLsMiWCSWvQKNbk_YT-9ydeWl9lrWwXxLVp9kcg'
}

/** Starts the units. Resolves when all of them answer. `preload` is a file that their process loads first. */
export async function startUnits({ port, preload } = {}) {
  if (port !== undefined) return start(port, preload)
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePorts(), preload)
    } catch (error) {
      // Another program took a port between the check and wao's start.
      if (error.code !== 'EADDRINUSE' || attempt === ATTEMPTS) throw error
    }
  }
}

async function start(port, preload) {
  // Node.js before version 24 needs a flag for 64-bit memories.
  const flags = parseInt(process.versions.node) < 24 ? ['--experimental-wasm-memory64', '--no-warnings'] : []
  const child = fork(fileURLToPath(new URL('wao.mjs', import.meta.url)), [String(port)], {
    execArgv: preload ? [...flags, `--import=${preload}`] : flags,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  const log = lastLines(child)
  // The parent may end without stop(), for example by an error.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = new Promise((resolve) => child.once('exit', resolve)).then(() => process.off('exit', kill))

  const stop = async () => {
    child.kill()
    const timer = setTimeout(kill, STOP_TIMEOUT)
    await exited
    clearTimeout(timer)
  }

  try {
    await ready(child, port, log)
    const url = (offset) => `http://${HOST}:${port + offset}`
    const units = { gateway: url(0), graphql: `${url(0)}/graphql`, bundler: url(1), mu: url(2), su: url(3), cu: url(4) }
    await Promise.all([units.gateway, units.mu, units.su, units.cu].map(answers))
    return { ...units, ...NETWORK, pid: child.pid, stop, log }
  } catch (error) {
    await stop()
    throw error
  }
}

function ready(child, port, log) {
  return new Promise((resolve, reject) => {
    const fail = (what, code) =>
      reject(
        Object.assign(new Error(`wao did not start on ports ${port}–${port + UNITS - 1}: ${what}\n${log()}`), { code })
      )
    const timer = setTimeout(() => fail(`no answer after ${START_TIMEOUT / 1000} s`), START_TIMEOUT)
    child.once('message', (message) => (message.ready ? resolve() : fail(message.error, message.error)))
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => fail(`it ended with code ${code}`))
    child.once('message', () => clearTimeout(timer)).once('exit', () => clearTimeout(timer))
  })
}

async function answers(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(START_TIMEOUT) })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`the unit at ${url} answers ${response.status}`)
}

/** Stores the last lines that the child prints, for error messages. */
function lastLines(child, count = 40) {
  let lines = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (lines = [...lines, ...text.trimEnd().split('\n')].slice(-count)))
  }
  return () => lines.join('\n')
}

/** Finds five consecutive free ports, below the range from which the system assigns ports. Returns the first. */
async function freePorts() {
  for (let tries = 0; tries < 200; tries++) {
    const first = 10_000 + UNITS * Math.floor(Math.random() * 4_000)
    const free = await Promise.all(Array.from({ length: UNITS }, (_, offset) => isFree(first + offset)))
    if (free.every(Boolean)) return first
  }
  throw new Error(`found no ${UNITS} consecutive free ports on ${HOST}`)
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, HOST, () => probe.close(() => resolve(true)))
  })
}

if (isMain(import.meta.url)) {
  await untilStopped(async ({ port }) => {
    const { stop, log, pid, ...units } = await startUnits({ port })
    console.log(JSON.stringify(units, null, 2))
    return stop
  })
}
