// Processes, messages and results of the network in this page, read through its units.
import { connect } from 'aoxide'
import { short } from './dom.js'
import { session } from './session.js'

const PAGE_SIZE = 1000

const valueOf = (tags, name) => tags.find((tag) => tag.name === name)?.value

/** Timestamp in a compute unit's cursor, in milliseconds since 1970. */
const timeOf = (cursor) => JSON.parse(atob(cursor.replace(/-/g, '+').replace(/_/g, '/'))).timestamp

class NetworkStore extends EventTarget {
  /** Processes by id, in the order in which they were spawned: `{ id, name, owner, parent, messages }`. */
  processes = new Map()
  /**
   * All messages by time: `{ key, kind, from, to, action, data, tags, timestamp, root }`.
   * Messages to a process have the kind spawn, message or tick, and `id`, `slot` and `result`. Messages to a wallet have
   * the kind out.
   */
  messages = []
  #ao
  #pending = new Set()
  #reading

  start() {
    this.#ao = connect({ MODE: 'local', network: session.local })
    session.addEventListener('news', ({ news }) => this.#onNews(news.process))
    // Other tabs may have changed the same network. They send no event.
    addEventListener('focus', () => this.refresh())
    return this.refresh()
  }

  /** Reads new messages of one process or of all. Dispatches `change` if there are any. */
  refresh(process) {
    this.#pending.add(process ?? 'all')
    this.#reading ??= this.#run().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  nameOf(id) {
    if (this.processes.has(id)) return this.processes.get(id).name
    if (id === session.key?.address) return 'You'
    return short(id)
  }

  #onNews(process) {
    // A cascade of messages dispatches many events at once.
    if (this.#pending.size === 0) setTimeout(() => this.refresh(process).catch(reportError), 20)
    this.#pending.add(process)
  }

  async #run() {
    while (this.#pending.size > 0) {
      const wanted = this.#pending
      this.#pending = new Set()
      if (await this.#read(wanted)) this.dispatchEvent(new Event('change'))
    }
  }

  async #read(wanted) {
    let isNew = false
    const { processes } = await this.#json('/~scheduler@1.0/status')
    for (const id of processes) {
      const known = this.processes.has(id)
      if (!known) this.processes.set(id, this.#processOf(await this.#json(`/su/processes/${id}`)))
      if (known && !wanted.has('all') && !wanted.has(id)) continue
      isNew = (await this.#readProcess(id)) || isNew
    }
    if (isNew) this.#sort()
    return isNew
  }

  async #json(path) {
    const response = await session.local.fetch(path)
    if (!response.ok) throw new Error(`The network responded ${response.status}: ${await response.text()}`)
    return response.json()
  }

  #processOf({ process_id: id, owner, tags, timestamp }) {
    const parent = valueOf(tags, 'From-Process')
    const name = valueOf(tags, 'Name') || short(id)
    return { id, name, owner: parent ?? owner.address, parent, timestamp, messages: [], seen: -1, cursor: undefined }
  }

  /** Reads the messages and results of a process since the last read. */
  async #readProcess(id) {
    const process = this.processes.get(id)
    const { messages, cursor, seen } = process
    const results = new Map()
    let page
    // Results first: the messages that are read next then include the message of each result.
    do {
      page = await this.#ao.results({ process: id, from: process.cursor, limit: PAGE_SIZE })
      for (const { cursor, node } of page.edges) results.set(timeOf(cursor), node)
      process.cursor = page.edges.at(-1)?.cursor ?? process.cursor
    } while (page.edges.length === PAGE_SIZE)
    do {
      page = await this.#json(`/su/${id}?process-id=${id}&from-nonce=${process.seen}&limit=${PAGE_SIZE}`)
      for (const { node, cursor } of page.edges) {
        messages.push(entryOf(process, { ...node, message: node.message ?? (await this.#assignedMessage(node)) }))
        process.seen = cursor
      }
    } while (page.edges.length === PAGE_SIZE)
    for (const entry of messages.filter(({ result }) => !result)) {
      entry.result = results.get(entry.timestamp)
      results.delete(entry.timestamp)
    }
    // The scheduler does not list cron ticks.
    messages.push(...[...results].map(([timestamp, result]) => tickOf(process, timestamp, result)))
    messages.sort((a, b) => a.timestamp - b.timestamp)
    return process.cursor !== cursor || process.seen !== seen
  }

  /** Loads an assigned message. The scheduler returns its id only; the gateway has the item. */
  async #assignedMessage({ assignment }) {
    const id = valueOf(assignment.tags, 'Message')
    const data = await session.local.fetch(`/raw/${id}`)
    const query = `{ transaction(id: "${id}") { id anchor signature owner { address key } tags { name value } target: recipient } }`
    const found = await session.local.fetch('/graphql', { method: 'POST', body: JSON.stringify({ query }) })
    return { ...(await found.json()).data.transaction, data: await data.text() }
  }

  #sort() {
    const byTime = [...this.processes.values()].sort((a, b) => a.timestamp - b.timestamp)
    this.processes = new Map(byTime.map((process) => [process.id, process]))
    const entries = inOrder(byTime.flatMap(({ messages }) => messages))
    this.messages = entries.flatMap((entry) => [entry, ...outOf(entry, this.processes)])
  }
}

const actionOf = (tags) => valueOf(tags, 'Action') ?? ''

function entryOf(process, { message, assignment }) {
  const { id, tags, data, owner } = message
  const timestamp = Number(valueOf(assignment.tags, 'Timestamp'))
  return {
    ...{ key: `${process.id}/${timestamp}`, kind: id === process.id ? 'spawn' : 'message' },
    ...{ id, slot: Number(valueOf(assignment.tags, 'Nonce')), to: process.id, owner: owner.address },
    ...{ from: valueOf(tags, 'From-Process') ?? owner.address, root: valueOf(tags, 'Pushed-For') ?? id },
    ...{ action: actionOf(tags), data, tags, timestamp }
  }
}

const tickOf = (process, timestamp, result) => ({
  ...{ key: `${process.id}/${timestamp}`, kind: 'tick', from: process.owner, to: process.id, root: process.id },
  ...{ action: 'Cron', data: '', tags: [], timestamp, result }
})

/** Messages that a process sent to addresses outside this network. */
function outOf({ key, to: from, timestamp, root, result }, processes) {
  const sent = result?.Messages ?? []
  const out = sent.map(({ Target, Data, Tags = [] }, place) => ({
    ...{ key: `${key}/${place}`, kind: 'out', from, to: Target, root },
    ...{ action: actionOf(Tags), data: String(Data ?? ''), tags: Tags, timestamp }
  }))
  return out.filter(({ to }) => to && !processes.has(to))
}

/** Sorts by time. Of messages with the same time, a message comes after those that its sender received. */
function inOrder(entries) {
  const left = entries.sort((a, b) => a.timestamp - b.timestamp)
  const ordered = []
  while (left.length > 0) {
    const { timestamp } = left[0]
    const end = left.findIndex((entry) => entry.timestamp !== timestamp)
    const moment = left.splice(0, end < 0 ? left.length : end)
    while (moment.length > 0) {
      const free = moment.findIndex(({ from, to }) => !moment.some((other) => other.to === from && other.to !== to))
      ordered.push(...moment.splice(Math.max(free, 0), 1))
    }
  }
  return ordered
}

export const networkStore = new NetworkStore()
