// The HTTP server of `aoxide localnet`: which requests it answers, and when it is ready.

import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse
} from 'node:http'
import type { LocalNetwork } from '../local/index.js'

/** The part of a network that the server needs. */
export type Answering = Pick<LocalNetwork, 'answer'>

/**
 * Bytes of the largest body that is read to its end. It is larger than the network's own limit, which answers with a
 * reason.
 */
const BODY_LIMIT = 101 << 20

/** Milliseconds for which a request waits until the network is ready. */
const READY_TIMEOUT = 10_000

/** Names of this machine in `Host` headers. */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]']

/**
 * Creates a server for a network that may not be ready yet.
 *
 * @param options.allowed Host names that requests may have, besides those of this machine.
 * @param options.readyTimeout Milliseconds for which a request waits until the network is ready. Default: 10 seconds.
 */
export function createNetworkServer(options: {
  network: Promise<Answering>
  allowed?: string[]
  readyTimeout?: number
}): Server {
  const { network, allowed = [], readyTimeout = READY_TIMEOUT } = options
  const names = new Set<string | undefined>([...LOCAL_NAMES, ...allowed.map(hostName)])
  const rejection = `This network answers requests for ${[...names].join(', ')}. Allow others with --allow-host`
  /** The network, once it is ready. */
  let ready: Answering | undefined
  return createServer(async (request, response) => {
    const rejected = rejectedHost(request, names)
    if (rejected !== undefined) {
      return fail(request, response, 403, `${rejection}. This request is for ${rejected || 'no host'}`)
    }
    try {
      ready ??= await within(network, readyTimeout)
      if (ready) await answer(ready, request, response)
      else fail(request, response, 503, 'The network is not ready yet. Try again', { 'retry-after': '1' })
    } catch (error) {
      // The network itself failed. Requests that it rejects have an answer.
      const { message, code } = error as Error & { code?: string }
      fail(request, response, 500, message, {}, code)
    }
  })
}

/**
 * Returns a host name in the form in which names are compared: in lower case, without a port, and without a dot at its end.
 * IPv6 addresses are in brackets. Returns `undefined` for text that is not a host.
 */
export function hostName(host: string): string | undefined {
  // A URL would read parts of these as something else.
  if (!/^[^\s/?#@\\%]+$/.test(host)) return undefined
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '') || undefined
  } catch {
    return undefined
  }
}

/**
 * Returns the host of a request if it is not allowed, and `''` if the request has none; `undefined` for a request that is
 * allowed. A web page can let its own name resolve to this machine (DNS rebinding), and would then be able to read
 * everything here. Its requests still have that name as their host.
 */
function rejectedHost(
  { url = '', headersDistinct }: IncomingMessage,
  names: Set<string | undefined>
): string | undefined {
  const hosts = [...(headersDistinct.host ?? [])]
  // An absolute address in the request line counts more than `Host` (RFC 9112, section 3.2.2), so both are checked.
  const absolute = /^\w+:\/\/([^/?#]*)/.exec(url)
  if (absolute) hosts.push(absolute[1] ?? '')
  return hosts.length === 0 ? '' : hosts.find((host) => !names.has(hostName(host)))
}

/** Resolves as `promise` does, or with `undefined` if that takes longer. */
async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, milliseconds, undefined)))
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function answer(network: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request
  const { status, headers, body } = await network.answer({
    method,
    path: url.replace(/^\w+:\/\/[^/?#]*\/?/, '/'),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: await bodyOf(request)
  })
  response.writeHead(status, headers)
  response.end(body)
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request) {
    length += piece.length
    // The network rejects the body with a reason. It does not need the whole of it for that.
    if (length > BODY_LIMIT) break
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}

function fail(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  error: string,
  headers: OutgoingHttpHeaders = {},
  code?: string
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const send = () => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers })
    response.end(JSON.stringify({ error, code }))
  }
  // A client that is still sending when the connection closes sees an error in place of the response.
  if (request.complete || request.destroyed) send()
  else request.resume().once('end', send)
}
