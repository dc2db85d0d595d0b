// A folder as the storage of a local network, in Node.js: one file for each record.

import { link, mkdir, open, readFile, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { NetworkStorage } from '../local/index.js'

export class FolderStorage implements NetworkStorage {
  readonly #records: string
  readonly #unfinished: string
  readonly #lock: string
  #written = 0

  private constructor(folder: string) {
    // Folders of earlier releases have these names.
    this.#records = join(folder, 'kept')
    this.#unfinished = join(folder, 'unfinished')
    this.#lock = join(folder, 'lock')
  }

  /**
   * Opens a folder, and creates it when it is not there. A folder belongs to one process at a time, until `close`.
   *
   * @throws `EBUSY` when another process has the folder; errors of the file system.
   */
  static async open(folder: string): Promise<FolderStorage> {
    await mkdir(folder, { recursive: true })
    const storage = new FolderStorage(folder)
    await takeLock(storage.#lock)
    // A process that was killed may have left unfinished files.
    await rm(storage.#unfinished, { recursive: true, force: true })
    await mkdir(storage.#unfinished, { recursive: true })
    return storage
  }

  /** Leaves the folder to other processes. */
  async close(): Promise<void> {
    await rm(this.#lock, { force: true })
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return orMissing(readFile(this.#path(name)))
  }

  async insert(name: string, bytes: Uint8Array): Promise<boolean> {
    const path = await this.#prepare(name)
    const written = this.#next()
    const file = await open(written, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      // Unlike `rename`, `link` never replaces a file.
      await link(written, path)
      await syncFolder(dirname(path))
      return true
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    } finally {
      await unlink(written)
    }
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = await this.#prepare(name)
    const written = this.#next()
    await writeFile(written, bytes)
    await rename(written, path)
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true })
  }

  async names(prefix: string): Promise<string[]> {
    const entries = (await orMissing(readdir(this.#path(prefix), { withFileTypes: true }))) ?? []
    const files = entries.filter((entry) => entry.isFile())
    return files.map((entry) => prefix + entry.name).sort()
  }

  #path(name: string) {
    return join(this.#records, name)
  }

  /** The path of a file that is not complete yet. */
  #next() {
    return join(this.#unfinished, `${process.pid}-${this.#written++}`)
  }

  /** The path of a record, in a folder that exists. */
  async #prepare(name: string) {
    const path = this.#path(name)
    await mkdir(dirname(path), { recursive: true })
    return path
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Writes a folder to the disk: it holds the names of its files. Windows does not allow it, and does not need it. */
async function syncFolder(folder: string) {
  if (process.platform === 'win32') return
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}

async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    const owner = Number(await orMissing(readFile(lock, 'utf8')))
    if (owner && owner !== process.pid && isRunning(owner)) {
      const message = `The folder is in use by process ${owner}. End that process, or remove ${lock}.`
      throw Object.assign(new Error(message), { code: 'EBUSY' })
    }
    // The process that wrote it has ended.
    await rm(lock, { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Other errors are of processes that run: of another user, or in Deno without permission to signal processes.
    return codeOf(error) !== 'ESRCH'
  }
}
