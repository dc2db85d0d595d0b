/** A light client: computes a process's state from its signed schedule, and says what each answer rests on. */

import { copyOf, expected, optional } from '../compute/arguments.js'
import type { RetryOptions } from '../client/options.js'
import { AoError } from '../errors.js'
import { checkStorage } from '../local/storage/index.js'
import { engineHere } from '../local/surroundings.js'
import { connectService } from './connect.js'
import type { FollowOptions, NodeSource, UnitSource, View } from './types.js'
import { closed, FollowedView, Listeners } from './view.js'

export type { MaybePromise, NetworkStorage } from '../local/storage/types.js'
export type {
  AdvanceOptions,
  CheckpointAnchor,
  FollowOptions,
  FollowProgress,
  NodeSource,
  PreviewMessage,
  PreviewOptions,
  Proof,
  Proven,
  SlotReport,
  Trust,
  Trusted,
  UnitAnswer,
  UnitSource,
  Unverifiable,
  View
} from './types.js'

/**
 * Follows a process: finds its item and its module, verifies both, and takes the state to begin with. {@link View.advance} then
 * reads, verifies and evaluates the schedule. The first call fetches the light client.
 *
 * @example
 * const view = await follow(process, { source: { scheduler: 'https://su.example', gateway: 'https://arweave.net' } })
 * await view.advance()
 * const { Messages, proof } = await view.dryrun({ tags: [{ name: 'Action', value: 'Balance' }] })
 *
 * @throws `VERIFY_PROCESS`, `VERIFY_MODULE`, `VERIFY_DATA` where an item is not the one with its id; `NO_CHECKPOINT`,
 * `VERIFY_CHECKPOINT`, `CHECKPOINT_TOO_OLD`; `UNSUPPORTED_DEVICE` for a process of a node that is no WebAssembly; `VIEW_DAMAGED`, `VIEW_ROLLED_BACK`, `STORAGE` where the kept view cannot be used; `UNSUPPORTED` for a
 * process that cannot be followed, where there is no IndexedDB, where WebAssembly is missing or not allowed, or no worker
 * although `worker` is `true`; `NOT_FOUND`, `HTTP_NETWORK`, `HTTP_STATUS`, `BAD_RESPONSE`; `BAD_MODULE`, `OUT_OF_MEMORY`;
 * `BAD_ARGUMENT`, `BAD_ID`; the signal's reason.
 */
export async function follow(process: string, options: FollowOptions): Promise<View> {
  if (typeof process !== 'string') throw expected('process', 'string', process)
  if (typeof options !== 'object' || options === null) throw expected('options', 'object', options)
  const { trust = {}, age, storage = 'memory', name = 'aoxide-views', signal, worker } = options
  const onProgress = optional(options.onProgress, 'onProgress', 'function')
  const fetch = optional(options.fetch, 'fetch', 'function')
  checkStorage(storage)
  const source = checkedSource(options.source)
  if (trust.state && (trust.checkpoint || trust.checkpoints?.length))
    throw new AoError('BAD_ARGUMENT', "'trust.state': It cannot be combined with a checkpoint. Remove one of them.")
  const settings = JSON.stringify({
    process,
    ...source,
    retry: checkedRetry(options.retry),
    responseLimit: checkedLimit(options.responseLimit),
    scheduler: trust.scheduler,
    checkpoints: trust.checkpoints,
    checkpoint: trust.checkpoint,
    state: trust.state === true,
    checkpointAge: trust.checkpointAge,
    moduleSha256: trust.module?.sha256,
    restart: options.restart === true,
    warn: age?.warn,
    refuse: age?.refuse,
    computeLimit: options.computeLimit,
    memoryLimit: options.memoryLimit
  })
  const listeners = new Listeners()
  const connection = await connectService(
    {
      settings,
      module: bytes(options.module, 'module'),
      view: bytes(options.view, 'view'),
      storage,
      name,
      hasOwnFetch: fetch !== undefined
    },
    engineHere(options.engine),
    runsInWorker(worker, storage),
    worker,
    fetch,
    listeners.receive
  )
  const view = new FollowedView(process, connection, listeners, age, onProgress)
  try {
    await view.open(signal)
    return view
  } catch (error) {
    await connection.end(closed())
    throw error
  }
}

/** Whether the view is computed in a worker. On a page it is, unless the worker could not reach the storage. */
function runsInWorker(worker: boolean | undefined, storage: FollowOptions['storage']): boolean {
  const isOwn = typeof storage !== 'string'
  if (worker && isOwn) {
    const message = "'worker': true cannot be combined with a custom 'storage'. Remove one of them."
    throw new AoError('BAD_ARGUMENT', message)
  }
  return worker ?? (globalThis.document !== undefined && !isOwn)
}

/** The addresses, by the names of the bindings. */
function checkedSource(source: unknown) {
  const { node, ...given } = (source ?? {}) as Partial<UnitSource & NodeSource>
  const list = (name: keyof UnitSource, isNeeded = false) => addresses(given[name], `source.${name}`, isNeeded)
  if (node !== undefined) {
    if (typeof node !== 'string') throw expected('source.node', 'address', node)
    for (const name of ['scheduler', 'graphql', 'unit'] as const)
      if (given[name] !== undefined)
        throw new AoError('BAD_ARGUMENT', `'source.${name}': A node replaces the units. Give it and 'gateway' only.`)
    return { node, gateway: list('gateway') ?? ['https://arweave.net'] }
  }
  const [scheduler, gateway] = [list('scheduler', true), list('gateway', true)]
  return { schedulerUnit: scheduler, gateway, graphql: list('graphql'), unit: list('unit') }
}

/** One address, or several that can replace each other, as a list. */
function addresses(given: unknown, name: string, isNeeded: boolean): string[] | undefined {
  if (given === undefined && !isNeeded) return undefined
  const list: unknown[] = Array.isArray(given) ? given : [given]
  const isGood = (address: unknown) => typeof address === 'string' && (address !== '' || !isNeeded)
  if (list.length > 0 && list.every(isGood)) return list as string[]
  throw expected(name, 'address, or list of addresses', given)
}

function checkedLimit(limit: unknown): number | undefined {
  if (limit === undefined || (typeof limit === 'number' && limit >= 0)) return limit
  throw expected('responseLimit', 'number', limit)
}

/** The option `retry`, as the bindings read it. */
function checkedRetry(retry: FollowOptions['retry']) {
  const given = typeof retry === 'object' && retry !== null ? retry : { attempts: retry }
  const { statuses, ...numbers } = given as RetryOptions
  for (const [name, value] of Object.entries(numbers))
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw expected(`retry.${name}`, 'number', value)
  return given
}

function bytes(given: unknown, name: string): Uint8Array | undefined {
  if (given === undefined) return undefined
  const copy = copyOf(given, name)
  if (copy) return copy
  throw expected(name, 'Uint8Array or ArrayBuffer', given)
}
