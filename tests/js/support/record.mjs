// A `fetch` that answers from a function and records its requests.

/** @typedef {{ url: string, method: string, headers: Record<string, string>, redirect: string, body?: Uint8Array|string }} Seen */

function headersOf(headers) {
  return Object.fromEntries([...new Headers(headers ?? {})].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function bytesOf(body) {
  if (body instanceof Blob) body = await body.arrayBuffer()
  if (body == null || typeof body === 'string') return body ?? undefined
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0))
  // A copy: the wasm memory under a view may change later.
  if (ArrayBuffer.isView(body)) return Uint8Array.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  throw new Error(`the body is a ${body.constructor.name}, neither text nor bytes`)
}

/** The request that these arguments of `fetch` send. */
async function seen(input, init = {}) {
  if (!(input instanceof Request)) {
    return {
      url: String(input),
      method: init.method ?? 'GET',
      headers: headersOf(init.headers),
      redirect: init.redirect ?? 'follow',
      body: await bytesOf(init.body)
    }
  }
  const body = new Uint8Array(await input.clone().arrayBuffer())
  const text = !(input.headers.get('content-type') ?? '').includes('octet-stream')
  return {
    url: input.url,
    method: input.method,
    headers: headersOf(input.headers),
    redirect: input.redirect,
    body: body.length === 0 ? undefined : text ? new TextDecoder().decode(body) : body
  }
}

export function recorder(answer) {
  const requests = []
  const fetch = async (input, init) => {
    const request = await seen(input, init)
    requests.push(request)
    return answer(request, requests.length)
  }
  return { fetch, requests }
}

// aoconnect looks schedulers up with the global `fetch` that exists when it is imported (difference 12). So this function
// replaces `fetch` before the import, and calls the current recorder.
let current
const native = globalThis.fetch
globalThis.fetch = (input, init) => (current ?? native)(input, init)

export async function withGlobalFetch(fetch, body) {
  current = fetch
  try {
    return await body()
  } finally {
    current = undefined
  }
}

/** Runs `body` with a fixed clock, so that the times in the requests of both libraries are equal. */
export async function withClock(now, body) {
  const real = Date.now
  Date.now = () => now
  try {
    return await body()
  } finally {
    Date.now = real
  }
}
