// Options of `aoxide verify`.

import { engineOf, isId, numberOf, readArguments } from './arguments.js'

export const USAGE = `Usage: aoxide verify <process> [options]

Reads a process's signed schedule, verifies every entry, evaluates every message, and prints what the result rests on.

  --su <url>                the scheduler unit; default: https://su-router.ao-testnet.xyz
  --gateway <url>           the gateway, for the items of the process and its module; default: https://arweave.net
  --graphql <url>           the gateway's GraphQL, if it is not <gateway>/graphql
  --cu <url>                a compute unit to compare with; default: none
  --compare <number>        how many of the newest results are compared with the unit's, or "all"; default: 25
  --url <url>               a HyperBEAM node, in place of --su, --graphql and --cu; --node is the same
  --scheduler <address>     the address that must sign assignments; default: the process's tag "Scheduler"
  --trust <address>         an address whose newest checkpoint is believed; can be repeated; default: start from slot 0
  --checkpoint <id>=<hash>  one checkpoint that is believed, with the SHA-256 of its memory
  --module <file>           the process's module; its SHA-256 is pinned. Default: it is read from the gateway and verified
  --to <slot>               the last slot; default: the newest one
  --max-age <seconds>       how old the newest slot may be; default: any age
  --dir <folder>            keeps the result, so that the next run continues there
  --restart                 deletes what --dir keeps of the process first
  --engine <name>           the engine that runs modules: auto or wasmi; default: auto
  --compute-limit <number>  the most that one message may cost; default: no limit
  --slots                   prints each slot, with what was verified
  --json                    prints one line of JSON for each event
  --help                    prints this help

Exit code: 0 if the result is verified, and the unit, if one is asked, does not differ; 1 if not; 2 for a wrong option.`

const OPTIONS = {
  su: { type: 'string' },
  gateway: { type: 'string' },
  graphql: { type: 'string' },
  cu: { type: 'string' },
  compare: { type: 'string' },
  url: { type: 'string' },
  node: { type: 'string' },
  scheduler: { type: 'string' },
  trust: { type: 'string', multiple: true, default: [] as string[] },
  checkpoint: { type: 'string' },
  module: { type: 'string' },
  to: { type: 'string' },
  'max-age': { type: 'string' },
  dir: { type: 'string' },
  restart: { type: 'boolean', default: false },
  engine: { type: 'string', default: 'auto' },
  'compute-limit': { type: 'string' },
  slots: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
} as const

export interface VerifyOptions {
  process: string
  source:
    | { scheduler: string; gateway: string; graphql?: string; unit?: string }
    /** Its default gateway is that of `follow`. */
    | { node: string; gateway?: string }
  trust: {
    scheduler?: string
    checkpoints?: string[]
    checkpoint?: { id: string; sha256: string }
  }
  /** The module's file. */
  module: string | undefined
  /** How many results are compared with the unit's. */
  compare: number
  to: number | undefined
  /** In milliseconds. */
  maxAge: number | undefined
  dir: string | undefined
  restart: boolean
  engine: 'auto' | 'wasmi'
  computeLimit: number | undefined
  slots: boolean
  json: boolean
}

/**
 * Reads the options of the command line.
 *
 * @returns `undefined` for `--help`.
 * @throws `UsageError`.
 */
export function readOptions(args: string[]): VerifyOptions | undefined {
  return readArguments(args, OPTIONS, USAGE, ({ values, positionals }) => {
    const [process, ...more] = positionals
    if (process === undefined) throw new Error('Name the process to verify')
    if (more.length > 0) throw new Error(`Name one process, not ${positionals.length}`)
    idOf('the process', process)
    for (const address of values.trust) idOf('--trust', address)
    if (values.scheduler !== undefined) idOf('--scheduler', values.scheduler)
    const checkpoint = values.checkpoint === undefined ? undefined : checkpointOf(values.checkpoint)
    if (checkpoint && values.trust.length > 0) throw new Error('Give --checkpoint or --trust, not both')
    if (values.compare !== undefined && (values.cu ?? values.url ?? values.node) === undefined)
      throw new Error('--compare needs --cu or --url, the unit to compare with')
    const maxAge = numberOf('max-age', values['max-age'])
    return {
      process,
      source: sourceOf(values),
      trust: {
        ...(values.scheduler !== undefined && { scheduler: values.scheduler }),
        ...(values.trust.length > 0 && { checkpoints: values.trust }),
        ...(checkpoint && { checkpoint })
      },
      module: values.module,
      compare: values.compare === 'all' ? Infinity : (wholeOf('compare', values.compare) ?? 25),
      to: wholeOf('to', values.to),
      maxAge: maxAge === undefined ? undefined : maxAge * 1000,
      dir: values.dir,
      restart: values.restart,
      engine: engineOf(values.engine),
      computeLimit: numberOf('compute-limit', values['compute-limit']),
      slots: values.slots,
      json: values.json
    }
  })
}

type Given = Partial<Record<'su' | 'gateway' | 'graphql' | 'cu' | 'url' | 'node', string>>

function sourceOf({ su, gateway, graphql, cu, url, node = url }: Given): VerifyOptions['source'] {
  const given = { su, gateway, graphql, cu, ...(url === undefined ? { node } : { url }) }
  for (const [name, address] of Object.entries(given))
    if (address !== undefined && !/^https?:\/\/./.test(address))
      throw new Error(`--${name} must be an address, not "${address}"`)
  if (node !== undefined) {
    if (su !== undefined || cu !== undefined || graphql !== undefined)
      throw new Error(`--${url === undefined ? 'node' : 'url'} replaces --su, --cu and --graphql. Leave them out`)
    return { node, ...(gateway !== undefined && { gateway }) }
  }
  return {
    scheduler: su ?? 'https://su-router.ao-testnet.xyz',
    gateway: gateway ?? 'https://arweave.net',
    ...(graphql !== undefined && { graphql }),
    ...(cu !== undefined && { unit: cu })
  }
}

function idOf(what: string, text: string): void {
  if (!isId(text)) throw new Error(`${what} must be an id or address of 43 characters, not "${text}"`)
}

function checkpointOf(text: string): { id: string; sha256: string } {
  const [id = '', sha256 = ''] = text.split('=')
  if (!isId(id) || !/^[\da-f]{64}$/i.test(sha256))
    throw new Error(`--checkpoint must be <id>=<SHA-256 of the memory in hexadecimal>, not "${text}"`)
  return { id, sha256 }
}

function wholeOf(option: string, text: string | undefined): number | undefined {
  const number = numberOf(option, text)
  if (number !== undefined && !Number.isSafeInteger(number))
    throw new Error(`--${option} must be a whole number, not "${text}"`)
  return number
}
