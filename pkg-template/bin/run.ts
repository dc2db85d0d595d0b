// `aoxide run`: a process in a network of its own, and a prompt.

import { setFlagsFromString } from 'node:v8'
import { readScript } from './arguments.js'
import { History } from './history.js'
import { Prompt } from './prompt.js'
import { readRunOptions, type RunOptions, USAGE } from './run-options.js'
import { Screen } from './screen.js'
import { Session } from './session.js'
import { watchFile } from './watch-file.js'

export async function main(args: string[]): Promise<void> {
  const options = readRunOptions(args)
  if (options) await run(options)
  else console.log(USAGE)
}

async function run(options: RunOptions): Promise<void> {
  const { file, watch } = options
  // Most modules have 64-bit memory. Node.js before version 24 needs a flag for it.
  if (parseInt(process.versions.node) < 24) setFlagsFromString('--experimental-wasm-memory64')
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true
  // A file that is missing is reported before anything is started.
  const script = file === undefined ? undefined : await readScript(file)
  const session = await Session.open(options)
  const screen = new Screen()
  const history = new History(options.history && interactive)
  const prompt = new Prompt({ session, screen, history, interactive, endless: watch && !interactive })
  let unwatch: (() => void) | undefined
  try {
    if (interactive) {
      const known = session.resumed ? ', with the state of the last run' : ''
      screen.note(`Process ${session.process}${known}. Type Lua, or .help`)
    }
    if (script !== undefined) await prompt.evaluate(script)
    if (watch && file !== undefined && script !== undefined) {
      unwatch = watchFile(file, script, (text) =>
        prompt.do(async () => {
          screen.note(`${file} has changed`)
          await prompt.evaluate(text)
        })
      )
    }
    // What comes through a pipe may rely on the file.
    if (interactive || watch || !screen.failed) await prompt.run()
    if (!interactive && !watch && screen.failed) process.exitCode = 1
  } finally {
    unwatch?.()
    prompt.close()
    await session.close()
  }
}
