// Keys in files: those that the user gives, and those that commands keep in a folder.

import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Jwk } from '../index.js'
import { UsageError } from './usage-error.js'

/** Reads a key from its file. If the file is not there, generates a key and keeps it there. */
export async function keptKey<Key extends object>(file: string, generate: () => Promise<Key>): Promise<Key> {
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (kept !== undefined) return JSON.parse(kept)
  const key = await generate()
  // Renaming writes the key as a whole or not at all.
  await writeFile(`${file}.new`, JSON.stringify(key), { mode: 0o600 })
  await rename(`${file}.new`, file)
  return key
}

/**
 * Reads the key file of a wallet.
 *
 * @throws `UsageError` when the file cannot be read, or contains no private key.
 */
export async function readWallet(file: string): Promise<Jwk> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`The wallet ${file} cannot be read: ${error.message}`)
  })
  const advice = 'Give the key file that your wallet exports, in JSON (JWK)'
  let key: Jwk
  try {
    key = JSON.parse(text)
  } catch {
    throw new UsageError(`The wallet ${file} is not JSON. ${advice}.`)
  }
  if (typeof key?.kty !== 'string') throw new UsageError(`The wallet ${file} is not a key. ${advice}.`)
  if (typeof key.d !== 'string')
    throw new UsageError(`The wallet ${file} has only a public key, which cannot sign. ${advice}.`)
  return key
}
