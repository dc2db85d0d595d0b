// The worker's end of a connection (see protocol.ts). In the package each worker is one script that imports nothing: see
// xtask/scripts/pack.mjs.

import { type Answer, Crash, errorData, errorOf, invoke, type Request, type StopFlag } from './protocol.js'

/** The worker's own global object. In Node.js start.ts gives the worker one like it. */
interface WorkerScope {
  onmessage: ((event: { data: Request }) => void) | null
  postMessage(answer: Answer, transfer?: Transferable[]): void
}

/** Asks the other thread, with the arguments for `WorkerParts.answer`. */
export type Ask = (...args: readonly unknown[]) => Promise<unknown>

/** Reports events of a service to the other thread. */
export type Report = (events: readonly unknown[]) => void

/**
 * Answers the requests of the other thread.
 *
 * @param create Creates the service from the compiled WebAssembly module. The methods of the service are called by name.
 * It gets a flag where `terminate` does not end WebAssembly: see stop.ts.
 */
export function serve(
  create: (module: WebAssembly.Module, report: Report, stop: StopFlag | undefined, ask: Ask) => Promise<object>
): void {
  const scope = self as unknown as WorkerScope
  const report: Report = (events) => scope.postMessage({ type: 'events', events })
  const questions = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>()
  let count = 0
  const ask: Ask = (...args) =>
    new Promise((resolve, reject) => {
      questions.set(++count, { resolve, reject })
      scope.postMessage({ type: 'question', id: count, args })
    })
  let service: object
  scope.onmessage = async ({ data: request }) => {
    if (request.type === 'call') return post(scope, await answerTo(service, request))
    if (request.type !== 'start') {
      const { resolve, reject } = questions.get(request.id) ?? {}
      questions.delete(request.id)
      return request.type === 'answer' ? resolve?.(request.value) : reject?.(errorOf(request.error))
    }
    try {
      service = await create(request.module, report, request.stop, ask)
      scope.postMessage({ type: 'started' })
    } catch (error) {
      scope.postMessage({ type: 'failed', message: (error as Error).message })
    }
  }
}

async function answerTo(service: object, { id, method, args }: Request & { type: 'call' }): Promise<Answer> {
  try {
    return { type: 'result', id, value: await invoke(service, method, args) }
  } catch (error) {
    if (error instanceof Crash) return { type: 'crash', id, message: error.message }
    return { type: 'error', id, error: errorData(error) }
  }
}

function post(scope: WorkerScope, answer: Answer): void {
  try {
    scope.postMessage(answer, answer.type === 'result' ? buffersOf(answer.value) : [])
  } catch (cause) {
    // Only the cause and the details of an error can hold something that a message port cannot copy.
    if (answer.type !== 'error') throw cause
    const { code, message } = answer.error
    scope.postMessage({ ...answer, error: { code, message } })
  }
}

/** Buffers of the bytes of a result. They are moved to the other thread, which is faster than a copy. */
function buffersOf(value: unknown): Transferable[] {
  const bytes = value instanceof Uint8Array ? value : (value as { body?: unknown } | undefined)?.body
  return bytes instanceof Uint8Array ? [bytes.buffer] : []
}
