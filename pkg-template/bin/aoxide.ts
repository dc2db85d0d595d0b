#!/usr/bin/env node
// `npx aoxide <command>`. Each command has a file of its own, which is loaded when the command is used.

import { UsageError } from './usage-error.js'

interface Command {
  /** One line of `aoxide --help`. */
  about: string
  /** Imports the file. Its `main` takes the arguments after the name of the command. */
  load: () => Promise<{ main(args: string[]): Promise<void> }>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  localnet: { about: 'a whole AO network on one port of this machine', load: () => import('./localnet.js') },
  deploy: { about: 'a process on an AO network, from a Lua file', load: () => import('./deploy.js') },
  run: { about: 'a process on this machine, and a prompt for Lua', load: () => import('./run.js') },
  verify: { about: "a process's state, computed from its signed schedule", load: () => import('./verify.js') }
}

const USAGE = `Usage: aoxide <command>

${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

\`aoxide <command> --help\` lists the options of a command.`

const [name, ...args] = process.argv.slice(2)
const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined

if (command) {
  try {
    const { main } = await command.load()
    await main(args)
  } catch (error) {
    // Errors that the user can correct need no stack.
    const expected = error instanceof UsageError || (error as { code?: string }).code
    console.error(expected ? (error as Error).message : error)
    process.exitCode = 1
  }
} else {
  const wantsHelp = name === undefined || ['help', '--help', '-h'].includes(name)
  if (wantsHelp) console.log(USAGE)
  else console.error(`There is no command "${name}".\n\n${USAGE}`)
  process.exitCode = wantsHelp ? 0 : 2
}
