// Units on real connections that fail as scripted and count the slots that they give.
import { createServer } from 'node:http'
import { idOfMessage } from './messages.mjs'
import { idOf } from './peers.mjs'

/** Recorded response of a messenger unit when the scheduler has the item. */
const exists = '{"error":"Error: Error: 400: {\\"error\\":\\"MessageExists(\\\\\\"Message already exists\\\\\\")\\"}"}'

/** The schedule of a process, shared by the units of a network. It has an entry already. */
export class Schedule {
  ids = ['x', 'y', 'z']

  /** The number of slots of a message. */
  times(id) {
    return this.ids.filter((known) => known === id).length
  }
}

/**
 * A HyperBEAM node and a messenger unit in one. `fates` say how the next POSTs end, `looks` how the next requests for the
 * schedule do: `takes`, whether the message gets a slot, and `end`: a status, `'lost'`, `'silent'`, or `'good'`, as all later
 * ones. `late` is the number of milliseconds after which the slot is given.
 */
export async function startUnit(schedule, { fates = [], looks = [] } = {}) {
  const seen = []
  const sockets = new Set()
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const isLook = request.method === 'GET'
    seen.push(isLook ? 'look' : 'post')
    const { takes = true, end = 'good' } = (isLook ? looks : fates).shift() ?? {}
    const answer = isLook ? read(schedule, request.url) : post(schedule, takes, request, Buffer.concat(chunks))
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

function post(schedule, takes, { url, headers }, body) {
  if (!takes) return []
  const [, assigned] = /[?&]assign=([\w-]+)/.exec(url) ?? []
  const id = assigned ?? (headers.signature ? idOfMessage(headers) : idOf(body))
  // A scheduler of the legacy network refuses an item that it has. A node gives it one more slot.
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
