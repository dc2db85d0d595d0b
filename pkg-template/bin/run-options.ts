// Options of `aoxide run`.

import type { Tag } from '../types.js'
import { engineOf, numberOf, readArguments, tagOf } from './arguments.js'

export const USAGE = `Usage: aoxide run [file.lua] [options]

Starts a process in a network of its own, evaluates the file, and reads Lua from the terminal or from a pipe.

  --watch                   evaluates the file again when it changes; the process keeps its state
  --dir <folder>            the folder that keeps the network; the next run continues with the same process;
                            default: everything is kept in memory until the end
  --new                     starts a new process in the folder of --dir
  --module <id or file>     the module of the process; default: the Lua module of this package
  --gateway <url>           where a module is downloaded from that is given by its id; default: https://arweave.net
  --tag <name>=<value>      a tag of the process; can be repeated
  --wallet <file>           the key that owns the process; default: a new key
  --engine <name>           the engine that runs the module: auto or wasmi; default: auto
  --compute-limit <number>  the most that one message may cost; 0 is no limit; default: 1e12, about ten seconds
  --no-history              keeps the lines of this run out of ~/.aoxide_history
  --help                    prints this help`

const OPTIONS = {
  watch: { type: 'boolean', default: false },
  dir: { type: 'string' },
  new: { type: 'boolean', default: false },
  module: { type: 'string' },
  gateway: { type: 'string' },
  tag: { type: 'string', multiple: true, default: [] as string[] },
  wallet: { type: 'string' },
  engine: { type: 'string', default: 'auto' },
  'compute-limit': { type: 'string', default: '1e12' },
  'no-history': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
} as const

export interface RunOptions {
  /** The Lua file to evaluate first. */
  file: string | undefined
  watch: boolean
  dir: string | undefined
  startNew: boolean
  /** An id, or a file. */
  module: string | undefined
  gateway: string | undefined
  tags: Tag[]
  wallet: string | undefined
  engine: 'auto' | 'wasmi'
  computeLimit: number | undefined
  history: boolean
}

/**
 * Reads the options of the command line.
 *
 * @returns `undefined` for `--help`.
 * @throws `UsageError`.
 */
export function readRunOptions(args: string[]): RunOptions | undefined {
  return readArguments(args, OPTIONS, USAGE, ({ values, positionals }) => {
    const [file, another] = positionals
    if (another !== undefined) throw new Error(`Give one file. "${another}" is another one`)
    if (values.watch && file === undefined) throw new Error('--watch needs a file')
    if (values.new && values.dir === undefined) throw new Error('--new needs --dir')
    return {
      file,
      watch: values.watch,
      dir: values.dir,
      startNew: values.new,
      module: values.module,
      gateway: values.gateway,
      tags: values.tag.map(tagOf),
      wallet: values.wallet,
      engine: engineOf(values.engine),
      computeLimit: numberOf('compute-limit', values['compute-limit']) || undefined,
      history: !values['no-history']
    }
  })
}
