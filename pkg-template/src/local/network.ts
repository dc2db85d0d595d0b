// A local network as its users see it: `fetch` and the other methods of `LocalNetwork`, on a service in place or in a
// worker.

import { bytesOf, formatOf } from '../compute/source.js'
import { copyOf, expected } from '../compute/arguments.js'
import type { LoadOptions, ModuleSource } from '../compute/types.js'
import { AoError } from '../errors.js'
import { part } from '../wasm/lazy-module.js'
import luaId from '../wasm/lua.id.js'
import type { Connection } from '../worker/client.js'
import type { Args, Result } from '../worker/protocol.js'
import { Queue } from '../worker/queue.js'
import type { NetworkService, SignedRequest } from './service.js'
import type { LocalNetwork, PlainRequest, PlainResponse } from './types.js'

/** Milliseconds without a request after which the state of processes is saved. */
const IDLE = 300

/** Bytes of a request's body in which the id of a module may stand: data follows the tags of an item. */
const HEAD = 8192

/** Records that are checked between two requests. */
const RECORDS_PER_CHECK = 500

const lua = new TextEncoder().encode(luaId)

/** Whether the first bytes of a request's body have the id of the Lua module. */
function namesLua(body: Uint8Array): boolean {
  const head = body.subarray(0, HEAD)
  const next = (from: number) => head.indexOf(lua[0] as number, from)
  for (let at = next(0); at >= 0; at = next(at + 1)) {
    if (lua.every((byte, index) => head[at + index] === byte)) return true
  }
  return false
}

export interface NetworkParts {
  url: string
  address: string
  connection: Connection<NetworkService>
  /** Whether to save the state of processes. A storage in memory would be lost together with them. */
  saves: boolean
}

export class Network implements LocalNetwork {
  readonly url: string
  readonly address: string
  readonly worker: boolean
  readonly units: LocalNetwork['units']
  readonly #connection: Connection<NetworkService>
  readonly #saves: boolean
  /** The network handles one call at a time. */
  readonly #queue = new Queue()
  #closed = false
  /** Whether `settle` is about to be called. */
  #settling = false
  #saving: number | undefined
  /** Adds the Lua module, once. */
  #lua: Promise<void> | undefined

  constructor({ url, address, connection, saves }: NetworkParts) {
    this.url = url
    this.address = address
    this.worker = connection.worker
    this.#connection = connection
    this.#saves = saves
    this.units = Object.freeze({
      MU_URL: `${url}/mu`,
      SU_URL: `${url}/su`,
      CU_URL: `${url}/cu`,
      GATEWAY_URL: url,
      GRAPHQL_URL: `${url}/graphql`,
      fetch: this.fetch
    })
  }

  // Bound, so that it can be passed on as a `fetch`.
  fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request ? input : new Request(new URL(input, `${this.url}/`), init)
    request.signal.throwIfAborted()
    const { pathname, search } = new URL(request.url)
    // Behind a service worker the network may share an origin with a page; its own path is then in its URL.
    const base = new URL(this.url).pathname.replace(/\/$/, '')
    const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname
    const { status, headers, body } = await this.answer({
      method: request.method,
      path: path + search,
      headers: Object.fromEntries(request.headers),
      body: new Uint8Array(await request.arrayBuffer())
    })
    request.signal.throwIfAborted()
    if (headers['content-encoding'] !== 'gzip') return new Response(status === 204 ? null : body, { status, headers })
    // A real `fetch` decompresses the body too.
    delete headers['content-encoding']
    const plain = new Blob([body]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Response(plain, { status, headers })
  }

  async answer({ method, path, headers = {}, body = new Uint8Array() }: PlainRequest): Promise<PlainResponse> {
    const pairs = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
    if (path.includes(luaId) || pairs.flat().includes(luaId) || namesLua(body)) await (this.#lua ??= this.#addLua())
    const signed = await signedRequest(pairs, body)
    const answer = await this.#call('fetch', method, path, pairs.flat(), body, signed)
    if (method === 'POST') this.#settleSoon()
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body }
  }

  async addModule(
    id: string,
    source: ModuleSource,
    { format = formatOf(source), ...options }: Pick<LoadOptions, 'format' | 'gateway' | 'fetch' | 'signal'> = {}
  ): Promise<void> {
    await this.#call('addModule', id, await bytesOf(source, options), format)
  }

