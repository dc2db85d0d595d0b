#!/usr/bin/env node
// `npx aoxide <command>`.

const [command, ...args] = process.argv.slice(2)

if (command === 'localnet') {
  const { main } = await import('./localnet.js')
  await main(args)
} else {
  const wantsHelp = command === undefined || ['help', '--help', '-h'].includes(command)
  const usage = `Usage: aoxide <command>

  localnet    a whole AO network on one port of this machine; see \`aoxide localnet --help\``
  if (wantsHelp) console.log(usage)
  else console.error(`There is no command "${command}".\n\n${usage}`)
  process.exitCode = wantsHelp ? 0 : 2
}
