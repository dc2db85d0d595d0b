// What local networks take from a Cloudflare Worker: the interpreter only, and an isolate of 128 MB.

import { AoError } from '../../errors.js'

/** Processes that are kept ready. */
export const LIVE_PROCESSES = 16

/** Bytes of memory of the processes that are kept ready. Their memory images may take as much again. */
export const LIVE_MEMORY: number | undefined = 32 << 20

/** @throws `UNSUPPORTED` for the runtime's own WebAssembly, which compiles no modules while the worker runs. */
export function engineHere(engine: unknown): unknown {
  if (engine !== 'native') return 'wasmi'
  const advice = "Leave `engine` out, or set it to 'wasmi'"
  throw new AoError('UNSUPPORTED', `Cloudflare Workers cannot compile process modules. ${advice}.`)
}
