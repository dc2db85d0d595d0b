// A WebAssembly module, loaded once, on the first call, and started afresh after a crash.

import { begin } from './instantiate.js'
import { decode } from './inflate.js'
import { AoError } from '../errors.js'
import { watchTasks } from './microtask-guard.js'

/** What runs calls in a module: `glue` and `bytes` import its two files, `prepare` is told of each new instance. */
export function lazy(name, glue, bytes, prepare) {
  /** Promise of `{ lib }`; a new object for each instance of the module, so that callers can tell them apart. */
  let loading
  /** The calls under way, which a crash ends: how each is rejected, and what it has done, as `{ id, sent }`. */
  const underWay = new Map()

  /** The bindings of the instance that is running now. */
  function load(module) {
    loading ??= instantiate(glue, bytes, module)
      .then(start)
      .catch((error) => {
        loading = undefined
        throw error
      })
    return loading
  }

  function start(lib) {
    watchTasks(name, (fault) => crash(fault?.message, fault))
    lib.setup(makeError, crash)
    prepare?.(lib)
    return { lib }
  }

  /**
   * Runs `call` with the bindings, and with an object where it writes what it has signed and sent. Whatever happens inside, the
   * promise is settled.
   */
  function run(call) {
    return new Promise((resolve, reject) => {
      const progress = {}
      underWay.set(reject, progress)
      load()
        .then((bindings) => call(bindings, progress))
        .then(resolve, (error) => {
          if (error instanceof WebAssembly.RuntimeError) crash(error.message, error)
          reject(error)
        })
        .finally(() => underWay.delete(reject))
    })
  }

  /** Ends every call under way; the next one gets a fresh instance of the module, compiled already. */
  function crash(message, cause) {
    const what = `aoxide crashed: ${message}. Please report this; the next call starts afresh.`
    for (const [reject, progress] of underWay) {
      const details = { ...progress }
      const advice = details.sent
        ? ' What was sent may have arrived; ask for it by its id before you send it again.'
        : ''
      reject(new AoError('CRASH', what + advice, { details, cause }))
    }
    underWay.clear()
    const crashed = loading
    loading = crashed?.then(({ lib }) => {
      lib.__wbg_reset_state()
      return start(lib)
    })
  }

  return { load, run }
}

async function instantiate(glue, bytes, module) {
  const lib = await part(glue())
  module ??= await part(decode(bytes()))
  try {
    await begin(lib, module)
  } catch (cause) {
    const advice = "A page with a Content-Security-Policy must allow 'wasm-unsafe-eval'."
    throw new AoError('UNSUPPORTED', `The WebAssembly module cannot be loaded: ${cause.message}. ${advice}`, { cause })
  }
  return lib
}

/** A part of the package that is fetched on first use. */
export const part = (fetched) =>
  fetched.catch((cause) => {
    const what = `A part of aoxide cannot be loaded: ${cause?.message ?? cause}. Check the connection`
    throw new AoError('HTTP_NETWORK', `${what}, and that the package is whole where it lies.`, { cause })
  })

export const makeError = (code, message, details, cause) => new AoError(code, message, { details, cause })