  /** Adds this package's Lua module, which is fetched for the first request that names it: a spawn, or a query before it. */
  async #addLua() {
    try {
      // The caller, or an earlier session, may have added it, with a format of its own.
      const has = await this.#call('fetch', 'HEAD', `/raw/${luaId}`, [], new Uint8Array(), undefined)
      if (has.status === 200) return
      const { luaModule } = await part(import('../lua/index.js'))
      await this.addModule(luaId, await luaModule())
    } catch (error) {
      this.#lua = undefined
      throw error
    }
  }

  async addData(
    id: string,
    data: Uint8Array | ArrayBuffer | string,
    { tags = [] }: { tags?: readonly Readonly<{ name: string; value: string }>[] } = {}
  ): Promise<void> {
    if (typeof id !== 'string') throw expected('id', 'string', id)
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : copyOf(data, 'data')
    if (!bytes) throw expected('data', 'bytes or a string', data)
    if (!Array.isArray(tags)) throw expected('tags', 'array', tags)
    for (const tag of tags) {
      if (typeof tag?.name !== 'string' || typeof tag.value !== 'string')
        throw expected('tags', 'names and values that are strings', tag)
    }
    await this.#call(
      'addData',
      id,
      bytes,
      tags.map(({ name, value }) => ({ name, value }))
    )
  }

  async fork(process: string, slot?: number | string): Promise<string> {
    if (typeof process !== 'string') throw expected('process', 'string', process)
    const query = new URLSearchParams(slot === undefined ? {} : { slot: String(slot) })
    const path = `/cu/fork/${encodeURIComponent(process)}?${query}`
    const { status, body } = await this.answer({ method: 'POST', path })
    const { id, error, code } = JSON.parse(new TextDecoder().decode(body))
    if (status === 201) return id
    throw new AoError(code, error, { details: { status } })
  }

  async settle(): Promise<void> {
    await this.#call('settle')
  }

  async check(): Promise<{ name: string; message: string }[]> {
    const records = await this.#call('records')
    const damaged: { name: string; message: string }[] = []
    // In parts, so that requests do not wait for the whole check.
    for (let at = 0; at < records.length; at += RECORDS_PER_CHECK) {
      damaged.push(...(await this.#call('damaged', records.slice(at, at + RECORDS_PER_CHECK))))
    }
    for (const name of records) {
      if (!name.startsWith('http/') || damaged.some((record) => record.name === name)) continue
      const [headers, body, time] = await this.#call('original', name)
      const signed = await signedRequest(headers, body, time)
      if (signed && 'owner' in signed && (await this.#call('isOriginal', name, signed))) continue
      const message = `The network's store is damaged: ${name} is not what was signed. Restore it from a copy of the store`
      damaged.push({ name, message })
    }
    return damaged
  }

  async close(): Promise<void> {
    clearTimeout(this.#saving)
    if (this.#saves && !this.#closed) await this.#save()
    this.#closed = true
    await this.#queue.drained()
    await this.#connection.end(closed())
  }

  /** Delivers what a message led to in the background, so that the next request need not wait for it. */
  #settleSoon() {
    if (this.#settling) return
    this.#settling = true
    clearTimeout(this.#saving)
    soon(() => {
      this.#settling = false
      // An error of it is an error of the next request too, which reports it.
      if (!this.#closed) this.settle().catch(() => {})
      if (!this.#saves) return
      this.#saving = setTimeout(() => this.#save(), IDLE)
      // Saving must not keep a Node.js process from its end.
      ;(this.#saving as { unref?(): void }).unref?.()
    })
  }

  /** Saves the state of processes. An error is not reported: a state that is not saved is computed again. */
  async #save() {
    await this.#call('flushSnapshots').catch(() => {})
  }

  #call<M extends keyof NetworkService>(
    method: M,
    ...args: Args<NetworkService, M>
  ): Promise<Result<NetworkService, M>> {
    return this.#queue.run(async () => {
      if (this.#closed) throw closed()
      return this.#connection.call(method, ...args)
    })
  }
}

/** Calls `job` when the answer is on its way. A timer of Node.js waits for at least a millisecond. */
function soon(job: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (job: () => void) => void }
  if (setImmediate) setImmediate(job)
  else setTimeout(job)
}

const closed = () => new AoError('STOPPED', 'The network is closed')

/** What the signature of an HTTP request covers; `undefined` for a request that is not signed. */
async function signedRequest(
  headers: [name: string, value: string][],
  body: Uint8Array,
  now = Date.now()
): Promise<SignedRequest | undefined> {
  if (!headers.some(([name]) => name.toLowerCase() === 'signature-input')) return undefined
  const { readSigned } = await part(import('./signed-request.js'))
  return readSigned(headers, body, now)
}
