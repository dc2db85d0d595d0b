import type { ModuleSource } from '../compute/types.js'
import type { Bytes } from '../types.js'
import type { NetworkStorage } from './storage/types.js'
import type { AbortSignal, Fetch, FetchInit, FetchInput, Response } from '../web-types.js'

/** The types of keys with which local networks sign. */
export type KeyType = 'ed25519' | 'rsa'

/** Options of `createLocalNetwork`. */
export interface LocalNetworkOptions {
  /**
   * Where the network keeps its records. `'memory'` keeps them until the network is closed. `'indexeddb'` keeps them in the
   * browser. A storage of your own is an object with the methods of {@link NetworkStorage}. Default: `'memory'`.
   */
  storage?: 'memory' | 'indexeddb' | NetworkStorage
  /** Names the network among those that this origin keeps in IndexedDB. Default: `'aoxide'`. */
  name?: string
  /**
   * The key of the network's scheduler, as a JWK: RSA, or Ed25519 (`OKP`), which signs many times faster. It also signs what
   * processes send. Default: a key that all local networks share and that is not secret, so that the address is the same
   * everywhere.
   */
  key?: object
  /**
   * The type of the shared key, for networks without a `key`. Default: the type with which the network of the storage began,
   * and `'ed25519'` for a new one. Networks of earlier versions began with `'rsa'`.
   */
  keyType?: KeyType
  /** Returns the time in milliseconds. Tests pass a clock that they can set. Default: `Date.now`. */
  clock?: () => number
  /** Modules by their ids. Further modules can be uploaded later, as data items. */
  modules?: Readonly<Record<string, ModuleSource>>
  /** Data by its ids, as {@link LocalNetwork.addData} takes it. */
  data?: Readonly<Record<string, Uint8Array | ArrayBuffer | string>>
  /**
   * The address at which clients reach the network, when it is behind a port or a service worker. Give it a path if it
   * shares an origin with something else. Default: `'http://localhost'`.
   */
  url?: string
  /**
   * The engine that runs modules, as in `aoxide/compute`. `'wasmi'` is the interpreter of this package. `'auto'` is the
   * host's own WebAssembly where it can run a module. Both give the same results. Default: `'auto'`.
   */
  engine?: 'auto' | 'wasmi'
  /**
   * The most that one message may cost, as in `aoxide/compute`. Without a limit, an evaluation that never ends is never
   * stopped. With a limit, evaluations take longer, since their cost is counted. Default: no limit.
   */
  computeLimit?: number
  /** The most memory that a process may have, in bytes. Default: 1 GiB. */
  memoryLimit?: number
  /**
   * The most processes whose memory is kept ready. Browsers reserve gigabytes of addresses for each, and have few of them.
   * Default: 64 in browsers, 1000 in Node.js, 16 in Cloudflare Workers.
   */
  liveProcesses?: number
  /**
   * The most memory that these processes may have together, in bytes. An aos process has 70 MB and more in the interpreter,
   * and a few MB on the host's own WebAssembly. Snapshots of other processes may take as much again. Default: 512 MiB, and 32 MiB
   * in Cloudflare Workers.
   */
  liveMemory?: number
  /** The most messages that one message may lead to through what processes send. Default: 1000. */
  cascadeLimit?: number
  /**
   * Whether the network runs in a worker, which keeps a page responsive. The network starts the worker itself. A worker
   * cannot reach a `storage` or a `clock` of your own. By default, the network runs in a worker on pages without these two;
   * where none can be started, it runs in place, with a warning in the console. `true` rejects with `UNSUPPORTED` instead.
   */
  worker?: boolean
  /** Called for each event of the network. Errors that it throws are ignored. */
  onEvent?: (event: NetworkEvent) => void
}

/** An event of a local network. */
export interface NetworkEvent {
  what: 'spawned' | 'message' | 'pushed' | 'failed' | 'not delivered' | 'cascade stopped' | 'ticks left out' | 'damaged'
  /** The process or the wallet that the event is about. */
  process: string
  /** The message that the event is about. */
  message: string
  /** The message's action, or what is wrong. */
  detail: string
}

