// Answers that are computed here from the signed schedule: `follow`, and reads with `verify`. Fetched on first use.

import { AoError } from '../errors.js'
import type { Evaluation } from '../types.js'
import { follow } from '../verify/index.js'
import type { FollowOptions, PreviewMessage, Proof, Proven, View } from '../verify/types.js'
import type { Input } from './call-policy.js'
import type { Addresses, RequestEvent, ResponseEvent } from './options.js'
import { part } from '../wasm/lazy-module.js'
import { sleep } from './sleep.js'
import type { ProvenPage } from './verify-option.js'

/** The options of a client, in any mode. */
interface Options {
  SU_URL?: Addresses
  CU_URL?: Addresses
  GATEWAY_URL?: Addresses
  GRAPHQL_URL?: Addresses
  URL?: Addresses
  fetch?: FollowOptions['fetch']
  retry?: FollowOptions['retry']
  responseLimit?: number
  onRequest?: (event: RequestEvent) => void
  onResponse?: (event: ResponseEvent) => void
}

type Arguments = Input & { process: string; verify?: unknown }

/** The views of a client, by their process. The order is that of use. */
type Views = Map<string, Promise<View>>

const clients = new WeakMap<object, Views>()

/** Views that `follow` returned. The caller closes them. */
const callers = new WeakSet<Promise<View>>()

/** The scheduler unit that answers for all processes of the public network. */
const ROUTER = 'https://su-router.ao-testnet.xyz'

/** Most views that a client keeps. Each has the memory of a process. */
const MOST_VIEWS = 8

/** @internal Answers a verb of a client, which is known by its options. */
export async function answer(verb: string, given: Input, mode: string, options: object): Promise<unknown> {
  const input = given as Arguments
  const views: Views = clients.get(options) ?? new Map()
  clients.set(options, views)
  const { process, verify } = input
  if (verb === 'follow') {
    const { process, timeout, onSigned, ...rest } = input
    const view = opened(process, mode, options, rest)
    callers.add(view)
    // Only a view that is open takes the place of another.
    await view
    views.set(process, view)
    return view
  }
  if (verify !== true && verify !== 'local')
    throw new AoError('BAD_ARGUMENT', "'verify': Expected true or 'local'. Leave it out to take the unit's answer.")
  const attempt = async () => COMPUTED[verb]?.(await viewOf(process, mode, options, views), input, mode)
  try {
    return await attempt()
  } catch (error) {
    // The caller has closed the view that `follow` returned.
    if (!(error instanceof AoError && error.code === 'STOPPED')) throw error
    views.delete(process)
    return attempt()
  }
}

/** The view of a process. It does not end with the call that opens it, since others may wait for it. */
function viewOf(process: string, mode: string, options: Options, views: Views): Promise<View> {
  const view = views.get(process) ?? opened(process, mode, options)
  views.delete(process)
  views.set(process, view)
  view.catch(() => views.get(process) === view && views.delete(process))
  if (views.size > MOST_VIEWS) {
    const [[unused, old]] = views as unknown as [[string, Promise<View>]]
    views.delete(unused)
    if (!callers.has(old)) old.then((old) => old.close()).catch(() => {})
  }
  return view
}

/** Follows a process with the addresses of a client, and with these options. */
async function opened(process: string, mode: string, options: Options, given: Partial<FollowOptions> = {}) {
  const usual = await sourceOf(process, mode, options, given.source !== undefined)
  // A local network can have modules under ids that are no item's. The process is checked by `follow`.
  if (mode === 'local' && typeof process === 'string' && !given.source && !given.module && !given.trust?.module) {
    const { pinnedModule } = await part(import('./modes/local.js'))
    const pinned = await pinnedModule(process, {
      gateway: first(usual.source.gateway),
      fetch: options.fetch as typeof fetch
    })
    if (pinned) given = { ...given, module: pinned.bytes, trust: { ...given.trust, module: { sha256: pinned.sha256 } } }
  }
  return follow(process, { ...usual, ...given })
}

const first = (addresses: Addresses): string => (typeof addresses === 'string' ? addresses : (addresses[0] ?? ''))

/**
 * The addresses of a client, as a source of schedules, and how it sends requests. The scheduler unit is looked up where the
 * client has none.
 */
async function sourceOf(process: string, mode: string, options: Options, isGiven: boolean) {
  const { SU_URL = '', CU_URL, GATEWAY_URL, GRAPHQL_URL, URL, retry, responseLimit } = options
  const given = (addresses: Addresses | undefined, usual: string): Addresses =>
    addresses && first(addresses) ? addresses : usual
  const gateway = given(GATEWAY_URL, 'https://arweave.net')
  const sends = hooked(options)
  const lookUp = async () => {
    const { schedulerUrl } = await part(import('./scheduler-url.js'))
    const graphql = first(given(GRAPHQL_URL, `${first(gateway).replace(/\/+$/, '')}/graphql`))
    return schedulerUrl(process, { router: ROUTER, graphql, fetch: sends ?? globalThis.fetch })
  }
  // `follow` refuses what is no id.
  const isUnknown = mode === 'legacy' && !isGiven && first(SU_URL) === '' && /^[\w-]{43}$/.test(process)
  const source =
    mode === 'mainnet'
      ? { node: first(given(URL, 'https://tee-6.forward.computer')), gateway }
      : {
          scheduler: isUnknown ? await lookUp() : given(SU_URL, ROUTER),
          gateway,
          unit: given(CU_URL, 'https://cu.ao-testnet.xyz'),
          ...(GRAPHQL_URL && { graphql: GRAPHQL_URL })
        }
  return {
    source,
    ...(sends && { fetch: sends }),
    ...(retry !== undefined && { retry }),
    ...(responseLimit !== undefined && { responseLimit })
  }
}

