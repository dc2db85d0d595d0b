// The module that a command starts a process with.

import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { isId } from './arguments.js'
import { UsageError } from './usage-error.js'

/** A module: its id, and its bytes unless they are to be downloaded. */
export interface NamedModule {
  id: string
  bytes?: Uint8Array
}

/**
 * Finds the module that the user named: a file, an id, or without a name the Lua module of this package.
 *
 * @throws `UsageError` when there is no such file.
 */
export async function findModule(name: string | undefined): Promise<NamedModule> {
  if (name === undefined) {
    const { luaModule } = await import('../lua/index.js')
    return luaModule()
  }
  const isFile = await stat(name).then(
    (found) => found.isFile(),
    () => false
  )
  if (!isFile && isId(name)) return { id: name }
  try {
    const bytes = new Uint8Array(await readFile(name))
    return { id: createHash('sha256').update(bytes).digest('base64url'), bytes }
  } catch (error) {
    throw new UsageError(`The module ${name} is no id, and cannot be read as a file: ${(error as Error).message}`)
  }
}
