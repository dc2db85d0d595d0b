/** Runs a whole AO network in this runtime: messenger, scheduler, compute unit, gateway and HyperBEAM node. */

import { expected } from '../compute/arguments.js'
import { AoError } from '../errors.js'
import { connectService } from './connect.js'
import { sharedKeys } from './key.js'
import { Network } from './network.js'
import { checkStorage } from './storage/index.js'
import { engineHere, LIVE_MEMORY, LIVE_PROCESSES } from './surroundings.js'
import type { LocalNetwork, LocalNetworkOptions, NetworkEvent } from './types.js'

export type { ModuleSource, TaggedModule } from '../compute/types.js'
export type { MaybePromise, NetworkStorage } from './storage/types.js'
export type { KeyType, LocalNetwork, LocalNetworkOptions, NetworkEvent, PlainRequest, PlainResponse } from './types.js'

/**
 * Opens a local network, or creates it. On a page it runs in a worker; in Node.js, in workers and in service workers it
 * runs on the thread of the caller.
 *
 * @example
 * const network = await createLocalNetwork({ modules: { [aosId]: aosBytes } })
 * const ao = connect({ MODE: 'local', network })
 * const process = await ao.spawn({ module: aosId, signer })
 *
 * @throws `BAD_ARGUMENT`, `BAD_KEY`, `BAD_MODULE`, `STORAGE`; `UNSUPPORTED` where there is no IndexedDB, where WebAssembly
 * is missing or not allowed, or no worker although `worker` is `true`; `HTTP_NETWORK` or `HTTP_STATUS` when a module or a part of this package cannot be fetched.
 */
export async function createLocalNetwork(options: LocalNetworkOptions = {}): Promise<LocalNetwork> {
  const { storage = 'memory', name = 'aoxide', key, keyType, clock, modules = {}, data = {}, onEvent } = options
  const url = new URL(options.url ?? 'http://localhost').href.replace(/\/$/, '')
  if (clock !== undefined && typeof clock !== 'function') throw expected('clock', 'function', clock)
  if (onEvent !== undefined && typeof onEvent !== 'function') throw expected('onEvent', 'function', onEvent)
  if (keyType !== undefined && !Object.hasOwn(sharedKeys, keyType))
    throw expected('keyType', "'ed25519' or 'rsa'", keyType)
  if (key && keyType) throw new AoError('BAD_ARGUMENT', "'key' and 'keyType' exclude each other. Remove one of them.")
  checkStorage(storage)
  const { computeLimit, memoryLimit, liveProcesses = LIVE_PROCESSES, liveMemory = LIVE_MEMORY, cascadeLimit } = options
  const engine = engineHere(options.engine)
  const settings = { url, engine, computeLimit, memoryLimit, liveProcesses, liveMemory, cascadeLimit }
  const report = (events: readonly unknown[]) => {
    for (const event of onEvent ? events : []) tell(onEvent, event as NetworkEvent)
  }
  const connection = await connectService(
    { storage, name, keys: key ? { rsa: key, ed25519: key } : sharedKeys, keyType, clock, settings },
    engine,
    runsInWorker(options),
    options.worker,
    report
  )
  try {
    const address = await connection.call('address')
    const network = new Network({ url, address, connection, saves: storage !== 'memory' })
    for (const [id, source] of Object.entries(modules)) await network.addModule(id, source)
    for (const [id, bytes] of Object.entries(data)) await network.addData(id, bytes)
    return network
  } catch (error) {
    await connection.end(new AoError('STOPPED', 'The network is closed'))
    throw error
  }
}

/** Whether the network runs in a worker. On a page it does, unless the worker could not reach something of the caller's. */
function runsInWorker({ worker, storage = 'memory', clock }: LocalNetworkOptions): boolean {
  const own = typeof storage !== 'string' ? 'storage' : clock ? 'clock' : undefined
  if (worker && own) {
    const message = `'worker': true cannot be combined with a custom '${own}'. Remove one of them.`
    throw new AoError('BAD_ARGUMENT', message)
  }
  return worker ?? (globalThis.document !== undefined && !own)
}

function tell(onEvent: LocalNetworkOptions['onEvent'], event: NetworkEvent): void {
  try {
    onEvent?.(event)
  } catch {
    // An error of the caller's must not stop the network.
  }
}
