// Loads the WebAssembly module once, on the first call, and starts it afresh after a crash.

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
  watchTasks((fault) => crash(fault?.message, fault))
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

async function decode(imported) {
  const { default: base64 } = await imported
  // Node's own decoder starts ten milliseconds sooner than its streams; bundlers leave this way of asking for it alone.
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib')
  if (zlib) return zlib.inflateRawSync(fromBase64(base64))
  const { readable, writable } = new DecompressionStream('deflate-raw')
  const writer = writable.getWriter()
  // What goes wrong in writing is told by reading too.
  Promise.all([writer.write(fromBase64(base64)), writer.close()]).catch(() => {})
  const pieces = []
  let length = 0
  for (const reader = readable.getReader(); ;) {
    const { done, value } = await reader.read()
    if (done) break
    pieces.push(value)
    length += value.length
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** A loop, where the runtime has nothing better: `Uint8Array.from` takes four times as long. */
function fromBase64(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64)
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}
