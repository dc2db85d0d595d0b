// The side of a view that has the WebAssembly, in place or in a worker.

import { bytesOf } from '../compute/source.js'
import { openStorage, type StorageOption } from '../local/storage/index.js'
import type { Bytes } from '../types.js'
import type { Bindings } from '../wasm/instantiate.js'
import type { LazyModule } from '../wasm/lazy-module.js'
import type * as Verify from '../wasm/verify.js'
import type { Report } from '../worker/server.js'
import { Run, type RunEvent } from './run.js'

/** The generated bindings, as far as both artefacts have them. */
export type VerifyLib = Bindings &
  Pick<typeof Verify, 'setStop'> & { ProcessView: Pick<typeof Verify.ProcessView, 'open'> }

export interface ServiceOptions {
  /** The options of the bindings, as JSON. */
  settings: string
  module: Uint8Array | undefined
  view: Uint8Array | undefined
  storage: StorageOption
  /** The name of the store in IndexedDB. */
  name: string
  /** Whether requests go through the caller's own `fetch`. */
  hasOwnFetch: boolean
}

/** What a call for an answer returns: the result and the proof, both as JSON. */
export type Answered = [result: string, proof: string]

/** The arguments of a dryrun, in the order of the bindings. */
export type PlainMessage = [
  process: string,
  id: string | undefined,
  owner: string | undefined,
  anchor: string | undefined,
  data: string | undefined,
  tags: string,
  asks: boolean
]

/** Calls have numbers, with which they are cancelled. One call is made at a time, but for `cancel` and `more`. */
export interface ViewService {
  /** Must be the first call. It opens nothing yet. */
  configure(options: ServiceOptions): void
  /** Finds the process, and the state to begin with. Returns the last slot. */
  open(run: number): Promise<number>
  /** Reports events with the number of the run. Returns the last slot, and the proof as JSON. */
  advance(run: number, to: number | undefined, asks: boolean, reports: boolean): Promise<[slot: number, proof: string]>
  /** Ends a run, after the message that it evaluates. */
  cancel(run: number): void
  /** Lets a run report more messages. */
  more(run: number, count: number): void
  /** `advances`: after what is new in the schedule. */
  dryrun(run: number, message: PlainMessage, advances: boolean): Promise<Answered>
  result(run: number, message: string, asks: boolean): Promise<Answered>
  /** Returns a value as JSON, and the proof. */
  read(path: string): Promise<Answered>
  proof(): Promise<string>
  export(): Promise<Bytes>
  /** Frees the view's memory. */
  free(): Promise<void>
}

/**
 * The service on an artefact that starts again after a crash: see lazy-module.ts.
 *
 * @param slice Milliseconds of work after which other work on this thread gets its turn.
 * @param ownFetch The caller's `fetch`. `undefined`: the runtime's.
 */
export function createService(
  engine: LazyModule<VerifyLib>,
  report: Report,
  slice: number,
  ownFetch: typeof fetch | undefined
): ViewService {
  let options: ServiceOptions
  let storage: ReturnType<typeof openStorage>
  /** The view in the current instance of the artefact. */
  let current: { instance: object; view: Verify.ProcessView } | undefined
  let running: Run | undefined

  const fetchHere = () => (options.hasOwnFetch ? ownFetch : undefined)
  const download = (url: string, signal: AbortSignal | undefined) =>
    bytesOf(url, { fetch: fetchHere() ?? globalThis.fetch, ...(signal ? { signal } : {}) })

  async function opened(lib: VerifyLib, signal: AbortSignal): Promise<Verify.ProcessView> {
    const { settings, module, view } = options
    const kept = options.storage === 'memory' ? undefined : storage.storage
    return lib.ProcessView.open(settings, module, view, kept, fetchHere(), download, signal)
  }

  /** Runs a job that can be cancelled. */
  function run<T>(number: number, job: (view: Verify.ProcessView, run: Run) => T | Promise<T>): Promise<T> {
    return engine.run(async (instance) => {
      const own = new Run(number, slice, (event: RunEvent) => report([event]))
      running = own
      try {
        // After a crash the instance is another one, and empty.
        if (current?.instance !== instance) current = { instance, view: await opened(instance.lib, own.signal) }
        return await job(current.view, own)
      } finally {
        own.end()
        running = undefined
      }
    })
  }

  return {
    configure(given) {
      options = given
      storage = openStorage(given.storage, given.name)
    },
    open: (number) => storage.exclusively(() => run(number, (view) => view.slot())),
    advance: (number, to, asks, reports) =>
      storage.exclusively(() =>
        run(number, async (view, own): Promise<[number, string]> => {
          own.limit(reports)
          const proof = await view.advance(to, asks, own.signal, own.progress, own.evaluated, reports)
          return [view.slot(), proof]
        })
      ),
    cancel(number) {
      if (running?.number === number) running.cancel()
    },
    more(number, count) {
      if (running?.number === number) running.more(count)
    },
    dryrun(number, message, advances) {
      if (!advances) return run(number, (view, { signal }) => view.dryrun(...message, signal) as Promise<Answered>)
      return storage.exclusively(() =>
        run(
          number,
          (view, own) => view.dryrun(...message, own.signal, own.progress, own.evaluated) as Promise<Answered>
        )
      )
    },
    result: (number, message, asks) =>
      run(number, (view, { signal }) => view.result(message, asks, signal) as Promise<Answered>),
    read: (path) => run(0, (view) => view.read(path) as Answered),
    proof: () => run(0, (view) => view.proof()),
    export: () => run(0, (view) => view.export() as Bytes),
    async free() {
      const last = current
      current = undefined
      // An instance that crashed took its view with it.
      await engine.run(async (instance) => {
        if (last?.instance === instance) last.view.free()
      })
    }
  }
}
