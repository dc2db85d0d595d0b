// The verbs of HyperBEAM nodes: what they take, what they give, and what they refuse.
import {
  connect,
  type ConnectOptions,
  type Delivered,
  type Evaluation,
  type LegacyClient,
  type MainnetClient,
  type MainnetResult,
  type Signer,
  type StateValue
} from 'aoxide'
import { decodeReply } from 'aoxide/httpsig'
import { a, holds, type Equal } from './check.js'

const process = a<string>()
const signer = a<Signer>()
const tags = [{ name: 'Action', value: 'Balance' }]

// connect: the mode says which verbs there are
const ao = connect({ MODE: 'mainnet' })
holds<Equal<typeof ao, MainnetClient>>()
holds<Equal<(typeof ao)['MODE'], 'mainnet'>>()
const old = connect<'legacy'>()
holds<Equal<typeof old, LegacyClient>>()
const named = connect<'mainnet'>({ MODE: 'mainnet', URL: ['https://a', 'https://b'], SCHEDULER: 's', signer })
holds<Equal<typeof named, MainnetClient>>()
const usual = connect(a<ConnectOptions>())
holds<Equal<typeof usual, LegacyClient>>()
const spread = connect({ MODE: 'legacy', ...a<ConnectOptions>() })
holds<Equal<typeof spread, LegacyClient>>()
const either = connect(a<ConnectOptions<'legacy' | 'mainnet'>>())
holds<Equal<typeof either, LegacyClient | MainnetClient>>()
if (either.MODE === 'mainnet') void either.state(process)
// @ts-expect-error until the mode is known
void either.state(process)
connect({
  MODE: 'mainnet',
  signedReads: true,
  fetch,
  timeout: 5,
  retry: 2,
  SU_URL: 'https://su',
  onRequest: console.log
})
// @ts-expect-error a messenger unit is of the other mode
connect({ MODE: 'mainnet', MU_URL: 'https://mu' })
// @ts-expect-error a node is of the other mode
connect({ MODE: 'legacy', URL: 'https://node' })
// @ts-expect-error a node is of the other mode, which must be named
connect({ URL: 'https://node' })
// @ts-expect-error the mode is what was said
connect<'mainnet'>({ MODE: 'legacy' })
// @ts-expect-error a key is no signer
connect({ MODE: 'mainnet', signer: { kty: 'RSA' } })
// @ts-expect-error addresses are text
connect({ MODE: 'mainnet', URL: new URL('https://node') })
// @ts-expect-error only legacy networks have these
void [ao.monitor, ao.assign, ao.signMessage]

// spawn
const spawned = ao.spawn({ module: 'm', scheduler: 's', authority: 'a', tags, data: 'd', anchor: new Uint8Array(32) })
holds<Equal<typeof spawned, Promise<string>>>()
ao.spawn({ tags, signer })
// @ts-expect-error an id is text
ao.spawn({ module: 5 })
// @ts-expect-error nothing is stamped here
ao.spawn({ module: 'm', timestamp: 5 })

// message
holds<Equal<Awaited<ReturnType<typeof sendAll>>, [number, number, string, Delivered, MainnetResult]>>()
function sendAll() {
  return Promise.all([
    ao.message({ process }),
    ao.message({ process, returnAssignmentSlot: true }),
    ao.message({ process, returnMessageId: true }),
    ao.message({ process, returnAssignmentSlot: true, returnMessageId: true }),
    ao.message({ process, opts: { fullResponse: true } })
  ])
}
const forwarded = ao.message({ process, returnMessageId: a<boolean>() })
holds<Equal<Awaited<typeof forwarded>, number | string | Delivered | MainnetResult>>()
ao.message({ process, signer, data: new Blob(['text']), tags, anchor: 'a'.repeat(32), retry: 2, timeout: 5 })
// @ts-expect-error without a process
ao.message({ data: 'd' })
// @ts-expect-error values of tags are text
ao.message({ process, tags: [{ name: 'Quantity', value: 5 }] })
// @ts-expect-error a slot is a number
ao.message({ process }).then((slot) => slot.length)

// schedule, send, stream
holds<Equal<ReturnType<typeof ao.schedule>, Promise<Delivered>>>()
ao.schedule(process, { tags, data: 'd' })
ao.schedule(process)
// @ts-expect-error the process comes first
ao.schedule({ process })
// @ts-expect-error only once
ao.schedule(process, { process })
ao.send({ process, onProgress: (progress) => progress.stage === 'sent' && progress.slot }).then(
  ({ id, slot, Output }) => [id.length, slot.toFixed(), Output]
)
// @ts-expect-error no such stage
ao.send({ process, onProgress: (progress) => progress.stage === 'lost' })
for await (const { cursor, node } of ao.stream({ process, signal: new AbortController().signal })) {
  holds<Equal<[typeof cursor, typeof node], [string, MainnetResult]>>()
}

// result, results, dryrun
holds<Equal<ReturnType<typeof ao.result>, Promise<MainnetResult>>>()
holds<MainnetResult extends Evaluation ? true : false>()
ao.result({ process, slot: 5, wait: true })
ao.result({ process, message: 'm', signedReads: true, signer })
// @ts-expect-error of which message?
ao.result({ process })
const page = ao.results({ process, from: '1', to: '9', limit: 2, sort: 'DESC' })
holds<Equal<Awaited<typeof page>['edges'][number]['cursor'], string>>()
// @ts-expect-error a cursor is text
ao.results({ process, from: 1 })
ao.dryrun({ process, tags, data: 'd' })
// @ts-expect-error a node takes the signer as the owner
ao.dryrun({ process, Owner: 'o' })

// state
const state = ao.state(process, { path: ['cache', 'balances'], slot: 5 })
holds<Equal<typeof state, Promise<StateValue>>>()
ao.state(process, { path: 'cache', at: 'compute', timeout: 5 })
ao.state(process)
// @ts-expect-error now or compute
ao.state(process, { at: 'then' })
// @ts-expect-error it may be anything
ao.state(process).then((value) => value.supply)

// request
const response = ao.request({ path: '/x', 'signing-format': 'ans104', Action: 'Info', 'a-number': 5 })
holds<Equal<typeof response, Promise<Response>>>()
const message = ao.request({ path: '/x', method: 'POST', map: { a: [1, true] }, data: new Blob(['d']), retry: 2 })
holds<Equal<typeof message, Promise<Response>>>()
ao.request({ path: '/x', signer: null, 'signing-format': 'httpsig' })
connect({ MODE: 'mainnet', dialect: '2025-09' })
decodeReply(await ao.request({ path: '/x' })).then(({ signatures }) => signatures.every(({ valid }) => valid))
decodeReply(await response, { request: { method: 'POST', url: 'https://node/x' } })
// @ts-expect-error the response has the bytes
decodeReply(await response, new Uint8Array(1))
// @ts-expect-error no such age
connect({ MODE: 'mainnet', dialect: '2024' })
// @ts-expect-error a key is no signer
ao.request({ path: '/x', signer: { kty: 'RSA' } })
// @ts-expect-error dates are no data
ao.request({ path: '/x', data: new Date() })
// @ts-expect-error without a path
ao.request({ Action: 'Info' })
// @ts-expect-error no such format
ao.request({ path: '/x', 'signing-format': 'pgp' })

// The scheduler's, and signers
ao.getMessages({ processId: process, from: '0', to: '9' })
ao.getLastSlot({ processId: process })
ao.message({ process, signer: ao.createSigner(a<{ kty: string; n: string; e: string }>()) })
ao.message({ process, signer: ao.createDataItemSigner() })
