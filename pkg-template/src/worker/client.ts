// Connections to a service, in place or in a worker. Messages between the threads: protocol.ts.

import { AoError } from '../errors.js'
import { inflate } from '../wasm/inflate.js'
import { compile } from '../wasm/instantiate.js'
import { hasWebAssembly, part } from '../wasm/lazy-module.js'
import { loadError } from '../wasm/load-error.js'
import { readArtefact } from '../wasm/read-node.js'
import { type Answer, type Args, Crash, errorData, errorOf, invoke, type Result } from './protocol.js'
import type { Report } from './server.js'
import { type Handle, waysToStart } from './start.js'
import { setStop, stopFlag } from './stop.js'

/** A service that can be called, wherever it runs. */
export interface Connection<S> {
  /** Whether the service runs in a worker. */
  readonly worker: boolean
  /**
   * Calls a method of the service.
   *
   * @throws What the service threw; `Crash` when the service lost its state; the reason that `end` was given.
   */
  call<M extends keyof S & string>(method: M, ...args: Args<S, M>): Promise<Result<S, M>>
  /** Ends the service. Calls that are pending reject with `reason`. */
  end(reason: Error): Promise<void>
}

/** Opens one more connection. Each has a service of its own. */
export type Open<S> = () => Promise<Connection<S>>

/** Connection to a service on this thread. */
export function inPlace<S extends object>(service: S, end: () => void | Promise<void>): Connection<S> {
  const connection = {
    worker: false,
    call: async (method: string, ...args: unknown[]) => invoke(service, method, args),
    end: async () => end()
  }
  return connection as unknown as Connection<S>
}

/** The parts of a worker. */
export interface WorkerParts {
  /** Name of the WebAssembly artefact. */
  name: string
  /** Imports the artefact as text. */
  bytes: () => Promise<{ default: string }>
  /** Imports the worker's script as text. */
  script: () => Promise<{ default: string }>
  /** Starts the worker from its file: see {@link waysToStart}. */
  file: () => Worker
  /** Answers what the service asks this thread. */
  answer?: (...args: never) => Promise<unknown>
}

/** Workers of one kind. They share one compiled WebAssembly module. */
export class Workers<S> {
  #parts
  #compiling: Promise<WebAssembly.Module> | undefined

  constructor(parts: WorkerParts) {
    this.#parts = parts
  }

  /**
   * The compiled artefact, which is fetched by the first call.
   *
   * @throws `UNSUPPORTED` where WebAssembly is missing or not allowed; `HTTP_NETWORK` when the artefact cannot be fetched.
   */
  compiled(): Promise<WebAssembly.Module> {
    this.#compiling ??= compileArtefact(this.#parts).catch((error: unknown) => {
      this.#compiling = undefined
      throw error
    })
    return this.#compiling
  }

  /**
   * Finds the first way to start a worker that works here. The worker that was started to find out serves the first
   * connection.
   *
   * @param wanted The option `worker`. `true`: the caller does not want the service in place.
   * @param report Receives the events of the services.
   * @param answer Answers what these services ask this thread, in place of the parts' own.
   * @returns `undefined` where no worker can be started.
   * @throws `UNSUPPORTED` instead when a worker is `wanted`; what {@link compiled} throws.
   */
  async find(
    wanted: boolean | undefined,
    report: Report = () => {},
    answer: WorkerParts['answer'] = this.#parts.answer
  ): Promise<Open<S> | undefined> {
    const module = await this.compiled()
    const { name, script, file } = this.#parts
    const ways = waysToStart(file)
    let failure: Error | undefined
    for (const start of ways) {
      const { default: text } = await part(script())
      const open = () => startService<S>(() => start(text), module, report, answer)
      try {
        let first: Connection<S> | undefined = await open()
        return async () => {
          const connection = first ?? (await open())
          first = undefined
          return connection
        }
      } catch (error) {
        // Try the next way.
        failure = error as Error
      }
    }
    const message = `aoxide cannot start its worker for "${name}": ${failure?.message ?? 'this runtime has no workers'}.`
    if (wanted) {
      const advice = "Allow `worker-src blob:` in the Content-Security-Policy, or leave the option 'worker' out."
      throw new AoError('UNSUPPORTED', `${message} ${advice}`, { cause: failure })
    }
    // In place, the page does not stay responsive.
    if (failure) console.warn(`${message} It runs on this thread. With \`worker: false\` there is no warning.`)
    return undefined
  }
}

