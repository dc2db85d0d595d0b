/** Runs jobs one after the other, in the order of the calls. A job that fails does not stop the next one. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(job: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(job)
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Resolves when the jobs that are queued now have ended. */
  async drained(): Promise<void> {
    await this.#last
  }
}
