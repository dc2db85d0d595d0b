// Instantiates a WebAssembly module through its generated bindings.

import type { NodeModules } from './node.js'
import type { Bytes } from '../types.js'
import type { Response, URL, WebAssemblyModule } from '../web-types.js'

/** @internal What all generated bindings export. */
export interface Bindings {
  setup(makeError: Function, onPanic: Function): void
  initSync(options: { module: WebAssembly.Module }): unknown
  default(options: { module_or_path: ModuleSource }): Promise<unknown>
  /** Gives the bindings a fresh instance of the compiled module. */
  __wbg_reset_state(): void
  /** Makes the engine optimise the interpreter. Only in artefacts that have one. */
  warmUp?(): void
}

/** A WebAssembly module: compiled, as bytes, as a response, or at an address. */
export type ModuleSource = string | URL | Response | Promise<Response> | ArrayBuffer | Bytes | WebAssemblyModule

/**
 * @internal
 * Whether this is Node.js, Deno or Bun. There, a check by one of the web's own classes would load these classes, which takes 20
 * milliseconds when a process starts.
 */
export const inNode: boolean = globalThis.process?.versions?.node !== undefined

/**
 * @internal
 * A module of Node.js; `undefined` where there is none. Bundlers do not follow `getBuiltinModule`. It throws in runtimes that
 * forbid it, and `process` may be a part of Node's, which a bundler or a page has added.
 */
export function builtin<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  try {
    return globalThis.process?.getBuiltinModule?.(name)
  } catch {
    return undefined
  }
}

/** @internal Node compiles on the calling thread: in the background it takes half as long again, and nothing else is waiting. */
export const compile = async (bytes: BufferSource): Promise<WebAssembly.Module> =>
  inNode ? new WebAssembly.Module(bytes) : WebAssembly.compile(bytes)

/** @internal Instantiates `source` for the bindings. */
export async function instantiate(lib: Bindings, source: ModuleSource): Promise<void> {
  if (inNode && source instanceof Uint8Array) source = await compile(source)
  if (inNode && source instanceof WebAssembly.Module) lib.initSync({ module: source })
  else await lib.default({ module_or_path: source })
  // Engines optimise the interpreter while it is used, so this should start early.
  lib.warmUp?.()
}
