// Starting a worker: in Node.js from text, on a page from a Blob or from a file.

import { builtin } from '../wasm/instantiate.js'
import type { NodeWorkerConstructor } from '../wasm/node.js'
import type { Answer, Request } from './protocol.js'

/** A worker of Node.js or of a browser. */
export interface Handle {
  post(request: Request): void
  listen(onMessage: (answer: Answer) => void, onFailure: (error: unknown) => void): void
  /** Whether the worker keeps a Node.js process running. */
  keepAlive(on: boolean): void
  /** Releases what the start needed. Call it after the worker's first message. */
  started(): void
  terminate(): void
}

type Start = (script: string) => Handle

/**
 * The ways to start a worker here, the preferred one first. Which of them works depends on bundlers, origins and policies,
 * and shows only when it is tried.
 *
 * @param file Starts the worker from its file. Bundlers recognise `new Worker(new URL(…, import.meta.url))` in it.
 */
export function waysToStart(file: () => Worker): Start[] {
  // Bun has `node:worker_threads`, but its web workers are the better ones.
  const threads = globalThis.Bun ? undefined : builtin('node:worker_threads')
  if (threads) return [(script) => inThread(threads, script)]
  return 'Worker' in globalThis ? [fromBlob, () => inBrowser(file())] : []
}

function inThread({ Worker }: { Worker: NodeWorkerConstructor }, script: string): Handle {
  const shim = `const { parentPort } = require('node:worker_threads')
globalThis.self = globalThis
self.postMessage = (message, transfer) => parentPort.postMessage(message, transfer)
parentPort.on('message', (data) => self.onmessage({ data }))
`
  // A copy of the environment would need a permission in Deno. The worker's script does not read it.
  const worker = new Worker(`${shim};${script}`, { eval: true, execArgv: [], env: {} })
  return {
    post: (request) => worker.postMessage(request),
    listen(onMessage, onFailure) {
      worker
        .on('message', (answer) => onMessage(answer as Answer))
        .on('error', onFailure)
        .on('messageerror', onFailure)
      worker.on('exit', () => onFailure(new Error('the worker ended')))
    },
    keepAlive: (on) => (on ? worker.ref() : worker.unref()),
    started() {},
    terminate: () => void worker.terminate()
  }
}

function fromBlob(script: string): Handle {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  const started = () => URL.revokeObjectURL(url)
  try {
    return inBrowser(new Worker(url, { type: 'module' }), started)
  } catch (error) {
    started()
    throw error
  }
}

/** Bun's web workers have these, as threads of Node.js do. */
interface CountedWorker extends Worker {
  ref?(): void
  unref?(): void
}

function inBrowser(worker: CountedWorker, started = () => {}): Handle {
  return {
    post: (request) => worker.postMessage(request),
    listen(onMessage, onFailure) {
      worker.onmessage = ({ data }) => onMessage(data)
      worker.onmessageerror = onFailure
      worker.onerror = (event) => {
        event.preventDefault?.()
        onFailure(event)
      }
    },
    keepAlive: (on) => (on ? worker.ref?.() : worker.unref?.()),
    started,
    terminate: () => worker.terminate()
  }
}