async function compileArtefact({ name, bytes }: WorkerParts): Promise<WebAssembly.Module> {
  if (!hasWebAssembly()) throw loadError()
  try {
    return await compile(readArtefact(name) ?? (await inflate(await part(bytes()))))
  } catch (cause) {
    throw loadError(cause)
  }
}

interface Pending {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** @throws `Crash` */
async function startService<S>(
  start: () => Handle,
  module: WebAssembly.Module,
  report: Report,
  answer: WorkerParts['answer']
) {
  let handle: Handle
  try {
    handle = start()
  } catch (error) {
    throw new Crash((error as Error).message)
  }
  // From `start` to the first request nothing may be awaited: errors of the worker would be lost meanwhile.
  return connect<S>(handle, module, report, answer)
}

async function connect<S>(
  handle: Handle,
  module: WebAssembly.Module,
  report: Report,
  answerTo: WorkerParts['answer']
): Promise<Connection<S>> {
  const pending = new Map<number, Pending>()
  /** Id of the `start` request, which has none of its own. */
  const START = 0
  let count = START
  const stop = stopFlag()

  const settle = (id: number): Pending | undefined => {
    const settled = pending.get(id)
    pending.delete(id)
    // An idle worker must not keep a Node.js process from its end.
    if (pending.size === 0) handle.keepAlive(false)
    return settled
  }
  const rejectAll = (error: Error) => {
    for (const id of pending.keys()) settle(id)?.reject(error)
  }
  const request = (id: number, post: () => void) =>
    new Promise<unknown>((resolve, reject) => {
      pending.set(id, { resolve, reject })
      handle.keepAlive(true)
      try {
        post()
      } catch (error) {
        settle(id)
        throw new Crash((error as Error).message)
      }
    })
  const reply = async (id: number, args: readonly unknown[]) => {
    try {
      handle.post({ type: 'answer', id, value: await answerTo?.(...(args as never)) })
    } catch (error) {
      // Without the cause, which a message port may not be able to copy.
      const { code, message } = errorData(error)
      handle.post({ type: 'refusal', id, error: { code, message } })
    }
  }
  const receive = (answer: Answer) => {
    if (answer.type === 'events') report(answer.events)
    else if (answer.type === 'question') void reply(answer.id, answer.args)
    else if (answer.type === 'started') settle(START)?.resolve(undefined)
    else if (answer.type === 'failed') settle(START)?.reject(new Crash(answer.message))
    else if (answer.type === 'result') settle(answer.id)?.resolve(answer.value)
    else if (answer.type === 'error') settle(answer.id)?.reject(errorOf(answer.error))
    else settle(answer.id)?.reject(new Crash(answer.message))
  }

  handle.listen(receive, (error) => rejectAll(new Crash((error as Error | undefined)?.message || 'the worker failed')))
  try {
    await request(START, () => handle.post({ type: 'start', module, stop }))
  } catch (error) {
    handle.terminate()
    throw error
  } finally {
    handle.started()
  }
  let ended: Error | undefined
  const connection = {
    worker: true,
    async call(method: string, ...args: unknown[]) {
      // A worker that was terminated would never answer.
      if (ended) throw ended
      const id = ++count
      return request(id, () => handle.post({ type: 'call', id, method, args }))
    },
    async end(reason: Error) {
      ended = reason
      // First: Deno reports the end of the worker within `terminate`.
      rejectAll(reason)
      setStop(stop)
      handle.terminate()
    }
  }
  return connection as unknown as Connection<S>
}
