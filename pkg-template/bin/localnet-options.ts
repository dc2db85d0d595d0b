// Options of `aoxide localnet`.

import { engineOf, numberOf, readArguments } from './arguments.js'
import { hostName } from './server.js'

export const USAGE = `Usage: aoxide localnet [options]

  --port <number>           the port, on 127.0.0.1; default: 4000
  --dir <folder>            the folder that keeps the network's records; default: they are kept in memory until it ends
  --allow-host <name>       a further host name that requests may have, besides localhost; can be repeated
  --module <id>=<file>      a process module, under the id that it has on Arweave; can be repeated
  --data <id>=<file>        data of the gateway, under the id that it has on Arweave; can be repeated
  --engine <name>           the engine that runs modules: auto or wasmi; default: auto
  --compute-limit <number>  the most that one message may cost; default: no limit
  --no-visitor              rejects messages that are not signed, as real nodes do; by default, messages in JSON to
                            /<process>~process@1.0/schedule and /push are signed with the visitor's key
  --json                    prints one line of JSON for each event
  --help                    prints this help`

const OPTIONS = {
  port: { type: 'string', default: '4000' },
  dir: { type: 'string' },
  'allow-host': { type: 'string', multiple: true, default: [] as string[] },
  module: { type: 'string', multiple: true, default: [] as string[] },
  data: { type: 'string', multiple: true, default: [] as string[] },
  engine: { type: 'string', default: 'auto' },
  'compute-limit': { type: 'string' },
  'no-visitor': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
} as const

export interface LocalnetOptions {
  port: number
  dir: string | undefined
  /** Host names that requests may have, besides those of this machine. */
  allowed: string[]
  module: { id: string; file: string }[]
  data: { id: string; file: string }[]
  engine: 'auto' | 'wasmi'
  computeLimit: number | undefined
  /** Whether unsigned messages are signed with the visitor's key. */
  visitor: boolean
  json: boolean
}

/**
 * Reads the options of the command line.
 *
 * @returns `undefined` for `--help`.
 * @throws `UsageError`.
 */
export function readOptions(args: string[]): LocalnetOptions | undefined {
  return readArguments(args, OPTIONS, USAGE, ({ values, positionals }) => {
    if (positionals[0] !== undefined) throw new Error(`"${positionals[0]}" is not an option`)
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port must be a number from 0 to 65535, not "${values.port}"`)
    // A name that already has a port cannot have another one.
    const wrong = values['allow-host'].find((host) => !hostName(`${host}:1`))
    if (wrong !== undefined) throw new Error(`--allow-host must be a host name without a port, not "${wrong}"`)
    return {
      port,
      dir: values.dir,
      allowed: values['allow-host'],
      module: values.module.map((text) => fileOf('module', text)),
      data: values.data.map((text) => fileOf('data', text)),
      engine: engineOf(values.engine),
      computeLimit: numberOf('compute-limit', values['compute-limit']),
      visitor: !values['no-visitor'],
      json: values.json
    }
  })
}

function fileOf(option: string, text: string): { id: string; file: string } {
  const at = text.indexOf('=')
  if (at < 0) throw new Error(`--${option} must be <id>=<file>, not "${text}"`)
  return { id: text.slice(0, at), file: text.slice(at + 1) }
}
