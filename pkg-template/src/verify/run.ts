// One call of a view that takes time: it reports, gives other work its turn, and can be cancelled.

/** What a run reports. */
export type RunEvent =
  | { run: number; slot: number; of: number; phase: 'schedule' | 'messages' | 'evaluation' }
  /** Reports of messages, as JSON. */
  | { run: number; reports: string[] }

/** Milliseconds between two events of progress. */
const PROGRESS = 50

/** Reports that are sent before the other thread has taken some. */
const UNTAKEN = 32

/** Lets other work of this thread run. */
const turn = () =>
  new Promise<void>((resolve) => {
    // Timers wait for 1 ms in Node.js, and for 4 ms in browsers.
    const { setImmediate } = globalThis as { setImmediate?: (job: () => void) => void }
    if (setImmediate) setImmediate(resolve)
    else setTimeout(resolve)
  })

export class Run {
  readonly number: number
  readonly #slice: number
  readonly #tell: (event: RunEvent) => void
  readonly #abort = new AbortController()
  #turnAt = performance.now()
  #toldAt = 0
  #pending: RunEvent | undefined
  #reports: string[] = []
  /** Reports that may be made before the other thread takes some. */
  #left = Number.POSITIVE_INFINITY
  #goOn: (() => void) | undefined

  constructor(number: number, slice: number, tell: (event: RunEvent) => void) {
    this.number = number
    this.#slice = slice
    this.#tell = tell
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Whether the other thread takes reports. */
  limit(reports: boolean): void {
    if (reports) this.#left = UNTAKEN
  }

  cancel(): void {
    this.#abort.abort()
    this.#goOn?.()
  }

  more(count: number): void {
    this.#left += count
    this.#goOn?.()
  }

  end(): void {
    this.#flush()
  }

  progress = (slot: number, of: number, phase: 'schedule' | 'messages' | 'evaluation'): void => {
    this.#pending = { run: this.number, slot, of, phase }
    if (performance.now() - this.#toldAt >= PROGRESS) this.#flush()
  }

  /** Called after each message. The work goes on when what it returns is settled. */
  evaluated = (report: string | undefined): Promise<void> | undefined => {
    this.signal.throwIfAborted()
    if (report !== undefined) {
      this.#reports.push(report)
      this.#left -= 1
    }
    const isDue = performance.now() - this.#turnAt >= this.#slice
    return isDue || this.#left <= 0 ? this.#pause() : undefined
  }

  async #pause() {
    this.#flush()
    await turn()
    while (this.#left <= 0 && !this.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#goOn = resolve
      })
    this.#turnAt = performance.now()
    this.signal.throwIfAborted()
  }

  #flush() {
    if (this.#reports.length > 0) this.#tell({ run: this.number, reports: this.#reports })
    this.#reports = []
    if (this.#pending) this.#tell(this.#pending)
    this.#pending = undefined
    this.#toldAt = performance.now()
  }
}
