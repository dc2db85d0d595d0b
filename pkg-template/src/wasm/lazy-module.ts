// Loads a WebAssembly module on the first call, once, and restarts it after a crash.

import { AoError, type AoErrorCode } from '../errors.js'
import { inflate } from './inflate.js'
import { instantiate, type Bindings, type ModuleSource } from './instantiate.js'
import type * as LoadErrors from './load-error.js'
import { onFault } from './microtask-guard.js'

/** The bindings of one instance of a module. A new object for each instance, so that callers can tell them apart. */
export interface Instance<Lib> {
  lib: Lib
}

/** What a call has done so far. A call that a crash ends is rejected with it, so that a write is not sent twice unawares. */
export interface Progress {
  /** Id of the item or message that the call has signed. */
  id?: string
  /** Whether that was handed to `fetch`. */
  sent?: boolean
}

/** A module that is loaded on demand. */
export interface LazyModule<Lib> {
  /** Loads the module, or returns the instance that runs now. */
  load(source?: ModuleSource): Promise<Instance<Lib>>
  /**
   * Runs `call` with the bindings, and with an object in which the module records its progress. The promise is settled even
   * if the module crashes.
   */
  run<T>(call: (instance: Instance<Lib>, progress: Progress) => T | PromiseLike<T>): Promise<T>
}

/**
 * A module that is loaded on demand. `glue` and `bytes` import its two files. `errors` imports the errors of loading, which is
 * left to the callers: see docs/decisions/merged-files.md. `prepare` is called with each new instance.
 */
export function lazyModule<Lib extends Bindings>(
  name: string,
  glue: () => Promise<Lib>,
  bytes: () => Promise<{ default: string }>,
  errors: () => Promise<typeof LoadErrors>,
  prepare?: (lib: Lib) => void
): LazyModule<Lib> {
  let loading: Promise<Instance<Lib>> | undefined
  /** The pending calls: how each is rejected, and its progress. */
  const pending = new Map<(error: AoError) => void, Progress>()

  function load(source?: ModuleSource) {
    loading ??= starting(loadParts(glue, bytes, source))
    return loading
  }

  function starting(loaded: Promise<Lib>) {
    return loaded.then(start).catch(async (error) => {
      loading = undefined
      if (error instanceof AoError && (error.cause as Error)?.name !== 'ReferenceError') throw error
      throw (await part(errors())).loadError(error)
    })
  }

  function start(lib: Lib): Instance<Lib> {
    onFault(name, (fault) => crash(fault?.message, fault))
    lib.setup(makeError, crash)
    prepare?.(lib)
    return { lib }
  }

  function run<T>(call: (instance: Instance<Lib>, progress: Progress) => T | PromiseLike<T>) {
    return new Promise<T>((resolve, reject) => {
      const progress: Progress = {}
      pending.set(reject, progress)
      load()
        .then((instance) => call(instance, progress))
        .then(resolve, (error: unknown) => {
          if (!(error instanceof AoError) && error instanceof WebAssembly.RuntimeError) crash(error.message, error)
          reject(error)
        })
        // No error may leave the promise open.
        .catch(reject)
        .finally(() => pending.delete(reject))
    })
  }

  /** Rejects every pending call. The next call gets a fresh instance of the compiled module. */
  function crash(message: string, cause?: unknown) {
    const what = `aoxide crashed: ${message}. Please report this; the next call starts afresh.`
    for (const [reject, progress] of pending) {
      const details = { ...progress }
      const advice = details.sent
        ? ' What was sent may have arrived; ask for it by its id before you send it again.'
        : ''
      reject(new AoError('CRASH', what + advice, { details, cause }))
    }
    pending.clear()
    const crashed = loading
    if (!crashed) return
    loading = starting(
      crashed.then(({ lib }) => {
        lib.__wbg_reset_state()
        return lib
      })
    )
    // The next call reports it.
    loading.catch(() => {})
  }

  return { load, run }
}

async function loadParts<Lib extends Bindings>(
  glue: () => Promise<Lib>,
  bytes: () => Promise<{ default: string }>,
  source: ModuleSource | undefined
): Promise<Lib> {
  if (!hasWebAssembly()) throw undefined
  const lib = await part(glue())
  await instantiate(lib, source ?? (await inflate(await part(bytes()))))
  return lib
}

/** Whether the runtime has WebAssembly, and all of it. */
export function hasWebAssembly(): boolean {
  const { Module, Instance, RuntimeError, instantiate }: Partial<typeof WebAssembly> = globalThis.WebAssembly ?? {}
  return !!Module && !!Instance && !!RuntimeError && !!instantiate
}

/** Loads a part of the package that is fetched on first use. */
export const part = <T>(fetched: Promise<T>): Promise<T> =>
  fetched.catch((cause) => {
    const what = `A part of aoxide cannot be loaded: ${cause?.message ?? cause}. Check the connection`
    throw new AoError('HTTP_NETWORK', `${what}, and that the package is whole where it lies.`, { cause })
  })

/** Makes the errors of the WebAssembly modules. */
export const makeError = (
  code: AoErrorCode,
  message: string,
  details: Record<string, unknown> | undefined,
  cause: unknown
): AoError => new AoError(code, message, { details, cause })
