// Readers of arguments that several commands take.

import { readFile } from 'node:fs/promises'
import type { Tag } from '../types.js'
import { UsageError } from './usage-error.js'

/** What ids on AO and Arweave look like. */
export const isId = (text: string): boolean => /^[\w-]{43}$/.test(text)

/**
 * Joins options and ids that begin with a hyphen, which one id in 64 does: `--process -x…` becomes `--process=-x…`. `parseArgs`
 * would take such an id for another option.
 */
export function joinIds(args: string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const last = joined.at(-1)
    if (/^-[\w-]{42}($|=)/.test(arg) && last !== undefined && /^--[\w-]+$/.test(last))
      joined.splice(-1, 1, `${last}=${arg}`)
    else joined.push(arg)
  }
  return joined
}

/** Reads `--tag <name>=<value>`. */
export function tagOf(text: string): Tag {
  const at = text.indexOf('=')
  if (at < 1) throw new Error(`--tag must be <name>=<value>, not "${text}"`)
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** Reads a number that is not negative. */
export function numberOf(option: string, text: string): number {
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
