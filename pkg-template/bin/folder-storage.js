// A folder as the store of a local network: a file for each name.

import { link, mkdir, open, readFile, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export class FolderStorage {
  #kept
  #unfinished
  #written = 0
  #lock

  constructor(folder, lock) {
    this.#kept = join(folder, 'kept')
    this.#unfinished = join(folder, 'unfinished')
    this.#lock = lock
  }

  /** Opens a folder, which belongs to one network at a time, and makes it when it is not there. */
  static async open(folder) {
    await mkdir(folder, { recursive: true })
    const lock = join(folder, 'lock')
    await takeLock(lock)
    const storage = new FolderStorage(folder, lock)
    // Left by a process that was killed.
    await rm(storage.#unfinished, { recursive: true, force: true })
    await mkdir(storage.#unfinished, { recursive: true })
    return storage
  }

  async close() {
    await rm(this.#lock, { force: true })
  }

  async get(name) {
    return orMissing(readFile(this.#path(name)))
  }

  async insert(name, bytes) {
    const path = await this.#home(name)
    const written = this.#next()
    const file = await open(written, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      // Unlike a renaming, a link never takes another's place.
      await link(written, path)
      await syncFolder(dirname(path))
      return true
    } catch (error) {
      if (error.code === 'EEXIST') return false
      throw error
    } finally {
      await unlink(written)
    }
  }

  async put(name, bytes) {
    const path = await this.#home(name)
    const written = this.#next()
    await writeFile(written, bytes)
    await rename(written, path)
  }

  async remove(name) {
    await rm(this.#path(name), { force: true })
  }

  async names(prefix) {
    const entries = (await orMissing(readdir(this.#path(prefix), { withFileTypes: true }))) ?? []
    const files = entries.filter((entry) => entry.isFile())
    return files.map((entry) => prefix + entry.name).sort()
  }

  #path(name) {
    return join(this.#kept, name)
  }

  #next() {
    return join(this.#unfinished, `${process.pid}-${this.#written++}`)
  }

  async #home(name) {
    const path = this.#path(name)
    await mkdir(dirname(path), { recursive: true })
    return path
  }
}

const orMissing = (reading) =>
  reading.catch((error) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** A name is kept in its folder, which has to be written too. Windows does not let us, and need not. */
async function syncFolder(folder) {
  if (process.platform === 'win32') return
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}

async function takeLock(lock) {
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const owner = Number(await orMissing(readFile(lock, 'utf8')))
    if (owner && owner !== process.pid && isRunning(owner)) {
      const message = `The folder is in use by process ${owner}. End it first, or remove ${lock}`
      throw Object.assign(new Error(message), { code: 'EBUSY' })
    }
    await rm(lock, { force: true })
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
