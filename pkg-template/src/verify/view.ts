// A view as its users see it, on a service in place or in a worker.

import { expected } from '../compute/arguments.js'
import { AoError } from '../errors.js'
import type { Bytes, Data, Evaluation } from '../types.js'
import type { Connection } from '../worker/client.js'
import { Queue } from '../worker/queue.js'
import { proofOf } from './proof.js'
import type { RunEvent } from './run.js'
import type { Answered, PlainMessage, ViewService } from './service.js'
import type {
  AdvanceOptions,
  FollowOptions,
  FollowProgress,
  PreviewMessage,
  PreviewOptions,
  Proof,
  Proven,
  SlotReport,
  View
} from './types.js'

type OnProgress = ((progress: FollowProgress) => void) | undefined

/** Who listens to a run. */
interface Listener {
  onProgress: OnProgress
  onReports?: ((reports: string[]) => void) | undefined
}

/** Receives the events of runs, for the view that does not exist yet when the service starts. */
export class Listeners {
  readonly #listeners = new Map<number, Listener>()
  slot = -1

  add(run: number, listener: Listener): void {
    this.#listeners.set(run, listener)
  }

  remove(run: number): void {
    this.#listeners.delete(run)
  }

  receive = (events: readonly unknown[]): void => {
    for (const event of events as readonly RunEvent[]) {
      const listener = this.#listeners.get(event.run)
      if ('reports' in event) {
        listener?.onReports?.(event.reports)
        continue
      }
      const { slot, of, phase } = event
      this.slot = slot
      try {
        listener?.onProgress?.({ slot, of, phase })
      } catch {
        // An error of the caller's must not stop the view.
      }
    }
  }
}

export class FollowedView implements View {
  readonly process: string
  readonly worker: boolean
  readonly #connection: Connection<ViewService>
  readonly #listeners: Listeners
  readonly #age: FollowOptions['age']
  readonly #onProgress: OnProgress
  readonly #queue = new Queue()
  #count = 0
  #closed = false

  /** @param onProgress Is told of all work, unless a call names another. */
  constructor(
    process: string,
    connection: Connection<ViewService>,
    listeners: Listeners,
    age: FollowOptions['age'],
    onProgress: OnProgress
  ) {
    this.process = process
    this.worker = connection.worker
    this.#connection = connection
    this.#listeners = listeners
    this.#age = age
    this.#onProgress = onProgress
  }

  get slot(): number {
    return this.#listeners.slot
  }

