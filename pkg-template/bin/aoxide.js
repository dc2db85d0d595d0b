#!/usr/bin/env node
// `npx aoxide <command>`.

const [command, ...words] = process.argv.slice(2)

const commands = { localnet: () => import('./localnet.js') }

if (Object.hasOwn(commands, command)) {
  const { main } = await commands[command]()
  await main(words)
} else {
  const asked = command === undefined || ['help', '--help', '-h'].includes(command)
  const usage = `Usage: aoxide <command>

  localnet    a whole AO network on one port of this machine; \`aoxide localnet --help\` says more`
  if (asked) console.log(usage)
  else console.error(`There is no command "${command}".\n\n${usage}`)
  process.exitCode = asked ? 0 : 2
}
