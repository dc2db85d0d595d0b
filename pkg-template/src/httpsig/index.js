// HTTP message signatures. What is exported is described in httpsig.d.ts.

import { AoError } from '../errors.js'
import { run } from './module.js'
import { unpack } from './node-request.js'

export async function encodeRequest(request) {
  if (typeof request !== 'object' || request === null) throw expected('request', 'object', request)
  const { url, path, method, fields, data, signer, dialect } = request
  const address = join(url, path)
  const values = data === undefined ? { ...fields } : { ...fields, data: await unpack(data) }
  if (typeof (method ?? '') !== 'string') throw expected('method', 'string', method)
  const { headers, body, id, ...message } = await run(({ lib }) =>
    lib.encodeMessage(values, signer, dialect, method, address)
  )
  return { url: address, method: message.method, headers, body, id }
}

/** `decodeReply(response)` reads what is left of a response. */
export async function decodeReply(headers, bytes, { status, request } = {}) {
  if (typeof headers !== 'object' || headers === null) throw expected('headers', 'Headers', headers)
  if (typeof headers.arrayBuffer === 'function') {
    const response = headers
    ;({ status, request } = { status: response.status, ...bytes })
    bytes = await read(response)
    headers = response.headers
  }
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

async function read(response) {
  const { url } = response
  if (response.bodyUsed)
    throw new AoError('BAD_ARGUMENT', "The response's body has been read already. Give its headers, and what was read.")
  try {
    return await response.arrayBuffer()
  } catch (cause) {
    throw new AoError('HTTP_NETWORK', `The reply of ${url} broke off: ${cause?.message ?? cause}`, {
      details: { url },
      cause
    })
  }
}

function expected(name, type, value) {
  return new AoError('BAD_ARGUMENT', `'${name}': Expected ${type}, received ${value === null ? 'null' : typeof value}.`)
}
