/** A whole AO network in this runtime: messenger, scheduler, compute unit, gateway and HyperBEAM node, without a wire. */
import type { Bytes } from '../types.js'

/** WebAssembly: as bytes; as the response to a request; at an address; or on Arweave, by its id there. */
export type ModuleSource = Uint8Array | ArrayBuffer | Response | URL | string

export interface LocalNetworkOptions {
  /**
   * Where it keeps everything: `'memory'` forgets when the network does; `'indexeddb'` is still there when the page comes
   * back; or a store of your own. `'memory'`, when left out.
   */
  storage?: 'memory' | 'indexeddb' | NetworkStorage
  /** Which of this page's networks it is, with `'indexeddb'`. `'aoxide'`, when left out. */
  name?: string
  /**
   * The key of its scheduler, which also signs what processes send. When left out, a key that all local networks share,
   * and that is no secret: the address is the same everywhere.
   */
  key?: object
  /** The time in milliseconds: a clock that tests can set. `Date.now`, when left out. */
  clock?: () => number
  /** Modules by their ids: as bytes, or from where they are. Others can be uploaded later, as data items. */
  modules?: Readonly<Record<string, ModuleSource>>
  /**
   * Where clients find it, when it stands behind a port or a Service Worker; with a path, if it shares an origin with
   * something else. `'http://localhost'`, when left out.
   */
  url?: string
  /**
   * What runs modules, as in `aoxide/compute`: `'wasmi'` is an interpreter; `'auto'` is the host's own WebAssembly where that
   * can run a module. Results are the same. `'auto'`, when left out.
   */
  engine?: 'auto' | 'wasmi'
  /**
   * Most that one message may take, as in `aoxide/compute`. When left out there is no limit, and a process that never comes
   * to an end is never ended; with one, messages take longer, since what they do is counted.
   */
  computeLimit?: number
  /** Most bytes of memory that a process may have. 1 GiB, when left out. */
  memoryLimit?: number
  /**
   * Most processes whose memory is kept ready: the engines of browsers set aside gigabytes of addresses for each, and have
   * few. 64 in browsers and 1000 in Node, when left out.
   */
  liveProcesses?: number
  /**
   * Most bytes that these may have together: an aos process 70 MB and more in the interpreter, and a few on the runtime's
   * own engine. As many again are for the images of others. 512 MiB, when left out.
   */
  liveMemory?: number
  /** Most messages that one message may lead to, by way of what processes send. 1000, when left out. */
  cascadeLimit?: number
  /**
   * Whether it runs in a worker that it starts itself, so that a page stays responsive. When left out: on pages, unless it has
   * a `storage` or a `clock` of your own, which no worker could reach. Where none can be started it runs in place.
   */
  worker?: boolean
  /** Hears of what happens in the network. */
  onEvent?: (event: NetworkEvent) => void
}

/** Bytes under names. Methods may return promises. */
export interface NetworkStorage {
  get(name: string): MaybePromise<Uint8Array | undefined>
  /** Keeps the bytes, whole or not at all, unless the name is taken; says whether it was free. Then no crash loses them. */
  insert(name: string, bytes: Uint8Array): MaybePromise<boolean>
  /** Keeps the bytes, whole or not at all, in place of those that the name had. */
  put(name: string, bytes: Uint8Array): MaybePromise<void>
  remove(name: string): MaybePromise<void>
  /** The names that have one part behind the prefix, which ends in `/`; sorted. */
  names(prefix: string): MaybePromise<string[]>
}

export type MaybePromise<T> = T | Promise<T>

export interface NetworkEvent {
  what: 'spawned' | 'message' | 'pushed' | 'failed' | 'not delivered' | 'cascade stopped' | 'ticks left out' | 'damaged'
  /** The process or wallet that it happened to. */
  process: string
  /** The message that it happened with. */
  message: string
  /** The message's action, or what is wrong. */
  detail: string
}

