// A `fetch` that injects random faults: lost, late, cut, redirected and wrong responses.
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from './messages.mjs'

const html = (status, headers) => new Response('<html>busy</html>', { status, headers })

function loseConnection() {
  throw new TypeError('fetch failed', { cause: new Error('other side closed') })
}

/** Never responds. Rejects when the request is aborted. */
const noResponse = (signal) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))))

/** A response with a truncated body, or with a body that fails. */
async function cut(response, { below, chance }) {
  const body = await response.text()
  const start = body.slice(0, below(body.length))
  const headers = new Headers(response.headers)
  if (chance(0.5)) return new Response(start, { status: response.status, headers })
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(start))
      controller.error(new TypeError('terminated'))
    }
  })
  return new Response(broken, { status: response.status, headers })
}

/**
 * @param serve returns the response to a request
 * @param addresses the addresses of the network
 * @param late error statuses that replace the response to an accepted request
 * @param rng a source of random numbers
 */
export function faultyFetch(serve, addresses, late, rng) {
  const { below, chance, pick } = rng
  /** Follows a redirect as `fetch` does: a 302 or 303 drops the body. */
  async function moved(url, init, status) {
    const { origin } = new URL(url)
    const place = url.replace(origin, pick(addresses))
    const dropped = { method: 'GET', headers: {}, signal: init.signal }
    const response = await send(place, status > 303 ? init : dropped)
    return Object.defineProperties(response, { redirected: { value: true }, url: { value: place } })
  }
  return send

  async function send(url, init) {
    const { signal, ...rest } = init
    const request = { url, ...rest }
    const isPost = request.method === 'POST'
    await sleep(below(3))
    // A request that was aborted before it arrived must not reach the network.
    signal?.throwIfAborted()
    if (chance(0.04)) loseConnection()
    if (chance(0.02)) await noResponse(signal)
    if (chance(0.05)) return html(pick([404, 408, 425, 429, 500, 502, 503]), chance(0.5) ? { 'retry-after': '0' } : {})
    if (chance(0.01)) return html(200)
    if (isPost && chance(0.02)) return moved(url, init, pick([302, 303, 307, 308]))
    let response = serve(request)
    await sleep(below(3))
    // The network accepted the request, and the response is lost.
    if (chance(0.04)) loseConnection()
    if (chance(0.01)) await noResponse(signal)
    if (chance(0.03)) return html(pick(late))
    if (chance(0.01)) return html(200)
    if (isPost && chance(0.01)) return moved(url, init, pick([302, 303]))
    if (response.ok) {
      const headers = new Headers(response.headers)
      const body = await response.text()
      headers.set('content-digest', digestOf(body))
      response = new Response(body, { status: response.status, headers })
    }
    return chance(0.03) ? cut(response, rng) : response
  }
}
