import type { NetworkStorage } from './types.js'

/** The object store. Databases of earlier releases have it under this name. */
const STORE = 'kept'

/** Keeps records in a database of the browser. */
export class IndexedDbStorage implements NetworkStorage {
  readonly #name: string
  #opening: Promise<IDBDatabase> | undefined

  /** @param name Names the network among those of this origin. */
  constructor(name: string) {
    this.#name = `aoxide-local-${name}`
  }

  get(name: string) {
    return this.#run<Uint8Array | undefined>('readonly', (store) => store.get(name))
  }

  async insert(name: string, bytes: Uint8Array) {
    let free = false
    await this.#run('readwrite', (store) => {
      const taken = store.getKey(name)
      taken.onsuccess = () => {
        free = taken.result === undefined
        if (free) store.put(bytes, name)
      }
    })
    return free
  }

  async put(name: string, bytes: Uint8Array) {
    await this.#run('readwrite', (store) => void store.put(bytes, name))
  }

  async remove(name: string) {
    await this.#run('readwrite', (store) => void store.delete(name))
  }

  names(prefix: string) {
    return this.#run(
      'readonly',
      (store) => store.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)) as IDBRequest<string[]>
    )
  }

  /**
   * Runs `job` in a transaction. Resolves with the result of the request that it returns, once the transaction is complete.
   */
  async #run<T>(mode: IDBTransactionMode, job: (store: IDBObjectStore) => IDBRequest<T>): Promise<T>
  async #run(mode: IDBTransactionMode, job: (store: IDBObjectStore) => void): Promise<void>
  async #run<T>(
    mode: IDBTransactionMode,
    job: (store: IDBObjectStore) => IDBRequest<T> | void
  ): Promise<T | undefined> {
    const database = await (this.#opening ??= this.#open())
    return new Promise((resolve, reject) => {
      // A tab may end at any moment: what is written must be on the disk.
      const transaction = database.transaction(STORE, mode, { durability: 'strict' })
      const request = job(transaction.objectStore(STORE))
      transaction.oncomplete = () => resolve(request?.result)
      transaction.onabort = () => reject(transaction.error)
    })
  }

  #open() {
    return new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(this.#name, 1)
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
      opening.onsuccess = () => {
        // Another page wants to delete the database, or to change its version, and waits until this one closes it.
        opening.result.onversionchange = () => {
          opening.result.close()
          this.#opening = undefined
        }
        resolve(opening.result)
      }
      opening.onerror = () => reject(opening.error)
    }).catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
  }
}
