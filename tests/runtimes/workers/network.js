// A Cloudflare Worker whose local network lives in a Durable Object, with its records in the object's database.
import { DurableObject } from 'cloudflare:workers'
import { connect, createSigner } from 'aoxide'
import { createLocalNetwork } from 'aoxide/local'
import { fixtures } from './fixtures.mjs'

const signer = createSigner(fixtures.jwk)
const MODULE = 'M'.repeat(42) + 'A'

/** A storage in SQLite. It waits for the disk, so requests overlap. */
function storageIn({ storage }) {
  const { sql } = storage
  sql.exec('CREATE TABLE IF NOT EXISTS records (name TEXT PRIMARY KEY, bytes BLOB)')
  return {
    async get(name) {
      await storage.sync()
      const [record] = sql.exec('SELECT bytes FROM records WHERE name = ?', name)
      return record && new Uint8Array(record.bytes)
    },
    async insert(name, bytes) {
      const { rowsWritten } = sql.exec('INSERT OR IGNORE INTO records VALUES (?, ?)', name, bytes)
      await storage.sync()
      return rowsWritten > 0
    },
    async put(name, bytes) {
      sql.exec('INSERT OR REPLACE INTO records VALUES (?, ?)', name, bytes)
      await storage.sync()
    },
    remove: (name) => void sql.exec('DELETE FROM records WHERE name = ?', name),
    names: (prefix) =>
      [...sql.exec('SELECT name FROM records WHERE name GLOB ? ORDER BY name', `${prefix}*`)]
        .map(({ name }) => name.slice(prefix.length))
        .filter((name) => !name.includes('/'))
  }
}

export class Network extends DurableObject {
  #network

  #ao() {
    this.#network ??= createLocalNetwork({ storage: storageIn(this.ctx), modules: { [MODULE]: fixtures.module } })
    return connect({ MODE: 'local', network: this.#network })
  }

  spawn() {
    return this.#ao().spawn({ module: MODULE, signer })
  }

  async increment(process) {
    const ao = this.#ao()
    const message = await ao.message({ process, signer, tags: [{ name: 'Action', value: 'Increment' }] })
    return (await ao.result({ process, message })).Output.data
  }

  /** The next call opens the network again. */
  async close() {
    await (await this.#network).close()
    this.#network = undefined
    return 'closed'
  }
}

export default {
  async fetch(request, { NETWORK }) {
    const { pathname, searchParams } = new URL(request.url)
    const network = NETWORK.get(NETWORK.idFromName('network'))
    try {
      return Response.json(await network[pathname.slice(1)](searchParams.get('process')))
    } catch ({ message, stack }) {
      return Response.json({ message, stack }, { status: 500 })
    }
  }
}
