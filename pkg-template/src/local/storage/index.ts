// The storages of local networks: in memory, in IndexedDB, or the caller's own. Node.js has one more, see folder.ts.

import { AoError } from '../../errors.js'
import { IndexedDbStorage } from './indexeddb.js'
import { MemoryStorage } from './memory.js'
import type { NetworkStorage } from './types.js'

export type StorageOption = 'memory' | 'indexeddb' | NetworkStorage

const METHODS = ['get', 'insert', 'put', 'remove', 'names'] as const

/** @throws `BAD_ARGUMENT`, and `UNSUPPORTED` where there is no IndexedDB. */
export function checkStorage(storage: StorageOption): void {
  if (storage === 'indexeddb' && !globalThis.indexedDB)
    throw new AoError(
      'UNSUPPORTED',
      "'storage': This runtime has no IndexedDB. Use 'memory', or a storage of your own."
    )
  if (storage === 'memory' || storage === 'indexeddb') return
  if (METHODS.some((method) => typeof storage?.[method] !== 'function')) {
    const message = `'storage': Expected 'memory', 'indexeddb', or an object with ${METHODS.join(', ')}.`
    throw new AoError('BAD_ARGUMENT', message)
  }
}

/** Runs a job while no other page uses the storage. */
export type Exclusively = <T>(job: () => Promise<T>) => Promise<T>

/** Opens a storage. `name` is for IndexedDB. */
export function openStorage(
  storage: StorageOption,
  name: string
): { storage: NetworkStorage; exclusively: Exclusively } {
  const alone: Exclusively = (job) => job()
  if (storage === 'memory') return { storage: new MemoryStorage(), exclusively: alone }
  if (storage !== 'indexeddb') return { storage, exclusively: alone }
  const lock = `aoxide local network ${name}`
  // Pages of an origin share a database. They take turns: while one handles a call, the others wait.
  const exclusively: Exclusively = async (job) => navigator.locks.request(lock, job)
  return { storage: new IndexedDbStorage(name), exclusively: navigator.locks ? exclusively : alone }
}
