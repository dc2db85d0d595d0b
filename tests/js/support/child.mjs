// Runs a program that uses the package in its own Node process: when it ends, and what it prints to stderr.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { installed } from './package.mjs'

const page = pathToFileURL(`${installed}/index.js`).href

/**
 * Runs `code`, a module that finds the package as `aoxide`. `milliseconds` is how long the process went on after the program
 * called `over()`.
 */
export async function runProgram(code, env = {}) {
  const module = `import * as aoxide from ${JSON.stringify(page)}
let ended
const over = () => (ended = Date.now())
${code}
process.on('exit', () => console.log(JSON.stringify({ milliseconds: Date.now() - ended })))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', module], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000
  })
  let said = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints += text))
  const [code_] = await once(child, 'close')
  const lines = said.trim().split('\n').filter(Boolean)
  return { code: code_, complaints, said: lines.slice(0, -1), ...JSON.parse(lines.at(-1) ?? '{}') }
}
