// The policies around a call in a Cloudflare Worker, where several requests run in one isolate at the same time.

import type { Sharing } from '../../client/call-policy.js'

export * from '../../client/call-policy.js'

/**
 * Equal reads do not share a request. In workerd a `fetch` belongs to the request that started it: other requests must not
 * wait for it, and it ends when that request is cancelled.
 */
export const sharing = (): Sharing => ({
  share: (_verb, input, call) => call(input),
  clear() {}
})

/** Calls do not wait for the promise of another request, only for what it has led to: each opens until one has succeeded. */
export function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: { value: T } | undefined
  return async () => {
    if (opened) return opened.value
    const value = await open()
    opened ??= { value }
    return opened.value
  }
}
