// The side of `aoxide/compute` that has the WebAssembly, in place or in a worker. Modules and processes have ids, which the
// caller gives them.

import { AoError } from '../errors.js'
import type { Bindings } from '../wasm/instantiate.js'
import { makeError } from '../wasm/lazy-module.js'
import { Crash } from '../worker/protocol.js'
import type * as Compute from '../wasm/compute.js'
import type { Bytes } from '../types.js'
import type { Engine } from './types.js'

/** The generated bindings, as far as both artefacts have them. */
export type ComputeLib = Bindings & Pick<typeof Compute, 'ComputeModule' | 'setStop'>

/** How a process is created. `resume` and `resumeCheckpoint` take the bytes of a snapshot or of a checkpoint. */
export type Creation = 'instantiate' | 'resume' | 'resumeCheckpoint'

export interface ModuleSettings {
  bytes: Uint8Array
  format: string | undefined
  computeLimit: number | undefined
  memoryLimit: number | undefined
}

/** Methods throw an `AoError`, or `Crash` after which nothing works any more. */
export interface ComputeService {
  load(module: number, settings: ModuleSettings): { format: string; engine: Engine }
  unload(module: number): void
  create(how: Creation, module: number, process: number, environment: string, image?: Uint8Array): void
  /** Takes and returns JSON, as the next one does. */
  handle(process: number, message: string): string
  dryrun(process: number, message: string): string
  snapshot(process: number): Bytes
  checkpoint(process: number): Bytes
  memoryHash(process: number): Bytes
  free(process: number): void
}

/** @param lib Bindings that are instantiated. */
export function createService(lib: ComputeLib): ComputeService {
  const modules = new Map<number, Compute.ComputeModule>()
  const processes = new Map<number, Compute.ComputeProcess>()
  let panic: string | undefined
  lib.setup(makeError, (message: string) => {
    panic = message
  })

  /** Errors of the crate have a code. Others come from a module of WebAssembly that stopped in the middle of its work. */
  function run<T>(job: () => T): T {
    try {
      return job()
    } catch (thrown) {
      throw thrown instanceof AoError ? thrown : new Crash(panic ?? (thrown as Error).message)
    }
  }

  return {
    load: (id, { bytes, format, computeLimit, memoryLimit }) =>
      run(() => {
        const module = new lib.ComputeModule(bytes, format, computeLimit, memoryLimit)
        modules.set(id, module)
        return { format: module.format(), engine: module.engine() as Engine }
      }),
    unload: (id) => run(() => drop(modules, id)),
    create: (how, module, id, environment, image) =>
      run(() => processes.set(id, create(found(modules, module), how, environment, image))),
    handle: (id, message) => run(() => found(processes, id).handle(message)),
    dryrun: (id, message) => run(() => found(processes, id).dryrun(message)),
    snapshot: (id) => run(() => found(processes, id).snapshot() as Bytes),
    checkpoint: (id) => run(() => found(processes, id).checkpoint() as Bytes),
    memoryHash: (id) => run(() => found(processes, id).memoryHash() as Bytes),
    free: (id) => run(() => drop(processes, id))
  }
}

function create(module: Compute.ComputeModule, how: Creation, environment: string, image?: Uint8Array) {
  if (how === 'instantiate' || !image) return module.instantiate(environment)
  return module[how](environment, image)
}

function found<T>(all: Map<number, T>, id: number): T {
  const one = all.get(id)
  if (one === undefined) throw new Error(`nothing has the id ${id}`)
  return one
}

function drop(all: Map<number, { free(): void }>, id: number): void {
  all.get(id)?.free()
  all.delete(id)
}
