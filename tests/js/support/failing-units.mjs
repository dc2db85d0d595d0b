// Units on real connections that fail as scripted, and count the slots that they assign.
import { createServer } from 'node:http'
import { idOfMessage } from './messages.mjs'
import { idOf } from './peers.mjs'

/** Recorded response of a messenger unit when the scheduler already has the item. */
const exists = '{"error":"Error: Error: 400: {\\"error\\":\\"MessageExists(\\\\\\"Message already exists\\\\\\")\\"}"}'

/** The schedule of a process. The units of a network share it. It starts with three entries. */
export class Schedule {
  ids = ['x', 'y', 'z']

  /** The number of slots of a message. */
  times(id) {
    return this.ids.filter((known) => known === id).length
  }
}

/**
 * Starts a server that is both a HyperBEAM node and a messenger unit. `writes` scripts the next POSTs, and `reads` the next
 * requests for the schedule. Each entry has `accepted`, whether the message gets a slot, and `end`: an error status, `'lost'`,
 * `'silent'` or `'good'`. Later requests are `'good'`.
 */
export async function startUnit(schedule, { writes = [], reads = [] } = {}) {
  const seen = []
  const sockets = new Set()
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const isRead = request.method === 'GET'
    seen.push(isRead ? 'read' : 'post')
    const { accepted = true, end = 'good' } = (isRead ? reads : writes).shift() ?? {}
    const answer = isRead ? read(schedule, request.url) : post(schedule, accepted, request, Buffer.concat(chunks))
    if (end === 'silent') return
    if (end === 'lost') return request.socket.destroy()
    const [status, body] = end === 'good' ? answer : [end, 'an error']
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${server.address().port}`, seen, stop }
}

function post(schedule, accepted, { url, headers }, body) {
  if (!accepted) return []
  const [, assigned] = /[?&]assign=([\w-]+)/.exec(url) ?? []
  const id = assigned ?? (headers.signature ? idOfMessage(headers) : idOf(body))
  // A scheduler of the legacy network refuses an item that it already has. A node assigns another slot.
  if (url === '/' && schedule.times(id)) return [500, exists]
  schedule.ids.push(id)
  const evaluation = { Output: { data: 'from the node' }, Messages: [], Spawns: [] }
  return [200, JSON.stringify({ slot: schedule.ids.length - 1, id, raw: evaluation })]
}

function read({ ids }, url) {
  const { pathname, searchParams } = new URL(url, 'http://node')
  const process = pathname.slice(1, 44)
  if (pathname.endsWith('/slot')) return [200, JSON.stringify({ current: ids.length - 1, process })]
  if (!pathname.endsWith('/schedule')) {
    return [200, JSON.stringify({ raw: { Output: { data: `of ${/slot=(\d+)/.exec(pathname)[1]}` } } })]
  }
  const assignments = {}
  for (let slot = Number(searchParams.get('from')); slot <= Number(searchParams.get('to')); slot++) {
    const commitments = { [ids[slot]]: { type: 'rsa-pss-sha256' }, hmac: { type: 'hmac-sha256' } }
    assignments[slot] = { process, timestamp: Date.now(), body: { commitments } }
  }
  return [200, JSON.stringify({ assignments })]
}
