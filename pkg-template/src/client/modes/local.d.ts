/** The verbs on a network in this runtime: `connect({ MODE: 'local' })`. */
import type { AoError } from '../../errors.js'
import type { CommonOptions, Tag } from '../../index.js'
import type { LegacyClient, SpawnInput } from './legacy/types.js'
import type { LocalNetwork, ModuleSource } from '../../local/index.js'

/** Which network, and where modules come from that it does not have. */
export interface LocalOptions extends Pick<
  CommonOptions,
  'timeout' | 'retry' | 'responseLimit' | 'fetch' | 'onRequest' | 'onResponse'
> {
  MODE: 'local'
  /**
   * The network, or the promise of one: what `createLocalNetwork` of `aoxide/local` gives. When left out, one that all
   * such clients of the page share: it is opened by the first call, and kept in IndexedDB, or in memory where there is
   * none.
   */
  network?: LocalNetwork | Promise<LocalNetwork>
  /** Modules by their ids, as bytes or from where they are; the network gets them before the first call. */
  modules?: Readonly<Record<string, ModuleSource>>
  /**
   * Where `spawn` finds modules that the network does not have; they are kept there from then on. `https://arweave.net`,
   * when left out; `false` for nowhere. Nothing else ever leaves the page.
   */
  GATEWAY_URL?: string | false
  /** Address of the scheduler of new processes; the network's own, when left out. */
  SCHEDULER?: string
  /** For modules from the gateway; the runtime's own `fetch`, when left out. */
  fetch?: typeof fetch
}

/** What a process is made of. */
export interface LocalSpawnInput extends Omit<SpawnInput, 'scheduler'> {
  /** Address of the scheduler; `SCHEDULER` of `connect` when left out, or else the network's own. */
  scheduler?: string
  /** Without an `Authority` among them, the process trusts the network, and so what other processes send it. */
  tags?: readonly Tag[]
}

/**
 * The verbs of the legacy network, on a local one. Besides what is said there, each of them may reject as
 * `createLocalNetwork` does.
 */
export interface LocalClient extends Omit<LegacyClient, 'MODE' | 'spawn'> {
  MODE: 'local'
  /** The network behind the verbs. Whoever asks opens it. */
  readonly network: Promise<LocalNetwork>
  /**
   * Makes a process of a module, which is fetched from the gateway if the network does not have it.
   *
   * @returns the id of the process
   * @example
   * const process = await ao.spawn({ module, signer })
   *
   * @throws {AoError} `NOT_FOUND` when neither the network nor the gateway has the module; the rest as
   * {@link LegacyClient.spawn}
   */
  spawn(input: LocalSpawnInput): Promise<string>
}
