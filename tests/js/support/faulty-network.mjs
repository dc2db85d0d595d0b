// A `fetch` of a network that fails at random in every way.
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from './messages.mjs'

const html = (status, headers) => new Response('<html>busy</html>', { status, headers })

function lost() {
  throw new TypeError('fetch failed', { cause: new Error('other side closed') })
}

/** Ends with the request. */
const silence = (signal) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))))

/** A body that breaks off. */
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
 * @param serve gives the response to a request
 * @param places the addresses at which the network is
 * @param late error statuses in place of the response to an accepted request
 */
export function faulty(serve, places, late, dice) {
  const { below, chance, pick } = dice
  /** Follows a redirect like `fetch`: some redirects drop the body. */
  async function moved(url, init, status) {
    const { origin } = new URL(url)
    const place = url.replace(origin, pick(places))
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
    // A request that was aborted before it arrived never arrives.
    signal?.throwIfAborted()
    if (chance(0.04)) lost()
    if (chance(0.02)) await silence(signal)
    if (chance(0.05)) return html(pick([404, 408, 425, 429, 500, 502, 503]), chance(0.5) ? { 'retry-after': '0' } : {})
    if (chance(0.01)) return html(200)
    if (isPost && chance(0.02)) return moved(url, init, pick([302, 303, 307, 308]))
    let response = serve(request)
    await sleep(below(3))
    // The network accepted it, and its response is lost.
    if (chance(0.04)) lost()
    if (chance(0.01)) await silence(signal)
    if (chance(0.03)) return html(pick(late))
    if (chance(0.01)) return html(200)
    if (isPost && chance(0.01)) return moved(url, init, pick([302, 303]))
    if (response.ok) {
      const headers = new Headers(response.headers)
      const body = await response.text()
      headers.set('content-digest', digestOf(body))
      response = new Response(body, { status: response.status, headers })
    }
    return chance(0.03) ? cut(response, dice) : response
  }
}
