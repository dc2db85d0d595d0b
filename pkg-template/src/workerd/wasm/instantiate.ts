// Instantiates a module that was compiled when the worker was deployed.

import { AoError } from '../../errors.js'
import type { Bindings, ModuleSource } from '../../wasm/instantiate.js'

export * from '../../wasm/instantiate.js'

/** workerd is not Node.js, with `nodejs_compat` neither. */
export const inNode = false

/** @internal The module is compiled already. */
export const compile = async (module: WebAssembly.Module): Promise<WebAssembly.Module> => module

/**
 * @internal
 * Instantiates `source`, at once: a promise that is pending while another request waits for it could be lost with its own
 * request. The interpreter is not warmed up, since a worker is billed for CPU time.
 */
export async function instantiate(lib: Bindings, source: ModuleSource): Promise<void> {
  if (!(source instanceof WebAssembly.Module)) {
    const advice = "Leave `module` out, or import it: import module from 'aoxide/aoxide.wasm'"
    throw new AoError('UNSUPPORTED', `Cloudflare Workers cannot compile WebAssembly. ${advice}.`)
  }
  lib.initSync({ module: source })
}