/** The `fetch` of a client, with its hooks. `undefined`: the runtime's own, which a worker has, too. */
function hooked({ fetch, onRequest, onResponse }: Options): typeof globalThis.fetch | undefined {
  if (!onRequest && !onResponse) return fetch as typeof globalThis.fetch | undefined
  const tell = (hook: unknown, event: RequestEvent | ResponseEvent) => {
    try {
      if (typeof hook === 'function') hook(event)
    } catch {
      // Exceptions of listeners are ignored.
    }
  }
  return async (url, init) => {
    const { method = 'GET', body } = init ?? {}
    const event = { url: String(url), method, ...(typeof body === 'string' && { body }) }
    tell(onRequest, event)
    const began = performance.now()
    const ended = (outcome: { status: number } | { error: unknown }) =>
      tell(onResponse, { ...event, ...outcome, milliseconds: performance.now() - began })
    try {
      const response = await (fetch ?? globalThis.fetch)(url as string, init)
      ended({ status: response.status })
      return response as Response
    } catch (error) {
      ended({ error })
      throw error
    }
  }
}

/** Brings the view up to date. Only the answer itself is compared with the unit's. */
const advance = (view: View, { signal }: Arguments) => view.advance({ unit: false, ...(signal && { signal }) })

const asking = ({ verify, signal }: Arguments) => ({ unit: verify === true, ...(signal && { signal }) })

const COMPUTED: Readonly<Record<string, (view: View, input: Arguments, mode: string) => Promise<unknown>>> = {
  async dryrun(view, input) {
    const { tags, data, anchor, Owner: from, Id: id } = input
    return view.dryrun({ tags, data, anchor, from, id } as PreviewMessage, { ...asking(input), advance: true })
  },
  result,
  results,
  async state(view, input) {
    const { path = '', slot, at } = input
    if (slot !== undefined || at === 'compute')
      throw new AoError('BAD_ARGUMENT', "'slot', 'at': The state is computed at the newest slot. Leave them out.")
    const proof = await advance(view, input)
    return { value: await view.read(Array.isArray(path) ? path.join('/') : String(path)), proof }
  }
}

/** The result of a message that the view evaluated. With `wait`, of one that is not in the schedule yet, too. */
async function result(view: View, input: Arguments): Promise<Proven<Evaluation>> {
  const { slot = input['message'], wait, timeout = 60_000, signal } = input
  const wanted = /^\d+$/.test(String(slot)) ? Number(slot) : String(slot)
  const read = () => view.result(wanted, asking(input))
  const until = Date.now() + timeout
  for (let pause = 500; ; pause = Math.min(pause * 2, 10_000)) {
    const found = await read().catch(unlessMissing)
    if (found) return found
    await advance(view, input)
    const fresh = await read().catch((error) => {
      if (!wait || Date.now() + pause > until) throw error
      return unlessMissing(error)
    })
    if (fresh) return fresh
    await sleep(pause, signal)
  }
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof AoError && error.code === 'NOT_FOUND')) throw error
}

/** A page of results. A cursor is a slot, or a unit's cursor. The defaults are those of the mode. */
async function results(view: View, input: Arguments, mode: string): Promise<ProvenPage> {
  const { from, to } = input
  const isNewest = mode === 'mainnet' && from === undefined
  const { sort = isNewest ? 'DESC' : 'ASC', limit = isNewest && to === undefined ? 1 : 25 } = input
  const proof = await advance(view, input)
  const [first, behind, step] = sort === 'DESC' ? [view.slot, -1, -1] : [0, view.slot + 1, 1]
  const start = from === undefined ? first : slotOf(from) + step
  const end = to === undefined ? behind : slotOf(to)
  const count = Math.max(0, (end - start) * step)
  const edges: ProvenPage['edges'] = []
  let unit: Proof['unit'] = 'not-asked'
  for (let slot = start; edges.length < Math.min(count, Number(limit)); slot += step) {
    const node = await view.result(slot, asking(input))
    edges.push({ cursor: String(slot), node })
    unit = worse(unit, node.proof.unit)
  }
  return { pageInfo: { hasNextPage: count > edges.length }, edges, proof: { ...proof, unit } }
}

const UNITS: Proof['unit'][] = ['not-asked', 'agrees', 'other-order', 'stale', 'no-answer', 'differs']

const worse = (one: Proof['unit'], other: Proof['unit']) => (UNITS.indexOf(other) > UNITS.indexOf(one) ? other : one)

/** The slot of a cursor. Those of units are JSON in base64. */
function slotOf(cursor: unknown): number {
  try {
    const text = String(cursor)
    const slot = Number(/^\d+$/.test(text) ? text : JSON.parse(atob(text)).ordinate)
    if (Number.isSafeInteger(slot)) return slot
  } catch {
    // It is neither.
  }
  throw new AoError('BAD_ARGUMENT', `'from', 'to': "${cursor}" is no cursor. Pass one of an earlier page.`)
}
