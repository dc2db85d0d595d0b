// Runs `npx aoxide <command>` in a child process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { installed } from './package.mjs'

export const program = `${installed}/bin/aoxide.js`

/**
 * Starts the command with this version of Node.js. Its history is in no one's home folder.
 *
 * - `until(pattern)` resolves when what was printed after the last match of `until`, on stdout or stderr, matches.
 * - `ended` resolves with the exit code, the signal, `stdout` and `stderr`.
 */
export function start(args, { env = {}, command = process.execPath, before = [program] } = {}) {
  const child = spawn(command, [...before, ...args], {
    env: { ...process.env, NO_COLOR: '', HOME: '/nonexistent', ...env },
    stdio: 'pipe',
    timeout: 120_000,
    killSignal: 'SIGKILL'
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const printed = { stdout: '', stderr: '' }
  let both = ''
  const waiting = new Set()
  let isOver = false
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => {
      printed[name] += text
      both += text
      for (const look of waiting) look()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    process.off('exit', kill)
    isOver = true
    for (const look of waiting) look()
    return { code, signal, ...printed }
  })
  const until = (pattern, milliseconds = 60_000) =>
    new Promise((resolve, reject) => {
      const fail = (what) => {
        child.kill('SIGKILL')
        reject(new Error(`${what} before ${pattern}. Printed: ${JSON.stringify(both)}`))
      }
      const timer = setTimeout(() => done(() => fail('Too late')), milliseconds)
      const done = (settle) => {
        clearTimeout(timer)
        waiting.delete(look)
        settle()
      }
      const look = () => {
        const match = pattern.exec(both)
        if (!match && isOver) return done(() => fail('The command ended'))
        if (!match) return
        both = both.slice(match.index + match[0].length)
        done(() => resolve(match))
      }
      waiting.add(look)
      look()
    })
  return {
    child,
    ended,
    until,
    write: (text) => child.stdin.write(text),
    /** Ends the input. */
    end: (text = '') => {
      child.stdin.end(text)
      return ended
    },
    stop: (signal = 'SIGINT') => {
      child.kill(signal)
      return ended
    }
  }
}

/** Runs the command with this input until it ends. */
export const run = (args, input = '', options) => start(args, options).end(input)
