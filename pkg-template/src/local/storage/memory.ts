import type { NetworkStorage } from './types.js'

/** Keeps records in memory. */
export class MemoryStorage implements NetworkStorage {
  /** Records by the part of their names up to the last `/`, since `names` lists them by it. */
  readonly #folders = new Map<string, Map<string, Uint8Array>>()

  get(name: string) {
    return this.#folders.get(folderOf(name))?.get(name)
  }

  insert(name: string, bytes: Uint8Array) {
    const free = this.get(name) === undefined
    if (free) this.put(name, bytes)
    return free
  }

  put(name: string, bytes: Uint8Array) {
    const path = folderOf(name)
    const folder = this.#folders.get(path) ?? new Map<string, Uint8Array>()
    this.#folders.set(path, folder.set(name, bytes))
  }

  remove(name: string) {
    const path = folderOf(name)
    const folder = this.#folders.get(path)
    if (folder?.delete(name) && folder.size === 0) this.#folders.delete(path)
  }

  names(prefix: string) {
    return [...(this.#folders.get(prefix)?.keys() ?? [])].sort()
  }
}

const folderOf = (name: string) => name.slice(0, name.lastIndexOf('/') + 1)
