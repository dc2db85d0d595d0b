// Starts `npx aoxide localnet` in a child process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { installed } from './package.mjs'

/** Starts it with this version of Node.js, as {@link startCommand} does. */
export const startLocalnet = (...args) =>
  startCommand(process.execPath, [`${installed}/bin/aoxide.js`, 'localnet', '--json', ...args])

/**
 * Starts a command that runs `aoxide localnet --json`. Resolves with what it prints when it is ready, or with its exit code
 * and stderr; and with functions that end it. Signals go to all processes of the command, as a terminal sends them.
 */
export async function startCommand(command, args, options = {}) {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const signalAll = (signal) => {
    try {
      process.kill(-child.pid, signal)
    } catch (error) {
      // All of them have ended.
      if (error.code !== 'ESRCH') throw error
    }
  }
  const kill = () => signalAll('SIGKILL')
  process.once('exit', kill)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const events = []
  const exited = once(child, 'exit').then(([code]) => {
    process.off('exit', kill)
    return { code, stderr }
  })
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line)
      if (event.ready) resolve(event)
      else events.push(event)
    })
  })
  const first = await Promise.race([ready, exited])
  const end = (signal) => {
    signalAll(signal)
    return exited
  }
  return { ...first, pid: child.pid, events, stop: (signal = 'SIGINT') => end(signal), kill: () => end('SIGKILL') }
}
