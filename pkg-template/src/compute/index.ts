/** Runs AO's process modules here: the same messages give the same results as at a compute unit. */

import { AoError } from '../errors.js'
import { hasWebAssembly } from '../wasm/lazy-module.js'
import { loadError } from '../wasm/load-error.js'
import { needsMemory64, supportsMemory64 } from '../wasm/memory64.js'
import { copyOf, expected, optional } from './arguments.js'
import { findWorker } from './engines.js'
import { type ModuleRecord, type ProcessRecord, Runtime, runtimeInPlace } from './runtime.js'
import type { Creation, ModuleSettings } from './service.js'
import { bytesOf, formatOf } from './source.js'
import type {
  Engine,
  Environment,
  EvaluationOptions,
  LoadOptions,
  Module,
  ModuleSource,
  Process,
  ProcessEvaluation,
  ProcessMessage
} from './types.js'

export type {
  Engine,
  Environment,
  EnvironmentEntry,
  EvaluationOptions,
  LoadOptions,
  Module,
  ModuleSource,
  Process,
  ProcessEvaluation,
  ProcessMessage,
  Progress,
  TaggedModule
} from './types.js'

const ENGINES = ['auto', 'wasmi', 'native']

/**
 * Loads a module: from its bytes, from a `Response` or an address, or from Arweave by its id. The first call fetches the
 * engine.
 *
 * @example
 * const module = await loadModule('/aos.wasm')
 * const process = await module.instantiate({ Process: { Id, Owner, Tags: [] }, Module: { Id: moduleId } })
 * const { Output } = await process.handle({ Id: id, From: Owner, Owner, Target: Id, Timestamp: Date.now(),
 *   Tags: [{ name: 'Action', value: 'Eval' }], Data: 'return 1 + 1' })
 *
 * @throws `BAD_MODULE` when the bytes are not a module; `UNSUPPORTED` when the module needs what the engine lacks, when
 * `format` is not known, where WebAssembly is missing or not allowed, and where no worker can be started although `worker` is
 * `true`; `OUT_OF_MEMORY` when the module starts with more than
 * `memoryLimit`; `HTTP_NETWORK` or `HTTP_STATUS` when it cannot be fetched; `BAD_ARGUMENT`; the signal's reason.
 */
export async function loadModule(module: ModuleSource, options: LoadOptions = {}): Promise<Module> {
  const { engine = 'auto', format = formatOf(module), computeLimit, memoryLimit, worker } = options
  if (!ENGINES.includes(engine)) throw expected('engine', ENGINES.join(', '), engine)
  optional(format, 'format', 'string')
  checkLimit(computeLimit, 'computeLimit')
  checkLimit(memoryLimit, 'memoryLimit')
  const onProgress = optional(options.onProgress, 'onProgress', 'function')
  optional(options.gateway, 'gateway', 'string')
  optional(options.fetch, 'fetch', 'function')
  if (!hasWebAssembly()) throw loadError()
  const settings = { bytes: await bytesOf(module, options), format, computeLimit, memoryLimit }
  const load = (engine: Engine) => loadOn(engine, settings, worker, onProgress)
  if (engine !== 'auto') return load(engine)
  // Each engine is a download of its own: the second one is fetched only where the first cannot run the module.
  if (needsMemory64(settings.bytes) && !supportsMemory64()) return load('wasmi')
  try {
    return await load('native')
  } catch (error) {
    if (!(error instanceof AoError) || error.code !== 'UNSUPPORTED') throw error
    return load('wasmi')
  }
}

async function loadOn(
  engine: Engine,
  settings: ModuleSettings,
  worker: boolean | undefined,
  onProgress: LoadOptions['onProgress']
): Promise<Module> {
  const open = worker === false ? undefined : await findWorker(engine, worker)
  const runtime = open ? new Runtime(open, true) : runtimeInPlace(engine)
  try {
    return new LoadedModule(runtime, await runtime.load(settings, onProgress), open !== undefined)
  } catch (error) {
    if (open) await runtime.close()
    throw error
  }
}

class LoadedModule implements Module {
  readonly format
  readonly engine
  readonly worker
  readonly #runtime: Runtime
  readonly #record: ModuleRecord

  constructor(runtime: Runtime, { record, format, engine }: Awaited<ReturnType<Runtime['load']>>, worker: boolean) {
    this.#runtime = runtime
    this.#record = record
    this.format = format
    this.engine = engine
    this.worker = worker
  }

  async instantiate(environment: Environment) {
    return this.#create('instantiate', environment)
  }

  async resume(environment: Environment, snapshot: Uint8Array | ArrayBuffer) {
    return this.#create('resume', environment, copied(snapshot, 'snapshot'))
  }

  async resumeCheckpoint(environment: Environment, checkpoint: Uint8Array | ArrayBuffer) {
    return this.#create('resumeCheckpoint', environment, copied(checkpoint, 'checkpoint'))
  }

  async close() {
    // A worker has one module, the caller's thread may have several.
    await (this.worker ? this.#runtime.close() : this.#runtime.unload(this.#record))
  }

  async #create(how: Creation, environment: Environment, image?: Uint8Array): Promise<Process> {
    const text = json(environment, 'environment')
    return new RunningProcess(this.#runtime, await this.#runtime.create(how, this.#record, text, image))
  }
}

class RunningProcess implements Process {
  readonly #runtime: Runtime
  readonly #record: ProcessRecord

  constructor(runtime: Runtime, record: ProcessRecord) {
    this.#runtime = runtime
    this.#record = record
  }

  async handle(message: ProcessMessage, options?: EvaluationOptions) {
    return this.#evaluate('handle', message, options)
  }

  async dryrun(message: ProcessMessage, options?: EvaluationOptions) {
    return this.#evaluate('dryrun', message, options)
  }

  async snapshot() {
    return this.#runtime.snapshot(this.#record)
  }

  async checkpoint() {
    return this.#runtime.read('checkpoint', this.#record)
  }

  async memoryHash() {
    return this.#runtime.read('memoryHash', this.#record)
  }

  async close() {
    await this.#runtime.free(this.#record)
  }

  async #evaluate(
    verb: 'handle' | 'dryrun',
    message: ProcessMessage,
    { signal }: EvaluationOptions = {}
  ): Promise<ProcessEvaluation> {
    return JSON.parse(await this.#runtime.evaluate(verb, this.#record, json(message, 'message'), signal))
  }
}

function copied(bytes: unknown, name: string): Uint8Array {
  const copy = copyOf(bytes, name)
  if (copy) return copy
  throw expected(name, 'Uint8Array or ArrayBuffer', bytes)
}

function json(value: object, name: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(name, 'object', value)
  try {
    return JSON.stringify(value)
  } catch (cause) {
    const message = `'${name}': Cannot be written as JSON: ${(cause as Error).message}`
    throw new AoError('BAD_ARGUMENT', message, { cause })
  }
}

function checkLimit(value: unknown, name: string): void {
  if (value !== undefined && !(typeof value === 'number' && value > 0)) throw expected(name, 'positive number', value)
}
