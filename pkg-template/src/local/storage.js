// Where a local network keeps what it keeps: bytes under names. See `NetworkStorage` in local.d.ts.

import { AoError } from '../errors.js'

const METHODS = ['get', 'insert', 'put', 'remove', 'names']

export function checkStorage(storage) {
  if (storage === 'indexeddb' && !globalThis.indexedDB)
    throw new AoError('UNSUPPORTED', "There is no IndexedDB here: take the storage 'memory'")
  if (storage === 'memory' || storage === 'indexeddb') return
  if (METHODS.some((method) => typeof storage?.[method] !== 'function')) {
    const message = `'storage': Expected 'memory', 'indexeddb', or an object with ${METHODS.join(', ')}.`
    throw new AoError('BAD_ARGUMENT', message)
  }
}

/** A store, and what sees to it that nobody else works on it meanwhile. */
export function openStorage(storage, name) {
  const alone = (job) => job()
  if (storage === 'memory') return { storage: new MemoryStorage(), exclusively: alone }
  if (storage !== 'indexeddb') return { storage, exclusively: alone }
  const lock = `aoxide local network ${name}`
  // Tabs take turns: what one has begun, the others wait for.
  const exclusively = navigator.locks ? (job) => navigator.locks.request(lock, job) : alone
  return { storage: new IndexedDbStorage(name), exclusively }
}

class MemoryStorage {
  /** By the part of the name up to the last `/`, since names are asked for by it. */
  #folders = new Map()

  get(name) {
    return this.#folders.get(folderOf(name))?.get(name)
  }

  insert(name, bytes) {
    const free = this.get(name) === undefined
    if (free) this.put(name, bytes)
    return free
  }

  put(name, bytes) {
    const folder = folderOf(name)
    if (!this.#folders.has(folder)) this.#folders.set(folder, new Map())
    this.#folders.get(folder).set(name, bytes)
  }

  remove(name) {
    const folder = folderOf(name)
    const kept = this.#folders.get(folder)
    if (kept?.delete(name) && kept.size === 0) this.#folders.delete(folder)
  }

  names(prefix) {
    return [...(this.#folders.get(prefix)?.keys() ?? [])].sort()
  }
}

const folderOf = (name) => name.slice(0, name.lastIndexOf('/') + 1)

const KEPT = 'kept'

class IndexedDbStorage {
  #name
  #opening

  constructor(name) {
    this.#name = `aoxide-local-${name}`
  }

  get(name) {
    return this.#do('readonly', (kept) => kept.get(name))
  }

  async insert(name, bytes) {
    let free = false
    await this.#do('readwrite', (kept) => {
      const taken = kept.getKey(name)
      taken.onsuccess = () => {
        free = taken.result === undefined
        if (free) kept.put(bytes, name)
      }
    })
    return free
  }

  put(name, bytes) {
    return this.#do('readwrite', (kept) => void kept.put(bytes, name))
  }

  remove(name) {
    return this.#do('readwrite', (kept) => void kept.delete(name))
  }

  names(prefix) {
    return this.#do('readonly', (kept) => kept.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))
  }

  /** What the request that `job` makes comes to, when its transaction is through. */
  async #do(mode, job) {
    const database = await (this.#opening ??= this.#open())
    return new Promise((resolve, reject) => {
      // Written means written: a tab may end at any moment.
      const transaction = database.transaction(KEPT, mode, { durability: 'strict' })
      const request = job(transaction.objectStore(KEPT))
      transaction.oncomplete = () => resolve(request?.result)
      transaction.onabort = () => reject(transaction.error)
    })
  }

  #open() {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open(this.#name, 1)
      opening.onupgradeneeded = () => opening.result.createObjectStore(KEPT)
      opening.onsuccess = () => {
        // Somebody wants to delete it, or to make it newer.
        opening.result.onversionchange = () => {
          opening.result.close()
          this.#opening = undefined
        }
        resolve(opening.result)
      }
      opening.onerror = () => reject(opening.error)
    }).catch((error) => {
      this.#opening = undefined
      throw error
    })
  }
}
