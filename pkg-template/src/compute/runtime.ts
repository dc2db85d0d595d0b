// Runs modules and processes on a connection to an engine, which may end at any time: by a crash, or because an evaluation
// is stopped. On the next connection they are restored from what is kept here: a module from its bytes, a process from its
// last snapshot, or from its environment while it has not evaluated a message.

import { AoError } from '../errors.js'
import type { Connection, Open } from '../worker/client.js'
import { Queue } from '../worker/queue.js'
import { Supervisor } from '../worker/supervisor.js'
import { openInPlace } from './engines.js'
import type { ComputeService, Creation, ModuleSettings } from './service.js'
import type { Bytes } from '../types.js'
import type { Engine, Progress } from './types.js'

type ComputeConnection = Connection<ComputeService>

/** A module, and the connection on which it is loaded. */
export interface ModuleRecord {
  readonly id: number
  readonly settings: ModuleSettings
  readonly onProgress: ((progress: Progress) => void) | undefined
  connection: ComputeConnection | undefined
  closed: boolean
}

/** A process, and the connection on which it lives. */
export interface ProcessRecord {
  readonly id: number
  readonly module: ModuleRecord
  readonly environment: string
  image: Uint8Array | undefined
  connection: ComputeConnection | undefined
  /** Whether the state differs from the image, or from that of a new process. */
  changed: boolean
}

let count = 0

export class Runtime {
  /** Whether an evaluation can be stopped while it runs. */
  readonly #stoppable: boolean
  readonly #supervisor: Supervisor<ComputeService>
  readonly #processes = new Set<ProcessRecord>()
  /** The engine does one thing at a time. */
  readonly #queue = new Queue()

  constructor(open: Open<ComputeService>, stoppable: boolean) {
    this.#stoppable = stoppable
    this.#supervisor = new Supervisor(open, (message) => {
      const advice = 'Please report this; the next call starts afresh.'
      return new AoError('CRASH', `aoxide crashed: ${message}. ${advice}`)
    })
  }

  load(settings: ModuleSettings, onProgress?: (progress: Progress) => void) {
    return this.#queue.run(async () => {
      const record: ModuleRecord = { id: ++count, settings, onProgress, connection: undefined, closed: false }
      const { format, engine } = await this.#send(record, await this.#supervisor.connect())
      return { record, format, engine }
    })
  }

  create(how: Creation, module: ModuleRecord, environment: string, image?: Uint8Array): Promise<ProcessRecord> {
    return this.#queue.run(async () => {
      if (module.closed) throw stopped('The module is closed')
      await this.#load(module)
      module.onProgress?.({ phase: 'booting' })
      const process: ProcessRecord = {
        id: ++count,
        module,
        environment,
        image: how === 'resume' ? image : undefined,
        connection: module.connection,
        // A checkpoint may be large, and cannot be given to `resume`.
        changed: how === 'resumeCheckpoint'
      }
      await this.#supervisor.call('create', how, module.id, process.id, environment, image)
      this.#processes.add(process)
      return process
    })
  }

  /** @returns The evaluation as JSON. */
  evaluate(verb: 'handle' | 'dryrun', process: ProcessRecord, message: string, signal?: AbortSignal): Promise<string> {
    const evaluation = this.#queue.run(async () => {
      signal?.throwIfAborted()
      await this.#restore(process)
      // A stop ends the connection, and with it the state of every process on it.
      if (signal && this.#stoppable) await this.#saveAll()
      signal?.throwIfAborted()
      process.module.onProgress?.({ phase: 'evaluating' })
      const stop = () => {
        if (this.#stoppable) void this.#supervisor.stop(stopped('The evaluation was stopped'))
      }
      signal?.addEventListener('abort', stop)
      try {
        const evaluated = await this.#supervisor.call(verb, process.id, message)
        if (verb === 'handle') process.changed = true
        return evaluated
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    })
    return signal ? orAborted(evaluation, signal) : evaluation
  }

  snapshot(process: ProcessRecord): Promise<Bytes> {
    return this.#queue.run(async () => {
      await this.#restore(process)
      return (await this.#save(process)).slice()
    })
  }

  /** Calls a method that changes nothing. */
  read(verb: 'checkpoint' | 'memoryHash', process: ProcessRecord): Promise<Bytes> {
    return this.#queue.run(async () => {
      await this.#restore(process)
      return this.#supervisor.call(verb, process.id)
    })
  }

  free(process: ProcessRecord): Promise<void> {
    this.#processes.delete(process)
    return this.#queue.run(async () => {
      if (this.#supervisor.isCurrent(process.connection)) await this.#supervisor.call('free', process.id)
    })
  }

  /** Frees a module and its processes. The engine stays: it may have other modules. */
  async unload(module: ModuleRecord): Promise<void> {
    module.closed = true
    for (const process of this.#processes) if (process.module === module) await this.free(process)
    await this.#queue.run(async () => {
      if (this.#supervisor.isCurrent(module.connection)) await this.#supervisor.call('unload', module.id)
    })
  }

  /** Ends the engine, and everything on it, at once. */
  close(): Promise<void> {
    this.#processes.clear()
    return this.#supervisor.close(stopped('The module is closed'))
  }

  /** Loads a module on the current connection, unless it is there. */
  async #load(module: ModuleRecord): Promise<void> {
    const connection = await this.#supervisor.connect()
    if (module.connection !== connection) await this.#send(module, connection)
  }

  async #send(module: ModuleRecord, connection: ComputeConnection) {
    module.onProgress?.({ phase: 'compiling' })
    const facts = await this.#supervisor.call('load', module.id, module.settings)
    module.connection = connection
    return facts
  }

  /** Restores a process, unless it lives on the current connection. */
  async #restore(process: ProcessRecord): Promise<void> {
    if (!this.#processes.has(process)) throw stopped('The process is closed')
    const connection = await this.#supervisor.connect()
    if (process.connection === connection) return
    if (process.changed) {
      const message = 'The process was lost when aoxide crashed. Resume it from a snapshot that you took before'
      throw new AoError('CRASH', message)
    }
    const { id, module, environment, image } = process
    await this.#load(module)
    await this.#supervisor.call('create', image ? 'resume' : 'instantiate', module.id, id, environment, image)
    process.connection = connection
  }

  /** Takes a snapshot of a process, unless its state is still that of the last one. */
  async #save(process: ProcessRecord): Promise<Uint8Array> {
    if (process.image && !process.changed) return process.image
    process.image = await this.#supervisor.call('snapshot', process.id)
    process.changed = false
    return process.image
  }

  async #saveAll(): Promise<void> {
    for (const process of this.#processes) {
      if (process.changed && this.#supervisor.isCurrent(process.connection)) await this.#save(process)
    }
  }
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it is aborted. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

const stopped = (message: string) => new AoError('STOPPED', message)

/** The engines on the caller's own thread. All modules that run there share them. */
const onThisThread: Partial<Record<Engine, Runtime>> = {}

export const runtimeInPlace = (engine: Engine): Runtime =>
  (onThisThread[engine] ??= new Runtime(() => openInPlace(engine), false))
