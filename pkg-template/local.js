// A whole AO network in this runtime. What is exported is described in local.d.ts.

import { AoError } from './error.js'
import { lazy } from './load.js'
import { key as sharedKey } from './local-key.js'
import { openStorage } from './local-storage.js'

/** Milliseconds after which nobody seems to want anything. */
const IDLE = 300

export async function createLocalNetwork(options = {}) {
  const { storage = 'memory', name = 'aoxide', key = sharedKey, clock = Date.now, modules = {}, onEvent } = options
  const url = new URL(options.url ?? 'http://localhost').href.replace(/\/$/, '')
  if (typeof clock !== 'function') throw expected('clock', 'function', clock)
  if (onEvent !== undefined && typeof onEvent !== 'function') throw expected('onEvent', 'function', onEvent)
  const opened = openStorage(storage, name)
  const { engine, computeLimit, memoryLimit, liveProcesses, cascadeLimit } = options
  const facts = { url, engine, computeLimit, memoryLimit, liveProcesses, cascadeLimit }
  const open = (lib) => lib.LocalNetwork.open(opened.storage, clock, key, facts)
  const network = await LocalNetwork.open(url, onEvent, opened, open)
  for (const [id, bytes] of Object.entries(modules)) await network.addModule(id, bytes)
  return network
}

class LocalNetwork {
  #open
  #exclusively
  /** Whether it pays to save the state of processes: what is in memory is lost with them. */
  #lasting
  #onEvent
  /** The network within an instance of the WebAssembly module. */
  #inside
  /** The end of the queue: the network does one thing at a time. */
  #last = Promise.resolve()
  #closed = false
  #settling = false
  #resting

  constructor(url, onEvent, { exclusively, lasting }, open) {
    this.url = url
    this.units = Object.freeze({
      MU_URL: `${url}/mu`,
      SU_URL: `${url}/su`,
      CU_URL: `${url}/cu`,
      GATEWAY_URL: url,
      GRAPHQL_URL: `${url}/graphql`,
      fetch: this.fetch
    })
    this.#onEvent = onEvent
    this.#exclusively = exclusively
    this.#lasting = lasting
    this.#open = open
  }

  static async open(...facts) {
    const network = new LocalNetwork(...facts)
    // Nothing yet, but what every call does first.
    await network.#queue(() => {})
    return network
  }

  /** Bound, so that it can be handed to others as their `fetch`. */
  fetch = async (input, init) => {
    const request = input instanceof Request ? input : new Request(new URL(input, `${this.url}/`), init)
    request.signal.throwIfAborted()
    const { pathname, search } = new URL(request.url)
    // Behind a Service Worker it may share an origin with a page.
    const base = new URL(this.url).pathname.replace(/\/$/, '')
    const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname
    const body = new Uint8Array(await request.arrayBuffer())
    const answer = await this.answer({
      method: request.method,
      path: path + search,
      headers: Object.fromEntries(request.headers),
      body
    })
    request.signal.throwIfAborted()
    const { status, headers } = answer
    if (headers['content-encoding'] !== 'gzip')
      return new Response(status === 204 ? null : answer.body, { status, headers })
    // What a real `fetch` does on the way.
    delete headers['content-encoding']
    const plain = new Blob([answer.body]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Response(plain, { status, headers })
  }

  async answer({ method, path, headers = {}, body = new Uint8Array() }) {
    const pairs = Object.entries(headers).flat().map(String)
    const answer = await this.#queue((inside) => inside.fetch(method, path, pairs, body))
    if (method === 'POST') this.#settleSoon()
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body }
  }

  async addModule(id, bytes, { format } = {}) {
    if (bytes instanceof ArrayBuffer) bytes = new Uint8Array(bytes)
    if (!(bytes instanceof Uint8Array)) throw expected('bytes', 'Uint8Array or ArrayBuffer', bytes)
    await this.#queue((inside) => inside.addModule(id, bytes, format))
  }

  async settle() {
    await this.#queue((inside) => inside.settle())
  }

  async close() {
    clearTimeout(this.#resting)
    if (this.#lasting && !this.#closed) await this.#rest()
    this.#closed = true
    await this.#last
    const inside = this.#inside
    // Unless it is gone already, with the instance that crashed.
    await engine.run((bindings) => inside?.bindings === bindings && inside.network.free())
    this.#inside = undefined
  }

  /** Delivers what messages have led to while nobody waits, so that the next request need not. */
  #settleSoon() {
    if (this.#settling) return
    this.#settling = true
    clearTimeout(this.#resting)
    setTimeout(() => {
      this.#settling = false
      // Whatever is wrong, the next request is told.
      if (!this.#closed) this.settle().catch(() => {})
      if (this.#lasting) this.#resting = setTimeout(() => this.#rest(), IDLE)
      this.#resting?.unref?.()
    })
  }

  /** A state that is not saved is computed again. */
  async #rest() {
    await this.#queue((inside) => inside.rest()).catch(() => {})
  }

  #queue(job) {
    const turn = this.#last.then(() => this.#exclusively(() => this.#do(job)))
    this.#last = turn.then(
      () => {},
      () => {}
    )
    return turn
  }

  #do(job) {
    if (this.#closed) throw new AoError('STOPPED', 'The network is closed')
    return engine.run(async (bindings) => {
      // After a crash there is a new instance, with nothing in it: the store has everything.
      if (this.#inside?.bindings !== bindings) this.#inside = { bindings, network: await this.#open(bindings.lib) }
      const { network } = this.#inside
      this.address = network.address()
      const answer = await job(network)
      if (this.#onEvent) for (const event of network.takeEvents()) this.#onEvent(event)
      return answer
    })
  }
}

const engine = lazy(
  'local',
  () => import('./wasm/local.js'),
  () => import('./wasm/local.bytes.js')
)

function expected(name, type, value) {
  return new AoError('BAD_ARGUMENT', `'${name}': Expected ${type}, received ${value === null ? 'null' : typeof value}.`)
}
