// Options of `aoxide deploy`.

import type { Tag } from '../types.js'
import { isId, numberOf, readArguments, tagOf } from './arguments.js'

/** aos 2.0.6 on Arweave. */
const AOS = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
/** The scheduler and the messenger of the public network of units. */
const PUBLIC = {
  scheduler: '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA',
  authority: 'fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY'
}

export const USAGE = `Usage: aoxide deploy <file.lua> --wallet <file> [options]

Spawns a process on an AO network, evaluates the file in it, and shows the result.

  --wallet <file>           the key that signs and that owns the process, in JSON (JWK)

The network; default: the public network of units
  --url <url>               a HyperBEAM node
  --mu <url>                a messenger unit, with --cu
  --cu <url>                a compute unit, with --mu
  --gateway <url>           the gateway that has the module; default: https://arweave.net

The process
  --module <id>             default: ${AOS} (aos 2.0.6); "lua" is the Lua module
                            of this package, which \`aoxide localnet\` has
  --scheduler <address>     default: the scheduler of the public network; with --url, the node
  --authority <address>     whose messages the process trusts; default: the messenger of the public network; with --url,
                            the scheduler
  --tag <name>=<value>      a tag of the process; can be repeated

A process that is there already
  --process <id>            evaluates the file in this process, and spawns none
  --message <id or slot>    with --process: waits for the result of a message that was sent, and sends nothing

  --timeout <seconds>       for each step; default: 60
  --json                    prints the result as one line of JSON
  --help                    prints this help`

const OPTIONS = {
  wallet: { type: 'string' },
  url: { type: 'string' },
  mu: { type: 'string' },
  cu: { type: 'string' },
  gateway: { type: 'string' },
  module: { type: 'string' },
  scheduler: { type: 'string' },
  authority: { type: 'string' },
  tag: { type: 'string', multiple: true, default: [] as string[] },
  process: { type: 'string' },
  message: { type: 'string' },
  timeout: { type: 'string', default: '60' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
} as const

/** Where to deploy to: a HyperBEAM node, or units. `undefined` addresses are those of the public network. */
export type Place =
  | { url: string; gateway: string | undefined }
  | { url?: undefined; mu?: string; cu?: string; gateway: string | undefined }

export interface DeployOptions {
  file: string
  wallet: string
  place: Place
  /** An id, or `lua`. */
  module: string
  /** `undefined`: the node. */
  scheduler: string | undefined
  /** `undefined`: the scheduler. */
  authority: string | undefined
  tags: Tag[]
  /** The process to deploy to. `undefined` spawns one. */
  process: string | undefined
  /** A message that was sent already: its id, or on a node its slot. */
  message: string | undefined
  /** In milliseconds. */
  timeout: number
  json: boolean
}

/**
 * Reads the options of the command line.
 *
 * @returns `undefined` for `--help`.
 * @throws `UsageError`.
 */
export function readDeployOptions(args: string[]): DeployOptions | undefined {
  return readArguments(args, OPTIONS, USAGE, ({ values, positionals }) => {
    const [file, another] = positionals
    if (file === undefined) throw new Error('Name the Lua file to deploy')
    if (another !== undefined) throw new Error(`Give one file. "${another}" is another one`)
    if (values.wallet === undefined) throw new Error('--wallet is missing')
    const { url, mu, cu, gateway, process, message } = values
    if (url !== undefined && (mu ?? cu) !== undefined)
      throw new Error('Give --url for a node, or --mu and --cu for units')
    if ((mu === undefined) !== (cu === undefined)) throw new Error('Give both --mu and --cu')
    for (const [name, address] of Object.entries({ url, mu, cu, gateway })) checkAddress(name, address)
    for (const name of ['process', 'scheduler', 'authority'] as const) checkId(name, values[name])
    if (values.module !== 'lua') checkId('module', values.module)
    if (message !== undefined && process === undefined) throw new Error('--message needs --process')
    if (
      process !== undefined &&
      (values.module ?? values.scheduler ?? values.authority ?? values.tag[0]) !== undefined
    ) {
      throw new Error(
        '--module, --scheduler, --authority and --tag are for a new process. Leave out --process, or them'
      )
    }
    const defaults = url === undefined && mu === undefined ? PUBLIC : undefined
    const { scheduler = defaults?.scheduler, authority = defaults?.authority } = values
    if (process === undefined && mu !== undefined && (scheduler ?? authority) === undefined) {
      const advice =
        'Give the addresses of the scheduler and the messenger of that network. `aoxide localnet` prints both'
      throw new Error(`--mu needs --scheduler and --authority. ${advice}`)
    }
    return {
      file,
      wallet: values.wallet,
      place:
        url === undefined
          ? { gateway, ...(mu !== undefined && { mu }), ...(cu !== undefined && { cu }) }
          : { url, gateway },
      module: values.module ?? AOS,
      scheduler,
      authority,
      tags: values.tag.map(tagOf),
      process,
      message,
      timeout: numberOf('timeout', values.timeout) * 1000,
      json: values.json
    }
  })
}

function checkId(name: string, text: string | undefined): void {
  if (text === undefined || isId(text)) return
  throw new Error(`--${name} must be an id of 43 characters, not "${text}"`)
}

function checkAddress(name: string, text: string | undefined): void {
  if (text === undefined || (URL.canParse(text) && /^https?:/.test(text))) return
  throw new Error(`--${name} must be an address that starts with http:// or https://, not "${text}"`)
}
