// A server that replays recorded responses of the legacy network's units. A request that was not recorded gets the status
// 500, and is added to `unexpected`.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { root } from './package.mjs'
import { decode, idOf, verifies } from './peers.mjs'

const file = (name) => readFileSync(`${root}tests/vectors/legacy/${name}`)
const unpacked = (name) => JSON.parse(gunzipSync(file(`${name}.json.gz`)))

const items = unpacked('items')

/** The JSON texts that the compute unit handed to the module, by the name of the process. */
export const handed = unpacked('handed')

export const index = JSON.parse(file('index.json'))
export const replies = unpacked('replies')
/** The bytes of an uploaded item. */
export const itemOf = (id) => id in items && new Uint8Array(Buffer.from(items[id], 'base64'))

/** Requests to the messenger unit by the id of the reply: `mu-07-…` is the reply to the seventh. */
export const sent = new Map(
  replies.flatMap(({ id, unit }) => (unit === 'mu' ? [[id, index.sent[Number(id.split('-')[1]) - 1]]] : []))
)

/** Processes that the recorded scheduler has. */
const isProcess = (id) => Object.values(index.processes).includes(id)

const DEFAULTS = { 'sort=ASC': true, 'limit=25': true }

/** The key of a request. Parameters of the query may be in any order. */
function keyOf(unit, method, target) {
  const { pathname, searchParams } = new URL(target, 'http://unit')
  const isPage = pathname.slice(1) === searchParams.get('process-id')
  const query = [...searchParams].filter(
    ([name, value]) =>
      // The defaults of the compute unit.
      !(unit === 'cu' && `${name}=${value}` in DEFAULTS) &&
      // The scheduler ignores it in responses with one entry.
      !(unit === 'su' && name === 'show-anchor' && !isPage)
  )
  return JSON.stringify([unit, method, pathname, query.sort()])
}

/** The body of a dryrun without the tags that aoconnect and aoxide add; the last one names a slot. */
function dryrunOf(body) {
  const { Tags, ...rest } = JSON.parse(body)
  const own = ['Data-Protocol', 'Type', 'Variant', 'At-Assignment']
  return { ...rest, Tags: Tags?.filter(({ name }) => !own.includes(name)) }
}

/** The replies to a request, the oldest first. */
export function repliesTo(unit, method, target, body) {
  const key = keyOf(unit, method, target)
  return replies.filter(
    (reply) =>
      reply.unit === unit &&
      keyOf(unit, reply.request.method, reply.request.path) === key &&
      (method === 'GET' || !reply.request.body
        ? body.length === 0
        : isDeepStrictEqual(dryrunOf(reply.request.body), dryrunOf(body)))
  )
}

/** The parts of an item that are equal when it is created again. */
const stablePartsOf = (raw) => {
  const { target, tags, data } = decode(raw)
  return { target, data, tags: tags.filter((text) => !text.startsWith('Timestamp=')).sort() }
}

/**
 * Finds the reply to a posted item. Refused items were not uploaded, so their replies are found by what is wrong with the
 * item.
 */
async function postOf(unit, raw, posted) {
  const named = (end) => replies.find(({ id }) => id.startsWith(`${unit}-`) && id.endsWith(end))
  if (raw.length < 100) return named('-garbage')
  if (!(await verifies(raw).catch(() => false))) return named('-tampered')
  const id = idOf(raw)
  if (unit === 'su') return items[id] && named('-duplicate')
  if (items[id]) {
    if (posted.has(id)) return named('-twice-b')
    posted.add(id)
    return replies.find((reply) => reply.status === 202 && sent.get(reply.id)?.item === id)
  }
  const { target, tags } = decode(raw)
  const has = (tag) => tags.some((text) => text.startsWith(tag))
  if (!has('Data-Protocol=ao')) return named('-no-protocol')
  if (!has('Type=Message') && !has('Type=Process')) return named('-no-type')
  if (has('Type=Process')) return spawned(id, raw)
  if (!isProcess(target)) return named('-unknown-process')
  if (tags.some((text) => text.split('=')[0].endsWith('+link'))) return named('-link-tag')
}

/** The reply to a new spawn, with the id of the new item. */
function spawned(id, raw) {
  for (const reply of replies) {
    const { item } = (reply.status === 202 && sent.get(reply.id)) || {}
    if (item && isProcess(item) && isDeepStrictEqual(stablePartsOf(itemOf(item)), stablePartsOf(raw)))
      return { ...reply, body: reply.body.replaceAll(item, id) }
  }
}

const module = [
  ...['Data-Protocol=ao', 'Type=Module', 'Module-Format=wasm64-unknown-emscripten-draft_2024_02_15'],
  ...['Input-Encoding=JSON-1', 'Output-Encoding=JSON-1']
].map((tag) => ({ name: tag.split('=')[0], value: tag.split('=')[1] }))

/** Starts the units. Their gateway has only the recorded module; it was a stub in the recording, too. */
export async function recordedUnits() {
  const units = { unexpected: [], reached: new Set(), prefer: undefined }
  const posted = new Set()

  async function find(unit, method, target, body) {
    if (method === 'POST' && unit !== 'cu' && !target.includes('?')) return postOf(unit, body, posted)
    const found = repliesTo(unit, method, target, body)
    // A request that was recorded several times has several replies, because the state of the unit had changed.
    return found.find(({ id }) => id === units.prefer) ?? found[0]
  }

  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const [, unit, rest] = /^\/(mu|su|cu|graphql)\b(.*)$/.exec(request.url) ?? []
    if (unit === 'graphql') {
      const { ids, transactionIds = ids } = JSON.parse(body).variables
      const edges = transactionIds?.includes(index.module) ? [{ node: { tags: module } }] : []
      return response.end(JSON.stringify({ data: { transactions: { edges } } }))
    }
    const target = rest?.startsWith('/') ? rest : `/${rest}`
    const reply = unit && (await find(unit, request.method, target, body))
    if (!reply) {
      units.unexpected.push(`${request.method} ${request.url} ${body.subarray(0, 200)}`)
      return response.writeHead(500).end('not recorded')
    }
    units.reached.add(reply.id)
    response.writeHead(reply.status, reply.headers).end(reply.body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  units.urls = { MU_URL: `${url}/mu`, SU_URL: `${url}/su`, CU_URL: `${url}/cu`, GATEWAY_URL: url }
  units.stop = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return units
}
