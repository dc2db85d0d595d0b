// The worker of ao-loader. It answers a message `[verb, ...arguments]` with `{ value }` or `{ error }`.
import { Buffer } from 'buffer'
import { timed } from './candidates.mjs'

// ao-loader replaces the clock when it is imported.
const now = performance.now.bind(performance)
globalThis.Buffer = Buffer
const starting = import('./loader.mjs').then(({ loader }) => timed(loader({ copies: true }), now))

self.onmessage = async ({ data: [verb, ...args] }) => {
  try {
    const candidate = await starting
    self.postMessage({ value: await candidate[verb](...args) })
  } catch (error) {
    self.postMessage({ error: error?.stack ?? String(error) })
  }
}
