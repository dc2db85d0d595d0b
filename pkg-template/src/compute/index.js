// Process modules run here. What is exported is described in compute.d.ts.

import { Host, inPlace } from './host.js'
import { findWorker } from './engines.js'
import { bytesOf, copyOf } from './source.js'
import { AoError } from '../errors.js'
import { needsMemory64, supportsMemory64 } from '../wasm/memory64.js'

const ENGINES = ['auto', 'wasmi', 'native']

export async function loadModule(source, options = {}) {
  const { engine = 'auto', format, computeLimit, memoryLimit, worker = true, onProgress } = options
  if (!ENGINES.includes(engine)) throw expected('engine', ENGINES.join(', '), engine)
  const facts = {
    format: optional(format, 'format', 'string'),
    computeLimit: limit(computeLimit, 'computeLimit'),
    memoryLimit: limit(memoryLimit, 'memoryLimit'),
    onProgress: optional(onProgress, 'onProgress', 'function')
  }
  optional(options.gateway, 'gateway', 'string')
  optional(options.fetch, 'fetch', 'function')
  facts.bytes = await bytesOf(source, options)
  // Only one of the engines is fetched, if that can be helped.
  if (engine !== 'auto') return load(facts, engine, worker)
  if (needsMemory64(facts.bytes) && !supportsMemory64()) return load(facts, 'wasmi', worker)
  try {
    return await load(facts, 'native', worker)
  } catch (error) {
    if (error.code !== 'UNSUPPORTED') throw error
    return load(facts, 'wasmi', worker)
  }
}

async function load(facts, engine, worker) {
  const open = worker ? await findWorker(engine) : undefined
  const host = open ? new Host(open, true) : inPlace(engine)
  const program = host.program(facts)
  try {
    return new Module(host, program, await host.load(program), open !== undefined)
  } catch (error) {
    if (open) host.close()
    throw error
  }
}

class Module {
  #host
  #program

  constructor(host, program, { format, engine }, worker) {
    this.#host = host
    this.#program = program
    this.format = format
    this.engine = engine
    this.worker = worker
  }

  async instantiate(environment) {
    return this.#begin('instantiate', environment)
  }

  async resume(environment, image) {
    return this.#begin('resume', environment, copy(image, 'image'))
  }

  async resumeCheckpoint(environment, checkpoint) {
    return this.#begin('resumeCheckpoint', environment, copy(checkpoint, 'checkpoint'))
  }

  async close() {
    if (this.worker) this.#host.close()
    else await this.#host.unload(this.#program)
  }

  async #begin(verb, environment, image) {
    const text = json(environment, 'environment')
    return new Process(this.#host, await this.#host.begin(this.#program, verb, text, image))
  }
}

class Process {
  #host
  #state

  constructor(host, state) {
    this.#host = host
    this.#state = state
  }

  async handle(message, options) {
    return this.#evaluate('handle', message, options)
  }

  async dryrun(message, options) {
    return this.#evaluate('dryrun', message, options)
  }

  async snapshot() {
    return this.#host.snapshot(this.#state)
  }

  async checkpoint() {
    return this.#host.ask(this.#state, 'checkpoint')
  }

  async memoryHash() {
    return this.#host.ask(this.#state, 'memoryHash')
  }

  async close() {
    return this.#host.free(this.#state)
  }

  async #evaluate(verb, message, { signal } = {}) {
    const text = json(message, 'message')
    return JSON.parse(await this.#host.evaluate(this.#state, verb, text, signal))
  }
}

/** Bytes of our own: the caller may change his. */
function copy(bytes, name) {
  const copied = copyOf(bytes, name)
  if (copied) return copied
  throw expected(name, 'Uint8Array or ArrayBuffer', bytes)
}

function json(value, name) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(name, 'object', value)
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw new AoError('BAD_ARGUMENT', `'${name}': Cannot be written as JSON: ${cause.message}`, { cause })
  }
}

function limit(value, name) {
  if (value !== undefined && !(typeof value === 'number' && value > 0)) throw expected(name, 'positive number', value)
  return value
}

function optional(value, name, type) {
  if (value !== undefined && typeof value !== type) throw expected(name, type, value)
  return value
}

function expected(name, type, value) {
  const received = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return new AoError('BAD_ARGUMENT', `'${name}': Expected ${type}, received ${received}.`)
}
