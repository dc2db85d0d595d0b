// Starts `npx aoxide localnet` in a child process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { installed } from './package.mjs'

/** Resolves with what it prints when it is ready, or with its exit code and stderr; and with functions that end it. */
export async function startLocalnet(...args) {
  const child = spawn(process.execPath, [`${installed}/bin/aoxide.js`, 'localnet', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const kill = () => child.kill('SIGKILL')
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
    child.kill(signal)
    return exited
  }
  return { ...first, pid: child.pid, events, stop: () => end('SIGINT'), kill: () => end('SIGKILL') }
}
