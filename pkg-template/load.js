// Loads the WebAssembly module once, on the first call, and starts it afresh after a crash.

import { decode } from './decode.js'
import { AoError } from './error.js'
import { watchTasks } from './tasks.js'

/** Promise of `{ lib }`; a new object for each instance of the module, so that callers can tell them apart. */
let loading
/** Rejections of the calls under way, which a crash has to tell. */
const underWay = new Set()

/** Loads the module now. See index.d.ts. */
export async function load({ module } = {}) {
  await bindings(module)
}

/** Runs `call` with the bindings. Whatever happens inside, the promise is settled. */
export function run(call) {
  return new Promise((resolve, reject) => {
    underWay.add(reject)
    bindings()
      .then(call)
      .then(resolve, (error) => {
        if (error instanceof WebAssembly.RuntimeError) crash(error.message, error)
        reject(error)
      })
      .finally(() => underWay.delete(reject))
  })
}

/** The bindings of the instance that is running now. */
function bindings(module) {
  loading ??= instantiate(module).catch((error) => {
    loading = undefined
    throw error
  })
  return loading
}

async function instantiate(module) {
  const lib = await import('./wasm/aoxide.js')
  await initialise(lib, module ?? (await decode(import('./wasm/aoxide.bytes.js'))))
  return start(lib)
}

function start(lib) {
  watchTasks('aoxide', (fault) => crash(fault?.message, fault))
  lib.setup(makeError, crash)
  lib.setRsaLoader(loadRsa)
  return { lib }
}

/** The second module: RSA for where SubtleCrypto is missing or too narrow. */
let loadingRsa

function loadRsa() {
  loadingRsa ??= instantiateRsa().catch((error) => {
    loadingRsa = undefined
    throw error
  })
  return loadingRsa
}

async function instantiateRsa() {
  const lib = await import('./wasm/rsa.js')
  await initialise(lib, await decode(import('./wasm/rsa.bytes.js')))
  lib.setup(makeError, crash)
  return lib
}

async function initialise(lib, module) {
  try {
    await lib.default({ module_or_path: module })
  } catch (cause) {
    const advice = "A page with a Content-Security-Policy must allow 'wasm-unsafe-eval'."
    throw new AoError('UNSUPPORTED', `The WebAssembly module cannot be loaded: ${cause.message}. ${advice}`, { cause })
  }
}

const makeError = (code, message, details, cause) => new AoError(code, message, { details, cause })

/** Ends every call under way; the next one gets a fresh instance of the module, compiled already. */
function crash(message, cause) {
  const error = new AoError('CRASH', `aoxide crashed: ${message}. Please report this; the next call starts afresh.`, {
    cause
  })
  for (const reject of underWay) reject(error)
  underWay.clear()
  const crashed = loading
  loading = crashed?.then(({ lib }) => {
    lib.__wbg_reset_state()
    return start(lib)
  })
}
