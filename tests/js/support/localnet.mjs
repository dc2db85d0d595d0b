// `npx aoxide localnet`, as a user starts it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { installed } from './package.mjs'

/** Starts it. Resolves with what it prints about itself, a promise of its end, and a function that stops it. */
export async function startLocalnet(...words) {
  const child = spawn(process.execPath, [`${installed}/bin/aoxide.js`, 'localnet', '--json', ...words], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints += text))
  const events = []
  const exited = once(child, 'exit').then(([code]) => {
    process.off('exit', kill)
    return { code, complaints }
  })
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line)
      if (said.ready) resolve(said)
      else events.push(said)
    })
  })
  const first = await Promise.race([ready, exited])
  const end = (signal) => {
    child.kill(signal)
    return exited
  }
  return { ...first, pid: child.pid, events, stop: () => end('SIGINT'), kill: () => end('SIGKILL') }
}
