// Readers of arguments that several commands take.

import { readFile } from 'node:fs/promises'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import type { Tag } from '../types.js'
import { UsageError } from './usage-error.js'

/** What ids on AO and Arweave look like. */
export const isId = (text: string): boolean => /^[\w-]{43}$/.test(text)

/**
 * Marks ids that begin with a hyphen, which one id in 64 does, since `parseArgs` would take them for options: `--process -x…`
 * becomes `--process=-x…`, and an id without an option goes behind `--`.
 */
function markIds(args: string[], options: Readonly<Record<string, { type: string }>>): string[] {
  if (args.includes('--')) return args
  const marked: string[] = []
  const positionals: string[] = []
  for (const arg of args) {
    const last = marked.at(-1) ?? ''
    if (!/^-[\w-]{42}($|=)/.test(arg)) marked.push(arg)
    else if (last.startsWith('--') && options[last.slice(2)]?.type === 'string') marked.splice(-1, 1, `${last}=${arg}`)
    else positionals.push(arg)
  }
  return positionals.length > 0 ? [...marked, '--', ...positionals] : marked
}

/** What a command line gives: the values of the options, and the other arguments. */
type Given<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true }>
>

/**
 * Reads a command line. `read` checks what was given, and makes the options of the command from it.
 *
 * @returns `undefined` for `--help`.
 * @throws `UsageError`, which shows the usage.
 */
export function readArguments<const O extends ParseArgsOptionsConfig, T>(
  args: string[],
  options: O,
  usage: string,
  read: (given: Given<O>) => T
): T | undefined {
  try {
    const given = parseArgs({ args: markIds(args, options), options, allowPositionals: true as const })
    return (given.values as { help?: boolean }).help ? undefined : read(given)
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`)
  }
}

/** Reads `--engine`. */
export function engineOf(text: string): 'auto' | 'wasmi' {
  if (text === 'auto' || text === 'wasmi') return text
  throw new Error(`--engine must be auto or wasmi, not "${text}"`)
}

/** Reads `--tag <name>=<value>`. */
export function tagOf(text: string): Tag {
  const at = text.indexOf('=')
  if (at < 1) throw new Error(`--tag must be <name>=<value>, not "${text}"`)
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** Reads a number that is not negative. */
export function numberOf(option: string, text: string): number
export function numberOf(option: string, text: string | undefined): number | undefined
export function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = text.trim() === '' ? NaN : Number(text)
  if (!(number >= 0)) throw new Error(`--${option} must be a number, not "${text}"`)
  return number
}

/**
 * Reads a Lua file.
 *
 * @throws `UsageError` when it cannot be read.
 */
export async function readScript(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read: ${(error as Error).message}`)
  }
}
