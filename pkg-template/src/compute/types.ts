import type { Bytes, OutboxMessage, Tag } from '../types.js'
import type { AbortSignal, Fetch, Response, URL } from '../web-types.js'

/** What runs a module: the host's own WebAssembly, or the interpreter of this package. */
export type Engine = 'wasmi' | 'native'

/** A module's WebAssembly with its tags. `luaModule` of `aoxide/lua` returns one. */
export interface TaggedModule {
  bytes: Uint8Array
  /** The tag `Module-Format` says which format the module has. */
  tags: readonly Tag[]
}

/** A module's WebAssembly: as bytes, as a `Response`, at an address, on Arweave by its id, or with its tags. */
export type ModuleSource = Uint8Array | ArrayBuffer | Response | URL | string | TaggedModule

/** Options of `loadModule`. */
export interface LoadOptions {
  /**
   * The engine that runs the module. `'native'` is the host's own WebAssembly, and by far the fastest. `'wasmi'` is an
   * interpreter that is part of this package. It runs the same everywhere, 64-bit modules on old browsers included.
   * `'auto'` takes the first of the two that can run the module. Both give the same results, and read each other's
   * snapshots. Default: `'auto'`.
   */
  engine?: 'auto' | Engine
  /** The value of the module's tag `Module-Format`. Default: that of its `tags`, or else the format is read from the bytes. */
  format?: string
  /**
   * The most that one message may cost: gas for metered modules, and instructions as the engine counts them for others.
   * Counting instructions takes time. Default: no limit.
   */
  computeLimit?: number
  /** The most memory that a process may have, in bytes. Default: 1 GiB. */
  memoryLimit?: number
  /**
   * Whether the module runs in a worker, which keeps the page responsive. This package starts the worker. By default, the
   * module runs in place where no worker can be started: in a service worker, and, with a warning in the console, under a
   * strict policy. {@link Module.worker} says which. `true` rejects with `UNSUPPORTED` instead; `false` starts no worker.
   */
  worker?: boolean
  /** The gateway from which a module is fetched by its id. Default: `https://arweave.net`. */
  gateway?: string
  /** The function that fetches a module. Default: the runtime's own `fetch`. */
  fetch?: Fetch
  /** Aborts the download of the module. */
  signal?: AbortSignal
  /** Called when a phase starts. */
  onProgress?: (progress: Progress) => void
}

/** The phase that starts. */
export interface Progress {
  /**
   * The module is fetched (`fetching`) and compiled (`compiling`), a process is created (`booting`), a message is
   * evaluated.
   */
  phase: 'fetching' | 'compiling' | 'booting' | 'evaluating'
}

/** What a process is told about itself and its module. It stays the same for the life of the process. */
export interface Environment {
  Process: EnvironmentEntry
  Module: EnvironmentEntry
}

export interface EnvironmentEntry {
  /** 32 bytes as base64url. */
  Id: string
  Owner?: string
  Tags?: readonly Tag[]
  [field: string]: unknown
}

/** A message in the form in which a compute unit gives it to the module. */
export interface ProcessMessage {
  Id?: string
  /** The sender: a process, or the owner. */
  From?: string
  /** The address of the key that signed the message. */
  Owner?: string
  /** The id of the process itself. */
  Target?: string
  Data?: string | number
  Tags?: readonly Tag[]
  /** Milliseconds since 1970. Modules read the time from this field. */
  Timestamp?: number | string
  'Block-Height'?: number | string
  [field: string]: unknown
}

/** The result of an evaluation, as the module returned it. Parts that the module leaves out are absent. */
export interface ProcessEvaluation {
  Output?: unknown
  Messages?: OutboxMessage[]
  Spawns?: { Anchor?: string; Data?: string; Tags: Tag[] }[]
  Assignments?: { Message: string; Processes: string[] }[]
  /** The error that the module reports. The process then keeps the state it had before, as at a compute unit. */
  Error?: unknown
  Patches: unknown[]
  /** Gas that the module counted; 0 when it does not count. */
  GasUsed: number
  /** The engine that ran the evaluation. */
  engine: Engine
}

/** Options of {@link Process.handle} and {@link Process.dryrun}. */
export interface EvaluationOptions {
  /**
   * Stops the evaluation, which then rejects with the signal's reason. Every process keeps the state it had before. An
   * evaluation that runs already can only be stopped in a worker. Processes of the module that changed since their last
   * snapshot are saved first, which takes up to a tenth of a second for each.
   */
  signal?: AbortSignal
}

