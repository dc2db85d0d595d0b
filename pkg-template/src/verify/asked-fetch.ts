// The caller's own `fetch`, which a worker cannot reach: the worker asks the other thread, which sends the request.

import type { Ask } from '../worker/server.js'

/** A request and a response that a message port can copy. */
interface PlainInit {
  method: string | undefined
  headers: [name: string, value: string][]
  body: string | Uint8Array<ArrayBuffer> | undefined
}

interface PlainAnswer {
  status: number
  headers: [name: string, value: string][]
  body: Uint8Array<ArrayBuffer>
}

/** Statuses of responses without a body. */
const EMPTY = [101, 103, 204, 205, 304]

/** In the worker: a `fetch` that asks the other thread. A signal ends the wait, and not the request. */
export const askedFetch =
  (ask: Ask): typeof fetch =>
  async (input, init = {}) => {
    const { method, headers, body } = init
    const plain = { method, headers: [...new Headers(headers)], body: body as PlainInit['body'] }
    const answer = (await ask(String(input), plain)) as PlainAnswer
    return new Response(EMPTY.includes(answer.status) ? null : answer.body, answer)
  }

/** On the other thread: answers the worker with the caller's `fetch`. */
export const answering =
  (own: typeof fetch) =>
  async (url: string, { method = 'GET', headers, body }: PlainInit): Promise<PlainAnswer> => {
    const response = await own(url, { method, headers, ...(body === undefined ? {} : { body }) })
    return {
      status: response.status,
      headers: [...response.headers],
      body: new Uint8Array(await response.arrayBuffer())
    }
  }
