// Where a local network runs: on the caller's thread, or behind a line to a worker, which may end at any time.

import { AoError } from '../errors.js'
import { Core } from './core.js'
import { engineFor } from './engines.js'

/** A core, or what stands for one that is in a worker. */
export async function hostFor(options, worker) {
  const { engine, findWorker } = engineFor(options.facts.engine)
  const open = worker ? await findWorker() : undefined
  return open ? new Remote(open, options) : new Core(engine, options)
}

class Remote {
  worker = true
  #open
  #options
  #line
  /** Why there will be no other line. */
  #lost

  constructor(open, options) {
    this.#open = open
    this.#options = options
  }

  async run(...call) {
    if (this.#lost) throw new AoError('STOPPED', this.#lost)
    if (!this.#line) {
      this.#line = await this.#open()
      await this.#send(this.#options)
    }
    return this.#send(call)
  }

  async end() {
    this.#line?.end({ error: { code: 'STOPPED', message: 'The network is closed' } })
    this.#line = undefined
  }

  async #send(request) {
    const answer = await this.#line.send(request)
    const { error, crash } = answer
    if (error) throw new AoError(error.code, error.message, { details: error.details, cause: error.cause })
    if (crash === undefined) return answer
    await this.end()
    if (this.#options.storage === 'memory') this.#lost = 'The network is gone, with the worker that had it in memory'
    throw new AoError(
      'CRASH',
      `The worker of the network ended: ${crash}. ${this.#lost ?? 'The next call starts another'}`
    )
  }
}
