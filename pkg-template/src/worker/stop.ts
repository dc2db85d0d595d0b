// Ends WebAssembly in a worker where `terminate` does not end its loops: in JavaScriptCore (WebKit, Bun) and in Deno.

import type { StopFlag } from './protocol.js'

/** Runtimes with such workers, by their user agents. All browsers on iOS are WebKit; Chromium claims to be. */
const NEEDS_FLAG = /^(Bun|Deno)\/|AppleWebKit\/(?!.*Chrom(e|ium)\/)/

/** A flag for a new worker; `undefined` where `terminate` suffices. */
export function stopFlag(): StopFlag | undefined {
  if (!NEEDS_FLAG.test(globalThis.navigator?.userAgent ?? '')) return undefined
  return { buffer: 'SharedArrayBuffer' in globalThis ? new SharedArrayBuffer(4) : undefined }
}

/** Sets a flag. */
export function setStop(flag: StopFlag | undefined): void {
  if (flag?.buffer) Atomics.store(new Int32Array(flag.buffer), 0, 1)
}

/** In the worker: a function that returns whether the flag is set. */
export function readsStop({ buffer }: StopFlag): () => boolean {
  const flag = buffer && new Int32Array(buffer)
  return () => flag !== undefined && Atomics.load(flag, 0) !== 0
}
