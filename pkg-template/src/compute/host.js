// Where modules and their processes live: behind one line to the engine (see compute-line.js), which may be cut. What was
// behind it is then made anew on the next line, from what is kept here: a module from its bytes, a process from its last
// image, or from its environment when it has heard nothing yet.

import { openInPlace } from './engines.js'
import { AoError } from '../errors.js'

let count = 0

export class Host {
  #open
  /** Whether a line can be cut while it is busy. */
  #stoppable
  #line
  #processes = new Set()
  /** The end of the queue: the engine does one thing at a time. */
  #last = Promise.resolve()
  #closed = false

  constructor(open, stoppable) {
    this.#open = open
    this.#stoppable = stoppable
  }

  /** A module, still to be loaded. */
  program(facts) {
    return { ...facts, id: ++count, line: undefined, closed: false }
  }

  load(program) {
    return this.#queue(() => this.#load(program))
  }

  /** A process, by the verb that makes it. */
  begin(program, verb, environment, image) {
    return this.#queue(async () => {
      if (program.closed) throw stopped('The module is closed')
      await this.#load(program)
      program.onProgress?.({ phase: 'booting' })
      const process = { id: ++count, program, environment, image: undefined, line: undefined, changed: false }
      await this.#send({ verb, module: program.id, process: process.id, environment, image })
      process.line = this.#line
      if (verb === 'resume') process.image = image
      // There may be a lot of it, in a form that is not ours.
      if (verb === 'resumeCheckpoint') process.changed = true
      this.#processes.add(process)
      return process
    })
  }

  /** The evaluation as JSON. With a signal it can be stopped: whatever lives here must outlive the line. */
  evaluate(process, verb, message, signal) {
    return this.#queue(async () => {
      await this.#revive(process)
      if (signal && this.#stoppable) await this.#keepAll()
      signal?.throwIfAborted()
      process.program.onProgress?.({ phase: 'evaluating' })
      const cut = () => this.#cut({ error: { code: 'STOPPED', message: 'The evaluation was stopped' } })
      signal?.addEventListener('abort', cut)
      try {
        const evaluation = await this.#send({ verb, process: process.id, message })
        if (verb === 'handle') process.changed = true
        return evaluation
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      } finally {
        signal?.removeEventListener('abort', cut)
      }
    }, signal)
  }

  snapshot(process) {
    return this.#queue(async () => {
      await this.#revive(process)
      await this.#keep(process)
      return process.image.slice()
    })
  }

  /** A verb that changes nothing. */
  ask(process, verb) {
    return this.#queue(async () => {
      await this.#revive(process)
      return this.#send({ verb, process: process.id })
    })
  }

  free(process) {
    this.#processes.delete(process)
    return this.#queue(async () => {
      if (process.line && process.line === this.#line) await this.#send({ verb: 'free', process: process.id })
    })
  }

  async unload(program) {
    program.closed = true
    for (const process of this.#processes) if (process.program === program) await this.free(process)
    await this.#queue(async () => {
      if (program.line && program.line === this.#line) await this.#send({ verb: 'unload', module: program.id })
    })
  }

  /** Ends everything at once. */
  close() {
    this.#closed = true
    this.#processes.clear()
    this.#cut({ error: { code: 'STOPPED', message: 'The module was closed' } })
  }

  async #load(program) {
    const line = await this.#connect()
    if (program.line === line) return undefined
    program.onProgress?.({ phase: 'compiling' })
    const { id, bytes, format, computeLimit, memoryLimit } = program
    const facts = await this.#send({ verb: 'load', module: id, bytes, format, computeLimit, memoryLimit })
    program.line = line
    return facts
  }

  /** Sees to it that the process is behind the line of now. */
  async #revive(process) {
    if (!this.#processes.has(process)) throw stopped('The process is closed')
    const line = await this.#connect()
    if (process.line === line) return
    if (process.changed)
      throw new AoError('CRASH', 'The process was lost when aoxide crashed: resume it from a snapshot of your own')
    await this.#load(process.program)
    const { id, program, environment, image } = process
    const verb = image ? 'resume' : 'instantiate'
    await this.#send({ verb, module: program.id, process: id, environment, image })
    process.line = line
  }

  /** Takes the image of a process, unless the one at hand is still its own. */
  async #keep(process) {
    if (process.image && !process.changed) return
    process.image = await this.#send({ verb: 'snapshot', process: process.id })
    process.changed = false
  }

  async #keepAll() {
    for (const process of this.#processes) if (process.changed && process.line === this.#line) await this.#keep(process)
  }

  async #connect() {
    if (this.#closed) throw stopped('The module is closed')
    this.#line ??= await this.#open()
    if (this.#closed) this.#cut()
    return this.#line
  }

  async #send(request) {
    if (this.#closed) throw stopped('The module is closed')
    const { value, error, crash } = await this.#line.send(request)
    if (error) throw new AoError(error.code, error.message, { details: error.details, cause: error.cause })
    if (crash !== undefined) {
      this.#cut()
      throw new AoError('CRASH', `aoxide crashed: ${crash}. Please report this; the next call starts afresh.`)
    }
    return value
  }

  #cut(answer) {
    this.#line?.end(answer)
    this.#line = undefined
  }

  #queue(job, signal) {
    const turn = this.#last.then(() => {
      signal?.throwIfAborted()
      return job()
    })
    this.#last = turn.catch(() => {})
    return signal ? soon(turn, signal) : turn
  }
}

/** The promise, or the signal's reason as soon as it is there. */
function soon(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

const stopped = (message) => new AoError('STOPPED', message)

/** The hosts of all modules that run on the caller's own thread, by engine. */
const onThisThread = {}

export const inPlace = (engine) => (onThisThread[engine] ??= new Host(() => openInPlace(engine), false))
