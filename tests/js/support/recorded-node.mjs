// A server that replays recorded responses of a HyperBEAM node, byte for byte. A request that was not recorded gets the
// status 599, and is added to `unknown`.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { root } from './package.mjs'
import { decode, verifies } from './peers.mjs'

export const recordings = JSON.parse(
  gunzipSync(readFileSync(`${root}tests/vectors/hyperbeam/recordings.json.gz`)).toString()
)

export const recording = (id) => recordings.find((entry) => entry.id === id)

/** Prefixes of the recordings of the two nodes. */
export const nodes = { nov: '2025-11', sep: '2025-09' }

/** Options for a node, in the query or in the headers of requests without an item. */
const OPTIONS = ['accept-bundle', 'require-codec']
/** Tags of items that choose the form of the response. */
const ANSWER_TAGS = ['accept-bundle', 'accept-codec', 'require-codec', 'signing-format']
/** Tags that make an item unique: `salt` of aoxide, and `r` of the recordings. */
const UNIQUE_TAGS = ['r', 'salt']
/** Headers that runtimes add to requests. */
const OF_RUNTIME =
  /^(accept|accept-encoding|accept-language|cache-control|connection|content-length|host|pragma|sec-fetch-mode|user-agent)$/

/** The key of a request: method, path, query and headers, with the options sorted. */
function signatureOf(method, path, headers) {
  const [bare, query = ''] = path.split('?')
  const own = query.split('&').filter((part) => part && !OPTIONS.includes(part.split('=')[0]))
  const inQuery = query.split('&').filter((part) => OPTIONS.includes(part.split('=')[0]))
  const inHeaders = headers.filter(([name]) => OPTIONS.includes(name)).map(([name, value]) => `${name}=${value}`)
  const others = headers
    .filter(([name]) => !OF_RUNTIME.test(name) && !OPTIONS.includes(name))
    .map(([name, value]) => `${name}: ${value}`)
  const options = [...new Set([...inQuery, ...inHeaders])].sort()
  return [method, bare, own.join('&'), options.join('&'), ...others.sort()].join('\n')
}

const lower = (headers) => headers.map(([name, value]) => [name.toLowerCase(), value])

/** The content of an item without its unique parts, and the sorted tags that choose the response. */
function contentOf(raw) {
  const { target, anchor, tags, data } = decode(raw)
  const named = tags.map((tag) => {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(tag)
    return [name.toLowerCase(), value]
  })
  const content = named.filter(([name]) => !UNIQUE_TAGS.includes(name) && !ANSWER_TAGS.includes(name))
  // `signing-format` does not change the response.
  const answer = named.filter(([name]) => ANSWER_TAGS.includes(name) && name !== 'signing-format')
  return {
    unique: named.some(([name]) => UNIQUE_TAGS.includes(name)),
    anchor,
    content: JSON.stringify([target, data, content.map((tag) => tag.join('=')).sort()]),
    answer: answer.map((tag) => tag.join('=')).sort()
  }
}

const isItem = ({ headers, body }) =>
  Boolean(body) && lower(headers).some(([name, value]) => name === 'content-type' && value === 'application/ans104')

function replyBytes({ reply }) {
  const page = reply.page && `<!DOCTYPE html><html><body>${reply.page.text}</body></html>`
  const bytes = page ? Buffer.from(page) : Buffer.from(reply.body, 'base64')
  const isChunked = reply.headers.some(([name, value]) => name === 'transfer-encoding' && value === 'chunked')
  const lines = reply.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = reply.head
    ? Buffer.from(reply.head, 'base64')
    : Buffer.from(`${reply.line ?? `HTTP/1.1 ${reply.status} -`}\r\n${lines}\r\n`, 'latin1')
  const end = Buffer.from('\r\n\r\n')
  const whole = head.subarray(-4).equals(end) ? head : Buffer.concat([head, end])
  if (!isChunked) return Buffer.concat([whole, bytes])
  const size = Buffer.from(bytes.length > 0 ? `${bytes.length.toString(16)}\r\n` : '')
  return Buffer.concat([whole, size, bytes, Buffer.from(bytes.length > 0 ? '\r\n0\r\n\r\n' : '0\r\n\r\n')])
}

/**
 * Starts the node of November (`nov`) or of September (`sep`). `change(entry)` may replace a response.
 * @returns `{ url, asked, unknown, close }`: `asked` has the ids of the used recordings, `unknown` the requests without a recording
 */
export async function startNode(name, { change = (entry) => entry } = {}) {
  const entries = recordings.filter((entry) => entry.node === nodes[name] && entry.request)
  const bySignature = new Map()
  for (const entry of entries) {
    const { method, path, headers } = entry.request
    const signature = signatureOf(method, path, lower(headers))
    bySignature.set(signature, [...(bySignature.get(signature) ?? []), entry])
  }
  const asked = []
  const unknown = []

  /** The recordings of this request that have a response. */
  function candidates(request, headers) {
    const all = bySignature.get(signatureOf(request.method, request.url, headers)) ?? []
    return all.filter(({ reply }) => !reply.none)
  }

  async function find(request, headers, body) {
    const all = candidates(request, headers)
    if (body.length === 0) return next(all)
    const item = headers.some(([name, value]) => name === 'content-type' && value === 'application/ans104')
    if (!item) return next(all.filter(({ request }) => request.body && bodyOf(request).equals(body)))
    if (!(await verifies(body).catch(() => false))) return next(all.filter(({ id }) => /tampered|signature/.test(id)))
    const { unique, anchor, content, answer } = contentOf(body)
    if (!unique && anchor === '') throw new Error('the item has neither an anchor nor a unique tag')
    // The node of September refuses every item with an anchor.
    if (anchor !== '' && name === 'sep') return next(entries.filter(({ id }) => id.startsWith('sep-anchor-message')))
    const same = all.filter(({ request }) => isItem(request) && contentOf(bodyOf(request)).content === content)
    const found = same.filter(({ request }) => contentOf(bodyOf(request)).answer.join() === answer.join())
    if (same.length > 0 && found.length === 0) throw new Error(`this item was not recorded with ${answer}`)
    return next(found)
  }

  const next = (all) => all.find(({ id }) => !asked.includes(id)) ?? all.at(-1)

  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = lower(Object.entries(request.headers))
    let entry
    let why = 'not in the recordings'
    try {
      entry = await find(request, headers, Buffer.concat(chunks))
    } catch (error) {
      why = error.message
    }
    if (!entry) {
      unknown.push(`${request.method} ${request.url}: ${why}`)
      response.writeHead(599, { connection: 'close' })
      response.end(why)
      return
    }
    asked.push(entry.id)
    request.socket.end(replyBytes(change(entry)))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${server.address().port}`, asked, unknown, close }
}

const bodyOf = ({ body, encoding }) => Buffer.from(body, encoding === 'base64' ? 'base64' : 'utf8')
