// HTTP message signatures. What is exported is described in httpsig.d.ts.

import { AoError } from './error.js'
import { run } from './httpsig-load.js'

export async function encodeRequest(request) {
  if (typeof request !== 'object' || request === null) throw expected('request', 'object', request)
  const { url, path, method, fields, data, signer, dialect } = request
  const address = join(url, path)
  const values = data === undefined ? { ...fields } : { ...fields, data: await unpack(data) }
  const { headers, body, id } = await run(({ lib }) => lib.encodeMessage(values, signer, dialect))
  const verb = method ?? (body ? 'POST' : 'GET')
  if (typeof verb !== 'string') throw expected('method', 'string', method)
  if (body && /^(GET|HEAD)$/i.test(verb))
    throw new AoError('BAD_ARGUMENT', `'method': ${verb} requests have no body, and this message needs one. Use POST.`)
  return { url: address, method: verb, headers, body, id }
}

export async function decodeReply(headers, bytes, { status, request } = {}) {
  if (typeof headers !== 'object' || headers === null) throw expected('headers', 'Headers', headers)
  const body = await unpack(bytes ?? '')
  const of = request && { method: request.method, url: request.url, headers: lines(request.headers ?? {}) }
  return run(({ lib }) => lib.decodeMessage(lines(headers), body, Date.now() / 1000, status, of))
}

/** `[name, value]` of each header. */
const lines = (headers) => (typeof headers[Symbol.iterator] === 'function' ? [...headers] : Object.entries(headers))

/** The path is appended to that of the address, as aoconnect does. */
function join(url, path) {
  if (typeof url !== 'string') throw expected('url', 'string', url)
  if (path === undefined) return url
  if (typeof path !== 'string') throw expected('path', 'string', path)
  return `${url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
}

/** What a browser must read first. */
async function unpack(data) {
  return typeof Blob === 'function' && data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data
}

function expected(name, type, value) {
  return new AoError('BAD_ARGUMENT', `'${name}': Expected ${type}, received ${value === null ? 'null' : typeof value}.`)
}
