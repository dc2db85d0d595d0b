/** The Lua runtime of this package: a process module with Lua 5.3 and the libraries that AO's handlers expect. */

import type { TaggedModule } from '../compute/types.js'
import type { Bytes, Tag } from '../types.js'
import { inflate } from '../wasm/inflate.js'
import { part } from '../wasm/lazy-module.js'
import { loadError } from '../wasm/load-error.js'
import id from '../wasm/lua.id.js'

export type { TaggedModule } from '../compute/types.js'

/** The Lua module, as {@link luaModule} returns it. `loadModule`, `addModule` and `modules` of a local network take it. */
export interface LuaModule extends TaggedModule {
  /**
   * The SHA-256 hash of the bytes, as base64url. Local networks know the module by this id. The module is not published on
   * Arweave. Another version of this package may have another module, with another id.
   */
  id: string
  /** The module's WebAssembly. */
  bytes: Bytes
  /** The tags with which the module can be published on AO. */
  tags: Tag[]
}

const TAGS = {
  'Data-Protocol': 'ao',
  Variant: 'ao.TN.1',
  Type: 'Module',
  'Module-Format': 'wasm32-unknown-emscripten4',
  'Input-Encoding': 'JSON-V1',
  'Output-Encoding': 'JSON-V1',
  'Memory-Limit': '512-mb',
  'Compute-Limit': '9000000000000',
  'Content-Type': 'application/wasm'
}

/**
 * Returns the Lua module. The first call fetches it, about 110 KB. Every call returns a copy of its own.
 *
 * In local mode, `spawn` without a `module` uses this module, so you need this function only for the other parts of the
 * package.
 *
 * @example
 * import { loadModule } from 'aoxide/compute'
 * import { luaModule } from 'aoxide/lua'
 *
 * const module = await loadModule(await luaModule())
 *
 * @throws {AoError} `HTTP_NETWORK` when this part of the package cannot be fetched; `UNSUPPORTED` where it cannot be
 * decompressed
 */
export async function luaModule(): Promise<LuaModule> {
  try {
    const bytes = await inflate(await part(import('../wasm/lua.bytes.js')))
    return { id, bytes, tags: Object.entries(TAGS).map(([name, value]) => ({ name, value })) }
  } catch (error) {
    throw loadError(error)
  }
}
