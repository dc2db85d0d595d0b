// Lines to the compute engine: `send(request)` promises its answer, one at a time; `end(answer)` ends whatever runs, and
// answers it so. See compute-core.js for both.

import { createCore } from './compute-core.js'
import { decode } from './decode.js'
import { AoError } from './error.js'

/** The compiled WebAssembly, shared by the page and all its workers. */
let compiling

export function compiled() {
  compiling ??= compile().catch((error) => {
    compiling = undefined
    throw error
  })
  return compiling
}

async function compile() {
  const bytes = await decode(import('./wasm/compute.bytes.js'))
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    const advice = "A page with a Content-Security-Policy must allow 'wasm-unsafe-eval'."
    throw new AoError('UNSUPPORTED', `The WebAssembly module cannot be loaded: ${cause.message}. ${advice}`, { cause })
  }
}

/** The engine on the caller's own thread. There is one, for the bindings are. */
export async function openInPlace() {
  const [wasm, lib] = await Promise.all([compiled(), import('./wasm/compute.js')])
  await lib.default({ module_or_path: wasm })
  const answer = createCore(lib)
  return {
    send: async (request) => answer(request),
    // Fresh, and with empty memory.
    end: () => lib.__wbg_reset_state()
  }
}

/**
 * The first way to start a worker that works here, as a function that opens lines; `undefined` where none does. What
 * fails depends on bundlers, origins and policies, and shows only when it is tried.
 */
export async function findWorker() {
  const wasm = await compiled()
  for (const start of ways()) {
    try {
      const line = await lineTo(start, wasm)
      let first = line
      return async () => {
        const open = first ?? (await lineTo(start, wasm))
        first = undefined
        return open
      }
    } catch {
      // The next one.
    }
  }
  return undefined
}

function ways() {
  const threads = globalThis.Bun ? undefined : globalThis.process?.getBuiltinModule?.('node:worker_threads')
  if (threads) return [(source) => inThread(threads, source)]
  return globalThis.Worker ? [fromBlob, fromFile] : []
}

function inThread({ Worker }, source) {
  const shim = `const { parentPort } = require('node:worker_threads')
globalThis.self = globalThis
self.postMessage = (message, transfer) => parentPort.postMessage(message, transfer)
parentPort.on('message', (data) => self.onmessage({ data }))
`
  const worker = new Worker(`${shim};${source}`, { eval: true, execArgv: [] })
  return {
    worker,
    listen: (message, failure) => {
      worker.on('message', message).on('error', failure).on('messageerror', failure)
      worker.on('exit', () => failure(new Error('the worker ended')))
    }
  }
}

function fromBlob(source) {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  try {
    return inBrowser(new Worker(url, { type: 'module' }), () => URL.revokeObjectURL(url))
  } catch (error) {
    URL.revokeObjectURL(url)
    throw error
  }
}

// Bundlers recognise this form, and copy the file.
const fromFile = () => inBrowser(new Worker(new URL('./compute-worker.js', import.meta.url), { type: 'module' }))

const inBrowser = (worker, started) => ({
  worker,
  started,
  listen: (message, failure) => {
    worker.onmessage = ({ data }) => message(data)
    worker.onmessageerror = failure
    worker.onerror = (event) => {
      event.preventDefault?.()
      failure(event)
    }
  }
})

async function lineTo(start, wasm) {
  const { default: source } = await import('./wasm/compute.worker.js')
  // From here to the first message nothing may be awaited: errors that nobody listens for are lost.
  const { worker, started, listen } = start(source)
  let waiting
  const settle = (how, value) => {
    const settled = waiting
    waiting = undefined
    settled?.[how](value)
  }
  const message = (data) => settle('resolve', data)
  listen(message, (failure) => settle('reject', failure))
  const send = (data) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      // A worker that has nothing to do must not keep a program from its end.
      worker.ref?.()
      worker.postMessage(data)
    }).finally(() => worker.unref?.())
  try {
    const { ready, failed } = await send(wasm)
    if (!ready) throw new Error(failed)
  } catch (error) {
    worker.terminate()
    throw error
  } finally {
    started?.()
  }
  return {
    send: (request) => send(request).catch((error) => ({ crash: error?.message || 'the worker failed' })),
    end(answer) {
      worker.terminate()
      message(answer)
    }
  }
}
