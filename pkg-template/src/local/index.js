// A whole AO network in this runtime. What is exported is described in local.d.ts.

import { inNode } from '../wasm/instantiate.js'
import { bytesOf } from '../compute/source.js'
import { AoError } from '../errors.js'
import { part } from '../wasm/lazy-module.js'
import { hostFor } from './host.js'
import { key as sharedKey } from './key.js'
import { checkStorage } from './storage.js'

/** Milliseconds after which nobody seems to want anything. */
const IDLE = 300

/** Most processes that are kept ready. Browsers have addresses for a hundred memories, Node for ten thousand. */
const LIVE = inNode ? 1000 : 64

/** Records that are checked between two requests. */
const CHECKED = 500

export async function createLocalNetwork(options = {}) {
  const { storage = 'memory', name = 'aoxide', key = sharedKey, clock, modules = {}, onEvent, worker } = options
  const url = new URL(options.url ?? 'http://localhost').href.replace(/\/$/, '')
  if (clock !== undefined && typeof clock !== 'function') throw expected('clock', 'function', clock)
  if (onEvent !== undefined && typeof onEvent !== 'function') throw expected('onEvent', 'function', onEvent)
  checkStorage(storage)
  const { engine, computeLimit, memoryLimit, liveProcesses = LIVE, liveMemory, cascadeLimit } = options
  const facts = { url, engine, computeLimit, memoryLimit, liveProcesses, liveMemory, cascadeLimit }
  const host = await hostFor({ storage, name, key, clock, facts }, inWorker(worker, storage, clock))
  const network = new LocalNetwork(url, onEvent, host, storage !== 'memory')
  try {
    await network.begin()
    for (const [id, source] of Object.entries(modules)) await network.addModule(id, source)
  } catch (error) {
    await host.end()
    throw error
  }
  return network
}

/** Whether the network shall run in a worker: a page has better things to do. */
function inWorker(worker, storage, clock) {
  const own = typeof storage !== 'string' ? 'storage' : clock ? 'clock' : undefined
  if (worker && own) {
    const advice = 'Leave out one of the two, or run the network in a worker of your own.'
    throw new AoError('BAD_ARGUMENT', `'worker': A '${own}' of one's own cannot be reached from a worker. ${advice}`)
  }
  return worker ?? (globalThis.document !== undefined && !own)
}

class LocalNetwork {
  #host
  /** Whether it pays to save the state of processes: what is in memory is lost with them. */
  #lasting
  #onEvent
  /** The end of the queue: the network does one thing at a time. */
  #last = Promise.resolve()
  #closed = false
  #settling = false
  #resting

  constructor(url, onEvent, host, lasting) {
    this.url = url
    this.worker = host.worker
    this.units = Object.freeze({
      MU_URL: `${url}/mu`,
      SU_URL: `${url}/su`,
      CU_URL: `${url}/cu`,
      GATEWAY_URL: url,
      GRAPHQL_URL: `${url}/graphql`,
      fetch: this.fetch
    })
    this.#onEvent = onEvent
    this.#host = host
    this.#lasting = lasting
  }

  /** Does nothing yet, but what every call does first. */
  begin() {
    return this.#queue()
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
    const pairs = Object.entries(headers).map((pair) => pair.map(String))
    const signed = await signedMessage(pairs, body)
    const answer = await this.#queue('fetch', method, path, pairs.flat(), body, signed)
    if (method === 'POST') this.#settleSoon()
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.body }
  }

  async addModule(id, source, { format, ...options } = {}) {
    await this.#queue('addModule', id, await bytesOf(source, options), format)
  }

  async fork(process, slot) {
    if (typeof process !== 'string') throw expected('process', 'string', process)
    const query = new URLSearchParams(slot === undefined ? {} : { slot })
    const path = `/cu/fork/${encodeURIComponent(process)}?${query}`
    const { status, body } = await this.answer({ method: 'POST', path })
    const { id, error, code } = JSON.parse(new TextDecoder().decode(body))
    if (status === 201) return id
    throw new AoError(code, error, { details: { status } })
  }

  async settle() {
    await this.#queue('settle')
  }

  async check() {
    const records = await this.#queue('records')
    const damaged = []
    // In parts, so that requests need not wait for all of them.
    for (let at = 0; at < records.length; at += CHECKED) {
      damaged.push(...(await this.#queue('damaged', records.slice(at, at + CHECKED))))
    }
    for (const name of records) {
      if (!name.startsWith('http/') || damaged.some((record) => record.name === name)) continue
      const [lines, body, time] = await this.#queue('original', name)
      const signed = await signedMessage(lines, body, time)
      if (signed?.owner && (await this.#queue('isOriginal', name, signed))) continue
      const message = `The network's store is damaged: ${name} is not what was signed. Restore it from a copy of the store`
      damaged.push({ name, message })
    }
    return damaged
  }

  async close() {
    clearTimeout(this.#resting)
    if (this.#lasting && !this.#closed) await this.#rest()
    this.#closed = true
    await this.#last
    await this.#host.end()
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
    await this.#queue('rest').catch(() => {})
  }

  #queue(verb, ...args) {
    const turn = this.#last.then(() => this.#do(verb, args))
    this.#last = turn.then(
      () => {},
      () => {}
    )
    return turn
  }

  async #do(verb, args) {
    if (this.#closed) throw new AoError('STOPPED', 'The network is closed')
    const { value, address, events } = await this.#host.run(verb, ...args)
    this.address = address
    for (const event of this.#onEvent ? events : []) this.#tell(event)
    return value
  }

  #tell(event) {
    try {
      this.#onEvent(event)
    } catch {
      // Whoever listens must not break what he listens to.
    }
  }
}

/** What a signed HTTP request says, or why it is not valid; nothing where it is not signed. */
async function signedMessage(lines, body, now = Date.now()) {
  if (!lines.some(([name]) => name.toLowerCase() === 'signature-input')) return undefined
  const { readSigned } = await part(import('./signed-request.js'))
  return readSigned(lines, body, now)
}

function expected(name, type, value) {
  return new AoError('BAD_ARGUMENT', `'${name}': Expected ${type}, received ${value === null ? 'null' : typeof value}.`)
}
