// What local networks take from the runtime: see workerd/local/surroundings.ts for another one.

import { inNode } from '../wasm/instantiate.js'

/** Processes that are kept ready. Browsers have addresses for about a hundred memories, Node.js for ten thousand. */
export const LIVE_PROCESSES: number = inNode ? 1000 : 64

/** Bytes of memory of the processes that are kept ready. `undefined`: the default of the crate. */
export const LIVE_MEMORY: number | undefined = undefined

/** The engine to use here for the option `engine`. */
export const engineHere = (engine: unknown): unknown => engine
