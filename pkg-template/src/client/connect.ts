// `connect`: the clients of each mode.

import { AoError } from '../errors.js'
import { createSigner } from '../signers/create-signer.js'
import { part, type Instance, type Progress } from '../wasm/lazy-module.js'
import { run } from '../wasm/modules.js'
import type * as Client from '../wasm/client.js'
import { bounded, once, sharing, untilAvailable, type Call, type Input, type Sharing } from './call-policy.js'
import type { LegacyClient, LegacyOptions } from './modes/legacy/types.js'
import type { LocalClient, LocalOptions } from './modes/local.js'
import type { MainnetClient, MainnetOptions } from './modes/mainnet/types.js'
import type { CommonOptions } from './options.js'

/** Options of the mode that is named; of the legacy mode by default. */
export type ConnectOptions<Mode extends 'legacy' | 'mainnet' | 'local' = 'legacy'> = {
  legacy: LegacyOptions
  mainnet: MainnetOptions
  local: LocalOptions
}[Mode]

const WRITES = ['message', 'spawn', 'monitor', 'unmonitor', 'assign', 'signMessage', 'sendSignedMessage']
const READS = ['result', 'results', 'dryrun', 'getMessages', 'getMessageById', 'getLastSlot']
/** Verbs of scheduler units, in mainnet mode too. */
const OF_SCHEDULERS = READS.slice(3)

/**
 * Returns a client: the verbs, bound to the given addresses. `MODE` selects the network: `'legacy'` (messenger, scheduler and
 * compute units), which is the default; `'mainnet'` (HyperBEAM nodes); or `'local'` (a network in this runtime).
 *
 * @example
 * const ao = connect({ MODE: 'legacy' })
 * const id = await ao.message({ process, signer: createSigner(jwk), data: 'ping' })
 * const { Messages, Output, Error } = await ao.result({ process, message: id })
 * @example
 * const ao = connect({ MODE: 'mainnet', URL: 'https://push.forward.computer', signer: createSigner(jwk) })
 * const slot = await ao.message({ process, data: 'ping' })
 * const { Messages, Output, Error } = await ao.result({ process, slot })
 * @example
 * const ao = connect({ MODE: 'local' })
 * const process = await ao.spawn({ module, signer: createSigner(jwk) })
 *
 * @throws {AoError} `BAD_ARGUMENT` when the mode is unknown. An option of the wrong type is reported by the first call.
 */
export function connect<Mode extends 'mainnet'>(options: MainnetOptions & { MODE: Mode }): MainnetClient
export function connect<Mode extends 'local'>(options: LocalOptions & { MODE: Mode }): LocalClient
export function connect<Mode extends 'legacy'>(options?: LegacyOptions & { MODE?: Mode }): LegacyClient
export function connect(options?: LegacyOptions): LegacyClient
export function connect(options: LegacyOptions | MainnetOptions): LegacyClient | MainnetClient
export function connect(
  options: LegacyOptions | MainnetOptions | LocalOptions
): LegacyClient | MainnetClient | LocalClient
export function connect(given?: LegacyOptions | MainnetOptions | LocalOptions): unknown {
  const options: LegacyOptions | MainnetOptions | LocalOptions = { ...given }
  const MODE = options.MODE || 'legacy'
  if (MODE === 'legacy') return legacy(options as LegacyOptions)
  if (MODE === 'mainnet') return mainnet(options as MainnetOptions)
  if (MODE === 'local') return local(options as LocalOptions)
  throw new AoError('BAD_ARGUMENT', `Unrecognized MODE: ${MODE}. Use 'legacy', 'mainnet' or 'local'.`)
}

/** Verbs of a client that is being built. Their public types are `LegacyClient`, `MainnetClient` and `LocalClient`. */
type Verbs<Name extends string> = { MODE: string; [verb: string]: unknown } & Record<Name, Call>

/** Wraps a verb that local mode has to prepare. */
type Prepare = (verb: string, call: Call) => Call

function legacy(options: LegacyOptions, MODE = 'legacy', prepare: Prepare = (_verb, call) => call) {
  const reads = sharing()
  const { read, write } = caller('LegacyClient', options, reads)
  const ao = { MODE } as Verbs<'message' | 'result' | 'results'>
  for (const verb of WRITES)
    ao[verb] = writing(
      reads,
      bind(
        options,
        prepare(verb, (input) => write(verb, input))
      )
    )
  for (const verb of READS)
    ao[verb] = bind(
      options,
      prepare(verb, (input) => read(verb, input).then(valueOf(verb)))
    )
  ao.result = waiting(options, ao.result)
  return { ...composed(ao, options), ...ao, createSigner, createDataItemSigner: createSigner }
}

