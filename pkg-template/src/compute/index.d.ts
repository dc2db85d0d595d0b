/** AO's process modules, run here: the same messages give the same results as at a compute unit. */
import type { Bytes, OutboxMessage, Tag } from '../types.js'

/** What runs a module. */
export type Engine = 'wasmi' | 'native'

export interface LoadOptions {
  /**
   * `'native'` is the host's own WebAssembly: by far the fastest. `'wasmi'` is an interpreter that comes with this
   * package: it runs the same everywhere, 64-bit modules on old browsers among them. `'auto'`, when left out, is the
   * first that can run the module. Both give the same results, and take each other's snapshots.
   */
  engine?: 'auto' | Engine
  /** The module's tag `Module-Format`. Seen from the bytes, when left out. */
  format?: string
  /**
   * Most that one message may take: gas for modules that are metered; for others, instructions as the engine counts
   * them, which takes time. No limit, when left out.
   */
  computeLimit?: number
  /** Most bytes of memory that a process may have. 1 GiB, when left out. */
  memoryLimit?: number
  /**
   * Whether the module runs in a worker, which keeps the page responsive. It is started by this package; where none can
   * be started (a strict policy, a service worker), the module runs in place: see `worker` of the module. `true`, when
   * left out.
   */
  worker?: boolean
  /** Where a module is fetched from that is given by its id. `https://arweave.net`, when left out. */
  gateway?: string
  /** What fetches a module. The runtime's own, when left out. */
  fetch?: typeof fetch
  /** Ends the fetching of a module. */
  signal?: AbortSignal
  /** Hears of what begins. */
  onProgress?: (progress: Progress) => void
}

export interface Progress {
  /** A module is fetched, and made ready; a process is made; a message is evaluated. */
  phase: 'fetching' | 'compiling' | 'booting' | 'evaluating'
}

/** What a process knows of itself and of its module, for as long as it lives. */
export interface Environment {
  Process: EnvironmentEntry
  Module: EnvironmentEntry
}

export interface EnvironmentEntry {
  /** base64url of 32 bytes. */
  Id: string
  Owner?: string
  Tags?: readonly Tag[]
  [field: string]: unknown
}

/** A message as a compute unit hands it to the module. */
export interface ProcessMessage {
  Id?: string
  /** Who sent it: a process, or the owner. */
  From?: string
  /** Whose key signed it. */
  Owner?: string
  /** The process itself. */
  Target?: string
  Data?: string | number
  Tags?: readonly Tag[]
  /** Milliseconds. Modules read the time from here. */
  Timestamp?: number | string
  'Block-Height'?: number | string
  [field: string]: unknown
}

/** What a message came to: the module's own answer, whose parts may be absent. */
export interface ProcessEvaluation {
  Output?: unknown
  Messages?: OutboxMessage[]
  Spawns?: { Anchor?: string; Data?: string; Tags: Tag[] }[]
  Assignments?: { Message: string; Processes: string[] }[]
  /** What the module says went wrong. The process is then as it was before, as at a compute unit. */
  Error?: unknown
  Patches: unknown[]
  /** What the module counted; 0 when it does not count. */
  GasUsed: number
  /** What ran it. */
  engine: Engine
}

export interface EvaluationOptions {
  /**
   * Stops the evaluation, which then rejects with the signal's reason; all processes are as they were before it. Only a
   * module in a worker can be stopped while it runs. The processes of the module that changed since their last snapshot
   * are saved first, which takes up to a tenth of a second for each.
   */
  signal?: AbortSignal
}

/** A module that is ready to run. Its processes share its compiled form, and its worker. */
export interface Module {
  /** As the tag `Module-Format` has it. */
  readonly format: string
  /** What runs it. */
  readonly engine: Engine
  /** Whether it runs in a worker. */
  readonly worker: boolean
  /**
   * A new process.
   *
   * @throws `BAD_ARGUMENT`; `ENGINE_TRAP`, `OUT_OF_GAS`, `OUT_OF_MEMORY`, `BAD_MODULE` when its start fails; `STOPPED`.
   */
  instantiate(environment: Environment): Promise<Process>
  /**
   * A process as it was when the snapshot was taken, on this machine or another.
   *
   * @throws `BAD_SNAPSHOT` when it is damaged or another module's; otherwise as `instantiate`.
   */
  resume(environment: Environment, snapshot: Uint8Array | ArrayBuffer): Promise<Process>
  /**
   * A process from a compute unit's checkpoint: raw memory, compressed with gzip or not. It does not say whose memory it
   * is: compare its tag `Module` yourself, and its tag `SHA-256` with `memoryHash`.
   *
   * @throws As `resume`.
   */
  resumeCheckpoint(environment: Environment, checkpoint: Uint8Array | ArrayBuffer): Promise<Process>
  /** Ends the module and its processes, and gives their memory back. What is under way rejects with `STOPPED`. */
  close(): Promise<void>
}

/** A process. Messages are evaluated one after the other, in the order of the calls. */
export interface Process {
  /**
   * Evaluates a message. Its effects stay, unless the evaluation has an `Error`.
   *
   * @throws `ENGINE_TRAP`, `OUT_OF_GAS`, `OUT_OF_MEMORY`: the process is as it was before. `BAD_ARGUMENT`, `STOPPED`.
   */
  handle(message: ProcessMessage, options?: EvaluationOptions): Promise<ProcessEvaluation>
  /** What `handle` would answer. The process stays as it is. Fails as `handle` does. */
  dryrun(message: ProcessMessage, options?: EvaluationOptions): Promise<ProcessEvaluation>
  /**
   * The state in a few hundred kilobytes, for `resume`.
   *
   * @throws `STOPPED`, `OUT_OF_MEMORY`.
   */
  snapshot(): Promise<Bytes>
  /** The state as a compute unit's checkpoint: raw memory, compressed with gzip. Fails as `snapshot` does. */
  checkpoint(): Promise<Bytes>
  /** SHA-256 of raw memory, 32 bytes. Fails as `snapshot` does. */
  memoryHash(): Promise<Bytes>
  /** Gives its memory back. */
  close(): Promise<void>
}

/**
 * Loads a module: from its bytes, from a `Response` or an address, or by its id from Arweave. The first call fetches the
 * engine.
 *
 * @example
 * const module = await loadModule('/aos.wasm')
 * const process = await module.instantiate({ Process: { Id, Owner, Tags: [] }, Module: { Id: moduleId } })
 * const { Output } = await process.handle({ Id: id, From: Owner, Owner, Target: Id, Timestamp: Date.now(),
 *   Tags: [{ name: 'Action', value: 'Eval' }], Data: 'return 1 + 1' })
 *
 * @throws `BAD_MODULE` for bytes that are no module; `UNSUPPORTED` for a module that needs what the engine lacks, for an
 * unknown `format`, and where WebAssembly is not allowed; `OUT_OF_MEMORY` for one that begins with more than
 * `memoryLimit`; `HTTP_NETWORK`, `HTTP_STATUS` when it cannot be fetched; `BAD_ARGUMENT`; the signal's reason.
 */
export function loadModule(
  module: Uint8Array | ArrayBuffer | Response | URL | string,
  options?: LoadOptions
): Promise<Module>
