// The HTTP server of `aoxide localnet`: which requests it answers, and from when on.

import { createServer } from 'node:http'

/** Larger bodies are not read to their end. */
const MOST = 101 << 20
/** Milliseconds for which a request waits until the network is ready. */
const PATIENCE = 10_000
/** Names of this machine in `Host` headers. */
const LOCAL = ['localhost', '127.0.0.1', '[::1]']

/**
 * A server for a network that may not be ready yet: `network` is the promise of one. `allowed` are host names that
 * requests may be for, besides those of this machine.
 */
export function createNetworkServer({ network, allowed = [], patience = PATIENCE }) {
  const hosts = new Set([...LOCAL, ...allowed.map(hostName)])
  const refusal = `This network answers requests for ${[...hosts].join(', ')}. Allow others with --allow-host`
  return createServer(async (request, response) => {
    const refused = refusedHost(request, hosts)
    if (refused !== undefined) {
      return fail(request, response, 403, `${refusal}. This request is for ${refused || 'no host'}`)
    }
    try {
      const ready = await within(network, patience)
      if (ready) await answer(ready, request, response)
      else fail(request, response, 503, 'The network is not ready yet. Try again', { 'retry-after': '1' })
    } catch (error) {
      // The network itself failed; what it refuses comes as an answer.
      fail(request, response, 500, error.message, {}, error.code)
    }
  })
}

/**
 * A host name in the form in which it is compared: lower case, without a port, and without a dot at its end. IPv6 addresses
 * are in brackets. `undefined` for what is no host.
 */
export function hostName(host) {
  // A URL would take parts of these for something else.
  if (!/^[^\s/?#@\\%]+$/.test(host)) return undefined
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '') || undefined
  } catch {
    return undefined
  }
}

/**
 * A web page can let its own name lead to this machine (DNS rebinding), and would then read everything here. Its requests
 * still have that name as their host. Returns the host that is not allowed, `''` if there is none, and `undefined` if all
 * is well.
 */
function refusedHost({ url, headersDistinct }, hosts) {
  const named = [...(headersDistinct.host ?? [])]
  // An absolute address in the request line counts more than `Host` (RFC 9112, section 3.2.2), so both are looked at.
  const absolute = /^\w+:\/\/([^/?#]*)/.exec(url)
  if (absolute) named.push(absolute[1])
  return named.length === 0 ? '' : named.find((host) => !hosts.has(hostName(host)))
}

/** What is promised, or `undefined` if that takes longer. */
async function within(promise, milliseconds) {
  let timer
  const late = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function answer(network, request, response) {
  const answer = await network.answer({
    method: request.method,
    path: request.url.replace(/^\w+:\/\/[^/?#]*\/?/, '/'),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: await bodyOf(request)
  })
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

async function bodyOf(request) {
  const pieces = []
  let length = 0
  for await (const piece of request) {
    length += piece.length
    // The network says why; it need not see all of it for that.
    if (length > MOST) break
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}

function fail(request, response, status, error, headers, code) {
  if (response.headersSent) return response.destroy()
  const send = () => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers })
    response.end(JSON.stringify({ error, code }))
  }
  // A connection that closes while a client still sends is an error to that client, which then sees no response.
  if (request.complete || request.destroyed) send()
  else request.resume().once('end', send)
}
