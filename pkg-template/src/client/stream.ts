// Follows the results of a process. Fetched on first use.

import type { Input } from './call-policy.js'
import type { CallOptions } from './options.js'
import { sleep } from './sleep.js'

/** Which process to follow, and from where. */
export interface StreamInput extends CallOptions {
  process: string
  /** Cursor after which to start; `''` for the very first result. By default only results that are yet to come. */
  from?: string
  /** Milliseconds between two requests when there is no new result. Default: 1000. */
  interval?: number
}

/** A result and its place. */
interface Edge {
  cursor: string
  node: unknown
}

/** @internal The verb that `stream` calls. */
export interface Verbs {
  results(input: Input): Promise<unknown>
}

/** @internal Yields the results after a cursor, or from now on, until the caller stops. */
export async function* stream(ao: Verbs, given: unknown): AsyncGenerator<Edge, never, void> {
  const { from, interval = 1000, signal, ...input }: StreamInput = Object(given)
  const page = async (range: object) => {
    const results = await ao.results({ retry: { attempts: 6 }, ...input, signal, ...range } as Input)
    return (results as { edges: Edge[] }).edges
  }
  let cursor = from
  if (cursor === undefined) cursor = (await page({ sort: 'DESC', limit: 1 }))[0]?.cursor
  for (;;) {
    signal?.throwIfAborted()
    const edges = await page({ sort: 'ASC', limit: 25, from: cursor })
    // Some units start with the cursor, others after it.
    const fresh = edges.filter((edge) => edge.cursor !== cursor)
    for (const edge of fresh) {
      cursor = edge.cursor
      yield edge
    }
    if (fresh.length === 0) await sleep(interval, signal)
  }
}