/** An HTTP request without the classes of the web. */
export interface PlainRequest {
  method: string
  /** Path and query. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
}

/** An HTTP response without the classes of the web. */
export interface PlainResponse {
  status: number
  /** Names are in lower case. */
  headers: Record<string, string>
  body: Bytes
}

/** A local network. It handles one call at a time, in the order of the calls. */
export interface LocalNetwork {
  /** The address of the network's key: the scheduler, and the `Authority` of processes that trust each other. */
  readonly address: string
  /** The address at which clients reach the network: the option `url`. */
  readonly url: string
  /** Whether the network runs in a worker. */
  readonly worker: boolean
  /**
   * The network's units, and a `fetch` that reaches them: options for `connect`, of this package or of aoconnect.
   *
   * @example
   * const ao = connect(network.units)
   */
  readonly units: Readonly<{
    MU_URL: string
    SU_URL: string
    CU_URL: string
    GATEWAY_URL: string
    GRAPHQL_URL: string
    fetch: Fetch
  }>
  /**
   * Answers an HTTP request, as `fetch` does. `input` may be a path. An error of the network is a response with a status,
   * and with `error` and `code` as JSON.
   *
   * HyperBEAM paths answer as a node of November 2025. A signed HTTP request (RFC 9421) is verified by the module of
   * `aoxide/httpsig`, which the first such request downloads. Only the fields that the signature covers reach the process.
   *
   * @example
   * const now = await (await network.fetch(`/${process}~process@1.0/now?require-codec=application/json`)).json()
   *
   * @throws `STORAGE`, `STOPPED`, `CRASH`; `HTTP_NETWORK` when that module cannot be downloaded; the reason of the
   * request's signal.
   */
  fetch(input: FetchInput, init?: FetchInit): Promise<Response>
  /**
   * Answers an HTTP request without the classes of the web, for servers.
   *
   * @example
   * const { status, body } = await network.answer({ method: 'GET', path: `/su/${process}/latest` })
   *
   * @throws As {@link LocalNetwork.fetch}.
   */
  answer(request: PlainRequest): Promise<PlainResponse>
  /**
   * Adds a module under an id, for instance under its id on Arweave. `gateway`, `fetch` and `signal` apply to modules that
   * are fetched, as in `aoxide/compute`.
   *
   * @example
   * await network.addModule(aosId, await readFile('aos.wasm'))
   *
   * @throws `BAD_MODULE`, `UNSUPPORTED`, `BAD_ID`, `BAD_ARGUMENT`, `HTTP_STATUS`, `HTTP_NETWORK`, `STORAGE`, `STOPPED`,
   * `CRASH`; the signal's reason.
   */
  addModule(
    id: string,
    source: ModuleSource,
    options?: { format?: string; gateway?: string; fetch?: Fetch; signal?: AbortSignal }
  ): Promise<void>
  /**
   * Adds data under an id, for instance under its id on Arweave. The gateway serves it, searches find it by its tags, and
   * processes read it through `On-Boot` and WeaveDrive. Data that was added under this id before is replaced.
   *
   * @param data Bytes, or text.
   * @param options.tags Default: none. `Content-Type` is the type with which the gateway serves the data.
   *
   * @example
   * await network.addData(bootId, 'Count = 0', { tags: [{ name: 'Content-Type', value: 'text/x-lua' }] })
   *
   * @throws `BAD_ID`, `BAD_ARGUMENT`, `STORAGE`, `STOPPED`, `CRASH`.
   */
  addData(
    id: string,
    data: Uint8Array | ArrayBuffer | string,
    options?: { tags?: readonly Readonly<{ name: string; value: string }>[] }
  ): Promise<void>
  /**
   * Creates a process with the state of another one after a slot. The other process stays as it is.
   *
   * @param slot Default: the newest slot.
   * @returns The id of the new process.
   *
   * @example
   * const copy = await network.fork(process, 12)
   *
   * @throws `NOT_FOUND` when there is no such process or slot; `BAD_ID`, `BAD_ARGUMENT`, `STORAGE`, `STOPPED`, `CRASH`.
   */
  fork(process: string, slot?: number | string): Promise<string>
  /**
   * Evaluates and delivers pending messages, and runs the cron ticks that are due. Every request does this first.
   *
   * @example
   * await network.settle()
   *
   * @throws `STORAGE`, `STOPPED`, `CRASH`.
   */
  settle(): Promise<void>
  /**
   * Reads every record of the storage, and lists the damaged ones. The network answers requests meanwhile.
   *
   * A process with a damaged record answers with `STORAGE` and the name of the record; other processes are not affected.
   * Damaged snapshots and results are left out of the list: they are computed again. The signatures of signed HTTP messages
   * are verified again.
   *
   * @example
   * for (const { name, message } of await network.check()) console.warn(name, message)
   *
   * @throws `STORAGE` when the storage cannot be read; `STOPPED`; `CRASH`; `HTTP_NETWORK` as {@link LocalNetwork.fetch}.
   */
  check(): Promise<{ name: string; message: string }[]>
  /**
   * Closes the network after the pending calls, and frees its memory. Its records stay in the storage.
   *
   * @example
   * await network.close()
   */
  close(): Promise<void>
}
