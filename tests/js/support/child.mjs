// Runs a program with the package in a Node.js process. Reports when the process ends and what it prints.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { installed } from './package.mjs'

const page = pathToFileURL(`${installed}/index.js`).href

/**
 * Runs `code`, a module that gets the package as `aoxide` and calls `over()` when its work is done. Resolves with the exit
 * code, `stderr`, the lines of stdout, and `milliseconds`: the time between the call of `over()` and the end of the
 * process.
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
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const [code_] = await once(child, 'close')
  const lines = stdout.trim().split('\n').filter(Boolean)
  return { code: code_, stderr, lines: lines.slice(0, -1), ...JSON.parse(lines.at(-1) ?? '{}') }
}