/** The legacy verbs, with a network in this runtime in place of the units. The first call opens it. */
function local(options: LocalOptions) {
  const localMode = () => part(import('./modes/local.js'))
  const network = once(async () => (await localMode()).open(options))
  // The network only looks at the paths of requests.
  const url = 'http://localhost'
  const { timeout, retry, responseLimit, onRequest, onResponse } = options
  const units = {
    MU_URL: `${url}/mu`,
    SU_URL: `${url}/su`,
    CU_URL: `${url}/cu`,
    GATEWAY_URL: url,
    fetch: async (request: RequestInfo | URL, init?: RequestInit) => (await network()).fetch(request, init)
  }
  const prepare: Prepare = (verb, call) => async (input) => {
    const opened = await network()
    return verb === 'spawn' ? (await localMode()).spawn(opened, input, options, call) : call(input)
  }
  const given = { ...units, timeout, retry, responseLimit, onRequest, onResponse } as LegacyOptions
  return Object.defineProperty(legacy(given, 'local', prepare), 'network', { get: network })
}

function mainnet(options: MainnetOptions) {
  const reads = sharing()
  const calls = caller('MainnetClient', options, reads)
  const { read } = caller('LegacyClient', options, reads)
  const ao = { MODE: 'mainnet' } as Verbs<'message' | 'result' | 'results'>
  const verb = (name: string) =>
    bind(options, (input) =>
      part(import('./modes/mainnet/verbs.js')).then(({ call }) => call(name, input, calls, options))
    )
  for (const name of ['spawn', 'message', 'request']) ao[name] = writing(reads, verb(name))
  for (const name of ['result', 'results', 'dryrun']) ao[name] = verb(name)
  ao.result = waiting(options, ao.result)
  for (const name of OF_SCHEDULERS) ao[name] = bind(options, (input) => read(name, input).then(valueOf(name)))
  const state = verb('state')
  ao['state'] = (process: string, input?: Input) => state({ ...input, process })
  const schedule = writing(reads, verb('schedule'))
  ao['schedule'] = (process: string, message?: Input) => schedule({ ...message, process })
  const { signer } = options
  const maker = signer ? () => signer : createSigner
  return { ...composed(ao, options), ...ao, createSigner: maker, createDataItemSigner: maker }
}

/** A verb with the deadline and the abort signal of its call. */
const bind =
  (options: CommonOptions, call: Call): Call =>
  (input) =>
    bounded(input, options.timeout, call)

/** A verb that may change what reads return: a read that starts after it does not join one that started before. */
const writing =
  (reads: Sharing, verb: Call): Call =>
  async (input) => {
    try {
      return await verb(input)
    } finally {
      reads.clear()
    }
  }

/** A verb with the option `wait`. */
const waiting =
  (options: CommonOptions, verb: Call): Call =>
  (input) =>
    verb(input?.wait ? untilAvailable(input, options.timeout) : input)

/** Verbs that make several calls, and those that are computed here: `follow`, and reads with `verify`. */
function composed(ao: Verbs<'message' | 'result' | 'results'>, options: CommonOptions) {
  const verified = (name: string) =>
    bind(options, (input) =>
      part(import('./verified.js')).then(({ answer }) => answer(name, input as Input, ao.MODE, options))
    )
  for (const name of READS.slice(0, 3)) {
    const verb = ao[name] as Call
    const computed = verified(name)
    ao[name] = (input: Input | undefined) => (input?.['verify'] ? computed : verb)(input)
  }
  const follow = verified('follow')
  return {
    follow: (process: string, input?: Input) => follow({ ...input, process }),
    send: bind(options, (input) => part(import('./send.js')).then(({ send }) => send(ao, input))),
    async *stream(input: unknown) {
      const { stream } = await part(import('./stream.js'))
      yield* stream(ao, input)
    }
  }
}

/** Has a message encoded in HTTP's own form. Only the mainnet verb `request` passes one. */
type Encode = (signer: unknown) => Promise<unknown>

/** Calls of a client class of the WebAssembly module, by verb. */
function caller(name: 'LegacyClient' | 'MainnetClient', options: object, { share }: Sharing) {
  /** The client within each instance of the module. */
  const clients = new WeakMap<Instance<typeof Client>, Client.LegacyClient | Client.MainnetClient>()
  const write = (verb: string, input?: Input, encode?: Encode): Promise<unknown> =>
    run((instance: Instance<typeof Client>, progress: Progress) => {
      // A wallet asks its user, which it must not do for a call that has ended.
      input?.signal?.throwIfAborted()
      let client = clients.get(instance)
      if (!client) clients.set(instance, (client = new instance.lib[name](options)))
      return client.call(verb, input, progress, encode)
    }).catch(name === 'LegacyClient' ? advised : undefined)
  return { write, read: (verb: string, input?: Input) => share(verb, input, (input) => write(verb, input)) }
}

/** Throws the error of a unit, with advice for the caller. */
async function advised(error: unknown): Promise<never> {
  if (error instanceof AoError && error.code === 'HTTP_STATUS') {
    // If this part cannot be loaded, the error stays as the unit wrote it.
    const parts = await import('./modes/legacy/unit-error.js').catch(() => undefined)
    parts?.advise(error)
  }
  throw error
}

/** Parses the results of reads, which are JSON except for slots. */
const valueOf =
  (verb: string) =>
  (result: unknown): unknown =>
    verb === 'getLastSlot' ? result : JSON.parse(result as string)
