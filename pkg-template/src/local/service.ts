// The side of a local network that has the WebAssembly, in place or in a worker.

import type { Bytes } from '../types.js'
import type { Bindings } from '../wasm/instantiate.js'
import type * as Local from '../wasm/local.js'
import type { LazyModule } from '../wasm/lazy-module.js'
import type { Report } from '../worker/server.js'
import { hostCrypto } from './host-crypto.js'
import { openStorage, type StorageOption } from './storage/index.js'
import type { KeyType, NetworkEvent } from './types.js'

/** The generated bindings, as far as both artefacts have them. */
export type LocalLib = Bindings & {
  setCompanions(call: Function): void
  LocalNetwork: Pick<typeof Local.LocalNetwork, 'open' | 'keyType'>
}

/** The signature of an HTTP request: what it covers, or why it is not valid. See signed-request.ts. */
export type SignedRequest =
  | { owner: Uint8Array; signature: Uint8Array; fields: [name: string, value: Uint8Array][] }
  | { problem: string | undefined }

export interface ServiceOptions {
  storage: StorageOption
  name: string
  /** The key to sign with, for each type. */
  keys: Record<KeyType, object>
  /** The type to sign with. Default: the one with which the network began. */
  keyType: KeyType | undefined
  clock: (() => number) | undefined
  /** Options for the bindings, which read them. */
  settings: object
}

export interface NetworkService {
  /** Must be the first call. It opens nothing yet. */
  configure(options: ServiceOptions): void
  /** Returns the network's address. */
  address(): Promise<string>
  /** `headers` are `[name, value, name, value, …]`. */
  fetch(
    method: string,
    path: string,
    headers: string[],
    body: Uint8Array,
    signed: SignedRequest | undefined
  ): Promise<{ status: number; headers: [name: string, value: string][]; body: Bytes }>
  addModule(id: string, bytes: Uint8Array, format: string | undefined): Promise<void>
  addData(id: string, bytes: Uint8Array, tags: { name: string; value: string }[]): Promise<void>
  settle(): Promise<void>
  /** Saves the state of processes, so that it need not be computed again. */
  flushSnapshots(): Promise<void>
  /** The names of all records. */
  records(): Promise<string[]>
  /** Those of the records that are damaged. */
  damaged(records: string[]): Promise<{ name: string; message: string }[]>
  /** A signed HTTP message as it was received, and when. */
  original(name: string): Promise<[headers: [name: string, value: string][], body: Bytes, time: number]>
  /** Whether a record holds what the signature covers. */
  isOriginal(name: string, signed: SignedRequest): Promise<boolean>
  /** Frees the network's memory. */
  free(): Promise<void>
}

/** What a method returns. The generated declarations do not say it. */
type Returned<M extends keyof NetworkService> = ReturnType<NetworkService[M]>

/** The service on an artefact that starts again after a crash: see lazy-module.ts. */
export function createService(engine: LazyModule<LocalLib>, report: Report): NetworkService {
  let open: (lib: LocalLib) => Promise<Local.LocalNetwork>
  let exclusively: ReturnType<typeof openStorage>['exclusively']
  /** The network in the current instance of the artefact. */
  let current: { instance: object; network: Local.LocalNetwork } | undefined

  function run<T>(job: (network: Local.LocalNetwork) => T | Promise<T>): Promise<T> {
    return exclusively(() =>
      engine.run(async (instance) => {
        // After a crash the instance is another one, and empty. The network is opened again from its storage.
        if (current?.instance !== instance) current = { instance, network: await open(instance.lib) }
        const { network } = current
        const value = await job(network)
        const events = network.takeEvents() as NetworkEvent[]
        if (events.length > 0) report(events)
        return value
      })
    )
  }

  return {
    configure({ storage, name, keys, keyType, clock = Date.now, settings }) {
      const opened = openStorage(storage, name)
      exclusively = opened.exclusively
      open = async ({ LocalNetwork }) => {
        const type = keyType ?? ((await LocalNetwork.keyType(opened.storage)) as KeyType | undefined) ?? 'ed25519'
        return LocalNetwork.open(opened.storage, clock, keys[type], settings, hostCrypto(keys[type]))
      }
    },
    address: () => run((network) => network.address()),
    fetch: (...args) => run((network) => network.fetch(...args) as Returned<'fetch'>),
    addModule: (...args) => run((network) => network.addModule(...args)),
    addData: (...args) => run((network) => network.addData(...args)),
    settle: () => run((network) => network.settle()),
    flushSnapshots: () => run((network) => network.flushSnapshots()),
    records: () => run((network) => network.records()),
    damaged: (records) => run((network) => network.damaged(records) as Returned<'damaged'>),
    original: (name) => run((network) => network.original(name) as Returned<'original'>),
    isOriginal: (...args) => run((network) => network.isOriginal(...args)),
    async free() {
      const last = current
      current = undefined
      // An instance that crashed took its network with it.
      await engine.run(async (instance) => {
        if (last?.instance === instance) last.network.free()
      })
    }
  }
}
