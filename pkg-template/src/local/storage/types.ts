/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>

/**
 * Storage of a local network: records of bytes by name. Implement it to keep a network elsewhere, and pass it to
 * `createLocalNetwork` as `storage`. A storage must belong to one network at a time. An error that a method throws reaches
 * the caller as `STORAGE`, with the error as its `cause`.
 *
 * Names consist of parts that are separated by `/`, for instance `messages/<id>`. Parts hold letters, digits, `-` and `_`.
 *
 * @example
 * const records = new Map()
 * const storage = {
 *   get: (name) => records.get(name),
 *   insert: (name, bytes) => !records.has(name) && !!records.set(name, bytes),
 *   put: (name, bytes) => void records.set(name, bytes),
 *   remove: (name) => void records.delete(name),
 *   names: (prefix) => [...records.keys()].filter((name) => /^[^/]+$/.test(name.replace(prefix, ''))).sort()
 * }
 * const network = await createLocalNetwork({ storage })
 */
export interface NetworkStorage {
  /** Returns the bytes of a record, or `undefined` when there is none. */
  get(name: string): MaybePromise<Uint8Array | undefined>
  /**
   * Writes a record unless the name is taken, as a whole or not at all. When it returns, the record survives a crash of the
   * program and of the machine.
   *
   * @returns Whether the name was free.
   */
  insert(name: string, bytes: Uint8Array): MaybePromise<boolean>
  /** Writes a record, as a whole or not at all. It replaces the record of that name. */
  put(name: string, bytes: Uint8Array): MaybePromise<void>
  /** Removes a record, if it is there. */
  remove(name: string): MaybePromise<void>
  /** Returns the sorted names that consist of `prefix`, which ends in `/`, and one further part. */
  names(prefix: string): MaybePromise<string[]>
}
