// Lines to a worker: `send(request)` promises its answer, one at a time; `end(answer)` ends whatever runs, and answers it so.
// What is at the other end is in serve.js. Answers of `{ crash }` come from here: the worker is no more.

import { compile } from '../wasm/instantiate.js'
import { inflate } from '../wasm/inflate.js'
import { AoError } from '../errors.js'
import { readArtefact } from '../wasm/read-node.js'

/**
 * What workers of a kind are made of. `name` is that of the WebAssembly; `bytes` and `script` import it and the worker's
 * script, both as text; `file` starts one from its file, in the form that bundlers recognise.
 */
export function lines({ name, bytes, script, file }) {
  /** The compiled WebAssembly, shared by the page and all its workers. */
  let compiling

  function compiled() {
    compiling ??= compileOf(name, bytes).catch((error) => {
      compiling = undefined
      throw error
    })
    return compiling
  }

  /**
   * The first way to start a worker that works here, as a function that opens lines; `undefined` where none does. What
   * fails depends on bundlers, origins and policies, and shows only when it is tried.
   */
  async function find() {
    const wasm = await compiled()
    for (const start of ways(file)) {
      try {
        const line = await lineTo(start, script, wasm)
        let first = line
        return async () => {
          const open = first ?? (await lineTo(start, script, wasm))
          first = undefined
          return open
        }
      } catch {
        // The next one.
      }
    }
    return undefined
  }

  return { compiled, find }
}

async function compileOf(name, bytes) {
  const code = readArtefact(name) ?? (await inflate(bytes()))
  try {
    return await compile(code)
  } catch (cause) {
    const advice = "A page with a Content-Security-Policy must allow 'wasm-unsafe-eval'."
    throw new AoError('UNSUPPORTED', `The WebAssembly module cannot be loaded: ${cause.message}. ${advice}`, { cause })
  }
}

function ways(file) {
  const threads = globalThis.Bun ? undefined : globalThis.process?.getBuiltinModule?.('node:worker_threads')
  if (threads) return [(source) => inThread(threads, source)]
  return globalThis.Worker ? [fromBlob, () => inBrowser(file())] : []
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

async function lineTo(start, script, wasm) {
  const { default: source } = await script()
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