  /** Finds the process, and the state to begin with. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    this.#listeners.slot = await this.#run(signal, { onProgress: this.#onProgress }, (run) =>
      this.#connection.call('open', run)
    )
  }

  async advance({ to, unit = true, signal, onProgress = this.#onProgress }: AdvanceOptions = {}): Promise<Proof> {
    return this.#advance(checkedSlot(to), unit, signal, { onProgress })
  }

  async *slots({
    to,
    unit = true,
    signal,
    onProgress = this.#onProgress
  }: AdvanceOptions = {}): AsyncIterableIterator<SlotReport> {
    const slot = checkedSlot(to)
    let reports: string[] = []
    let arrived = () => {}
    const abort = new AbortController()
    const onAbort = () => abort.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    let run = 0
    const onReports = (more: string[]) => {
      reports.push(...more)
      arrived()
    }
    let isOver = false
    let failure: { error: unknown } | undefined
    const started = (number: number) => {
      run = number
    }
    this.#advance(slot, unit, abort.signal, { onProgress, onReports }, started)
      .catch((error: unknown) => {
        failure = { error }
      })
      .finally(() => {
        isOver = true
        arrived()
      })
    try {
      for (;;) {
        const taken = reports
        reports = []
        for (const report of taken) {
          abort.signal.throwIfAborted()
          yield JSON.parse(report) as SlotReport
        }
        if (taken.length > 0 && !isOver) this.#tell('more', run, taken.length)
        if (reports.length > 0) continue
        if (isOver) break
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
      if (failure) throw failure.error
    } finally {
      signal?.removeEventListener('abort', onAbort)
      abort.abort()
    }
  }

  async dryrun(
    message: PreviewMessage,
    { unit = false, advance = false, signal }: PreviewOptions = {}
  ): Promise<Proven<Evaluation>> {
    if (typeof message !== 'object' || message === null) throw expected('message', 'object', message)
    const { id, from, anchor, data, tags = [] } = message
    for (const [name, value] of Object.entries({ id, from, anchor }))
      if (value !== undefined && typeof value !== 'string') throw expected(name, 'string', value)
    const text = data === undefined ? undefined : await textOf(data)
    const plain = tags.map(({ name, value }) => ({ name: String(name), value: String(value) }))
    const plainMessage: PlainMessage = [this.process, id, from, anchor, text, JSON.stringify(plain), !!unit]
    const listener = advance ? { onProgress: this.#onProgress } : undefined
    const answer = await this.#answer(
      signal,
      (run) => this.#connection.call('dryrun', run, plainMessage, !!advance),
      listener
    )
    this.#listeners.slot = answer.proof.slot
    return answer
  }

  async result(
    slot: number | string,
    { unit = true, signal }: { unit?: boolean; signal?: AbortSignal } = {}
  ): Promise<Proven<Evaluation>> {
    if (typeof slot !== 'string' && !Number.isSafeInteger(slot)) throw expected('slot', 'number or id', slot)
    return this.#answer(signal, (run) => this.#connection.call('result', run, String(slot), !!unit))
  }

  async read(path: string): Promise<unknown> {
    if (typeof path !== 'string') throw expected('path', 'string', path)
    const [value] = await this.#run(undefined, undefined, () => this.#connection.call('read', path))
    return JSON.parse(value)
  }

  async proof(): Promise<Proof> {
    return proofOf(await this.#run(undefined, undefined, () => this.#connection.call('proof')), this.#age)
  }

  export(): Promise<Bytes> {
    return this.#run(undefined, undefined, () => this.#connection.call('export'))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#queue.drained()
    await this.#connection.end(closed())
  }

  async #advance(
    to: number | undefined,
    unit: boolean,
    signal: AbortSignal | undefined,
    listener: Listener,
    started?: (run: number) => void
  ): Promise<Proof> {
    const reports = listener.onReports !== undefined
    const [slot, proof] = await this.#run(signal, listener, (run) => {
      started?.(run)
      return this.#connection.call('advance', run, to, unit, reports)
    })
    this.#listeners.slot = slot
    return proofOf(proof, this.#age)
  }

  async #answer(
    signal: AbortSignal | undefined,
    job: (run: number) => Promise<Answered>,
    listener?: Listener
  ): Promise<Proven<Evaluation>> {
    const [result, proof] = await this.#run(signal, listener, job)
    return { ...(JSON.parse(result) as Evaluation), proof: proofOf(proof, this.#age) }
  }

  /** Runs a job in its turn. It rejects as soon as the signal is aborted; the service then ends the job by itself. */
  #run<T>(
    signal: AbortSignal | undefined,
    listener: Listener | undefined,
    job: (run: number) => Promise<T>
  ): Promise<T> {
    const run = ++this.#count
    let isStarted = false
    const result = this.#queue.run(async () => {
      signal?.throwIfAborted()
      if (this.#closed) throw closed()
      isStarted = true
      if (listener) this.#listeners.add(run, listener)
      return job(run).finally(() => this.#listeners.remove(run))
    })
    if (!signal) return result
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => {
        reject(signal.reason)
        if (isStarted) this.#tell('cancel', run)
      }
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) onAbort()
      result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    })
  }

  /** Tells the service something about a run that is under way. */
  #tell(...told: ['cancel', number] | ['more', number, number]): void {
    const [method, run, count = 0] = told
    const call = method === 'cancel' ? this.#connection.call('cancel', run) : this.#connection.call('more', run, count)
    // The run itself reports what is wrong.
    call.catch(() => {})
  }
}

export const closed = (): AoError => new AoError('STOPPED', 'The view is closed')

function checkedSlot(to: unknown): number | undefined {
  if (to === undefined) return undefined
  if (typeof to !== 'number' || !Number.isSafeInteger(to) || to < 0) throw expected('to', 'number of a slot', to)
  return to
}

async function textOf(data: Data): Promise<string> {
  if (typeof data === 'string') return data
  const bytes = data instanceof Blob ? await data.arrayBuffer() : data
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new AoError('BAD_ARGUMENT', "'data': A dryrun takes text, and these bytes are not UTF-8.", { cause })
  }
}