export interface PlainRequest {
  method: string
  /** With the query. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
}

export interface PlainResponse {
  status: number
  /** Names are in lower case. */
  headers: Record<string, string>
  body: Bytes
}

/** A network. It does one thing at a time, in the order of the calls. */
export interface LocalNetwork {
  /** The address of its key: its scheduler, and an `Authority` for processes that shall trust each other. */
  readonly address: string
  /** Where it would be, if there were a wire. */
  readonly url: string
  /** Whether it runs in a worker of its own. */
  readonly worker: boolean
  /** Options for `connect`, here or in aoconnect: its units, and the way to them. */
  readonly units: Readonly<{
    MU_URL: string
    SU_URL: string
    CU_URL: string
    GATEWAY_URL: string
    GRAPHQL_URL: string
    fetch: typeof globalThis.fetch
  }>
  /**
   * Answers a request, as `fetch` does. A path alone will do. Errors of the network are answers: a status, and JSON with
   * `error` and `code`.
   *
   * HyperBEAM paths answer as a node of November 2025. A signed HTTP request (RFC 9421) is verified by the module of
   * `aoxide/httpsig`, which is fetched for the first one; only what its signature covers reaches the process.
   *
   * @example
   * const now = await (await network.fetch(`/${process}~process@1.0/now?require-codec=application/json`)).json()
   *
   * @throws `STORAGE`, `STOPPED`, `CRASH`; `HTTP_NETWORK` when that module cannot be loaded; the reason of the request's signal.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /** The same for servers, without the classes of the web. */
  answer(request: PlainRequest): Promise<PlainResponse>
  /**
   * Adds a module under an id, for instance the one that it has on Arweave. `gateway`, `fetch` and `signal` are for those
   * that must be fetched, as in `aoxide/compute`.
   *
   * @throws `BAD_MODULE`, `UNSUPPORTED`, `BAD_ID`, `BAD_ARGUMENT`, `HTTP_STATUS`, `HTTP_NETWORK`; the signal's reason.
   */
  addModule(
    id: string,
    source: ModuleSource,
    options?: { format?: string; gateway?: string; fetch?: typeof globalThis.fetch; signal?: AbortSignal }
  ): Promise<void>
  /**
   * Makes a process that goes on from what another was after a slot, or is now; the other is not touched. Gives its id.
   *
   * @example
   * const copy = await network.fork(process, 12) // to try something else from there
   *
   * @throws `NOT_FOUND` for a process or slot that is not there, `BAD_ID`, `BAD_ARGUMENT`.
   */
  fork(process: string, slot?: number | string): Promise<string>
  /** Evaluates and delivers what is still under way, and lets clocks tick. Every request begins with it. */
  settle(): Promise<void>
  /**
   * Reads every record of the storage, and lists those that are damaged. Requests are answered meanwhile.
   *
   * A process whose records are damaged answers with `STORAGE` and the record's name; other processes go on. Snapshots and
   * results are not missed: they are computed again. Signed HTTP messages are verified again by their signatures.
   *
   * @example
   * for (const { name, message } of await network.check()) console.warn(name, message)
   *
   * @throws `STORAGE` when the storage cannot be read, `STOPPED`.
   */
  check(): Promise<{ name: string; message: string }[]>
  /** Ends it, after what is under way, and gives its memory back. What it keeps is kept. */
  close(): Promise<void>
}

/**
 * Opens a local network, or begins one. On a page it runs in a worker; in Node, in workers and in Service Workers on the
 * thread that calls this.
 *
 * @example
 * const network = await createLocalNetwork({ modules: { [aosId]: aosBytes } })
 * const ao = connect({ MODE: 'local', network })
 * const process = await ao.spawn({ module: aosId, signer })
 *
 * @throws `BAD_ARGUMENT`, `BAD_KEY`, `BAD_MODULE`, `STORAGE`; `UNSUPPORTED` where there is no IndexedDB, or WebAssembly is
 * not allowed.
 */
export function createLocalNetwork(options?: LocalNetworkOptions): Promise<LocalNetwork>