/** A module that is ready to run. Its processes share its compiled form and its worker. */
export interface Module {
  /** The value of the tag `Module-Format` for this module. */
  readonly format: string
  /** The engine that runs the module. */
  readonly engine: Engine
  /** Whether the module runs in a worker. */
  readonly worker: boolean
  /**
   * Creates a process.
   *
   * @example
   * const process = await module.instantiate({ Process: { Id, Owner, Tags: [] }, Module: { Id: moduleId } })
   *
   * @throws `ENGINE_TRAP`, `OUT_OF_GAS`, `OUT_OF_MEMORY` or `BAD_MODULE` when the start of the module fails;
   * `BAD_ARGUMENT`; `STOPPED` when the module is closed; `CRASH`.
   */
  instantiate(environment: Environment): Promise<Process>
  /**
   * Creates a process with the state of a snapshot, which may come from another machine.
   *
   * @example
   * const copy = await module.resume(environment, await process.snapshot())
   *
   * @throws `BAD_SNAPSHOT` when the snapshot is damaged or belongs to another module; otherwise as
   * {@link Module.instantiate}.
   */
  resume(environment: Environment, snapshot: Uint8Array | ArrayBuffer): Promise<Process>
  /**
   * Creates a process with the state of a compute unit's checkpoint: raw memory, compressed with gzip or not. A checkpoint
   * does not name its module. Compare its tag `Module` yourself, and its tag `SHA-256` with {@link Process.memoryHash}.
   *
   * @example
   * const checkpoint = await (await fetch(`https://arweave.net/${checkpointId}`)).arrayBuffer()
   * const process = await module.resumeCheckpoint(environment, checkpoint)
   *
   * @throws As {@link Module.resume}.
   */
  resumeCheckpoint(environment: Environment, checkpoint: Uint8Array | ArrayBuffer): Promise<Process>
  /**
   * Closes the module and its processes, and frees their memory. In a worker, pending calls reject with `STOPPED`.
   *
   * @example
   * await module.close()
   */
  close(): Promise<void>
}

/** A process. It evaluates messages one after the other, in the order of the calls. */
export interface Process {
  /**
   * Evaluates a message. The process keeps the new state, unless the evaluation has an `Error`.
   *
   * @example
   * const { Output } = await process.handle({ Id: id, From: Owner, Owner, Target: Id, Timestamp: Date.now(),
   *   Tags: [{ name: 'Action', value: 'Eval' }], Data: 'return 1 + 1' })
   *
   * @throws `ENGINE_TRAP`, `OUT_OF_GAS` or `OUT_OF_MEMORY`: the process keeps the state it had before. `BAD_ARGUMENT`;
   * `STOPPED` when it is closed; `CRASH`; the signal's reason.
   */
  handle(message: ProcessMessage, options?: EvaluationOptions): Promise<ProcessEvaluation>
  /**
   * Returns what {@link Process.handle} would return. The process keeps its state.
   *
   * @example
   * const { Messages } = await process.dryrun({ Id: id, From: Owner, Owner, Target: Id,
   *   Tags: [{ name: 'Action', value: 'Info' }] })
   *
   * @throws As {@link Process.handle}.
   */
  dryrun(message: ProcessMessage, options?: EvaluationOptions): Promise<ProcessEvaluation>
  /**
   * Returns the state in a few hundred kilobytes, for {@link Module.resume}.
   *
   * @example
   * localStorage.state = (await process.snapshot()).toBase64()
   *
   * @throws `STOPPED` when the process is closed; `OUT_OF_MEMORY`; `CRASH`.
   */
  snapshot(): Promise<Bytes>
  /**
   * Returns the state as a compute unit's checkpoint: raw memory, compressed with gzip.
   *
   * @example
   * const file = new Blob([await process.checkpoint()], { type: 'application/gzip' })
   *
   * @throws As {@link Process.snapshot}.
   */
  checkpoint(): Promise<Bytes>
  /**
   * Returns the SHA-256 hash of raw memory, 32 bytes.
   *
   * @example
   * const hash = (await process.memoryHash()).toHex()
   *
   * @throws As {@link Process.snapshot}.
   */
  memoryHash(): Promise<Bytes>
  /**
   * Closes the process and frees its memory.
   *
   * @example
   * await process.close()
   */
  close(): Promise<void>
}
