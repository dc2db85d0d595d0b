// The verbs of legacy networks: parameters, results, and arguments that do not compile.
import {
  assign,
  connect,
  dryrun,
  getLastSlot,
  getMessageById,
  getMessages,
  message,
  monitor,
  result,
  results,
  sendSignedMessage,
  serializeCron,
  signMessage,
  spawn,
  unmonitor,
  type Bytes,
  type Evaluation,
  type LegacyClient,
  type ResultsPage,
  type ScheduledMessage,
  type ScheduledPage,
  type Signature,
  type SignedMessage,
  type Signer,
  type Tag
} from 'aoxide'
import { a, holds, type Equal } from './check.js'

const process = a<string>()
const signer = a<Signer>()
const tags = [{ name: 'Action', value: 'Balance' }]

// connect
connect()
connect({})
connect({ MODE: 'legacy', MU_URL: 'https://mu', CU_URL: 'https://cu', SU_URL: 'https://su' })
connect({
  GATEWAY_URL: 'https://g',
  GRAPHQL_URL: 'https://g/graphql',
  GRAPHQL_MAX_RETRIES: 2,
  GRAPHQL_RETRY_BACKOFF: 1
})
connect({ fetch })
connect({ fetch: async (url, init) => Response.json({ url: String(url), method: init?.method }) })
connect({ MU_URL: ['https://a', 'https://b'], CU_URL: ['https://c'] as const })
// @ts-expect-error unknown mode
connect({ MODE: 'testnet' })
// @ts-expect-error an address must be a string
connect({ MU_URL: new URL('https://mu') })
// @ts-expect-error GRAPHQL_MAX_RETRIES must be a number
connect({ GRAPHQL_MAX_RETRIES: '2' })
// @ts-expect-error fetch must return a Response
connect({ fetch: async () => ({ ok: true }) })
// @ts-expect-error unknown option
connect({ MU: 'https://mu' })

const ao = connect()
holds<Equal<typeof ao, LegacyClient>>()
holds<Equal<(typeof ao)['MODE'], 'legacy'>>()
// The functions of the package have the same types as the verbs of a client.
holds<Equal<typeof message, (typeof ao)['message']>>()
holds<Equal<typeof dryrun, (typeof ao)['dryrun']>>()

// message
holds<Equal<Awaited<ReturnType<typeof sendAll>>, [string, string, string, { slot: string; id: string }]>>()
function sendAll() {
  return Promise.all([
    message({ process, signer }),
    message({ process, signer, returnMessageId: true }),
    message({ process, signer, returnAssignmentSlot: true }),
    message({ process, signer, returnAssignmentSlot: true, returnMessageId: true })
  ])
}
const forwarded = message({ process, signer, returnAssignmentSlot: a<boolean>(), returnMessageId: a<boolean>() })
holds<Equal<Awaited<typeof forwarded>, string | { slot: string; id: string }>>()
message({ process, signer, data: 'text', tags, anchor: 'a'.repeat(32) })
message({ process, signer, data: new Uint8Array(3) })
message({ process, signer, data: new ArrayBuffer(3) })
message({ process, signer, data: new Blob(['text']) })
message({ process, signer, tags: [{ name: 'Action', value: 'Info' }] as const })
// @ts-expect-error signer is missing
message({ process })
// @ts-expect-error process is missing
message({ signer })
// @ts-expect-error a key is not a signer
message({ process, signer: { kty: 'RSA', n: '', e: 'AQAB' } })
// @ts-expect-error the value of a tag must be a string
message({ process, signer, tags: [{ name: 'Quantity', value: 5 }] })
// @ts-expect-error tags must be a list
message({ process, signer, tags: { Action: 'Balance' } })
// @ts-expect-error data must be text or bytes
message({ process, signer, data: { some: 'object' } })
// @ts-expect-error data must be text or bytes
message({ process, signer, data: 5 })
// @ts-expect-error an anchor must be a string
message({ process, signer, anchor: new Uint8Array(32) })
// @ts-expect-error returnMessageId must be a boolean
message({ process, signer, returnMessageId: 'yes' })
// @ts-expect-error unknown option
message({ process, signer, target: process })
// @ts-expect-error without returnAssignmentSlot there is no slot
message({ process, signer }).then(({ slot }) => slot)

// signMessage and sendSignedMessage
const signed = signMessage({ process, signer, data: 'text' })
holds<Equal<Awaited<typeof signed>, SignedMessage>>()
holds<Equal<SignedMessage['raw'], Bytes>>()
signed.then((item) => sendSignedMessage(item))
signed.then(({ raw }) => new Blob([raw]))
sendSignedMessage({ id: a<string>(), raw: new ArrayBuffer(1) })
// @ts-expect-error a message that is only signed has no slot
signMessage({ process, signer, returnAssignmentSlot: true })
// @ts-expect-error id is missing
sendSignedMessage({ raw: new Uint8Array(1) })
// @ts-expect-error raw must be bytes, not base64url
sendSignedMessage({ id: a<string>(), raw: 'AQAB' })

// spawn
const spawned = spawn({ module: 'm', scheduler: 's', signer, tags, data: 'text', timestamp: Date.now() })
holds<Equal<typeof spawned, Promise<string>>>()
spawn({ module: 'm', scheduler: 's', signer, tags: serializeCron({ interval: '5-minutes', tags }) })
// @ts-expect-error signer is missing
spawn({ module: 'm', scheduler: 's' })
// @ts-expect-error scheduler is missing
spawn({ module: 'm', signer })
// @ts-expect-error module is missing
spawn({ scheduler: 's', signer })
// @ts-expect-error timestamp must be milliseconds
spawn({ module: 'm', scheduler: 's', signer, timestamp: new Date() })

// result, results, dryrun
holds<Equal<ReturnType<typeof result>, Promise<Evaluation>>>()
holds<Equal<ReturnType<typeof results>, Promise<ResultsPage>>>()
holds<Equal<ReturnType<typeof dryrun>, Promise<Evaluation>>>()
holds<Equal<Evaluation['Output'], unknown>>()
result({ process, message: 'm', wait: true })
// @ts-expect-error wait must be a boolean
result({ process, message: 'm', wait: 5 })
result({ process, message: 'm' }).then(({ Messages }) => {
  const first = Messages[0]
  // @ts-expect-error the outbox may be empty
  first.Tags
  return first?.Tags.find(({ name }) => name === 'Action')?.value
})
// @ts-expect-error message is missing
result({ process })
results({ process, from: 'c', to: 'd', limit: 25, sort: 'DESC' })
// @ts-expect-error sort must be in capitals
results({ process, sort: 'desc' })
// @ts-expect-error limit must be a number
results({ process, limit: '25' })
dryrun({ process, tags, data: 'text', anchor: '0', Id: 'i', Owner: 'o' })
dryrun({ process, data: new TextEncoder().encode('text') })
// @ts-expect-error process is missing
dryrun({ tags })
// @ts-expect-error dryrun signs nothing and takes no signer
dryrun({ process, signer })

// monitor, unmonitor, assign
for (const verb of [monitor, unmonitor]) {
  holds<Equal<ReturnType<typeof verb>, Promise<string>>>()
  verb({ process, signer })
  // @ts-expect-error signer is missing
  verb({ process })
}
const assigned = assign({ process, message: 'm', baseLayer: true, exclude: ['Data'] })
holds<Equal<typeof assigned, Promise<string>>>()
// @ts-expect-error exclude must be a list
assign({ process, message: 'm', exclude: 'Data' })
// @ts-expect-error message is missing
assign({ process })

// Reads of the scheduler unit
holds<Equal<ReturnType<typeof getMessages>, Promise<ScheduledPage>>>()
holds<Equal<ReturnType<typeof getMessageById>, Promise<ScheduledMessage>>>()
holds<Equal<ReturnType<typeof getLastSlot>, Promise<string | undefined>>>()
getMessages({ processId: process, from: '0', to: '9', limit: '5' })
getMessageById({ processId: process, messageId: 'm' })
getLastSlot({ processId: process, since: 60_000 })
// @ts-expect-error from and to must be strings
getMessages({ processId: process, from: 0, to: 9 })
getMessages({ processId: process, fromNonce: '-1', toNonce: '9' })
getMessages({ processId: process })
// @ts-expect-error fromNonce must be a string
getMessages({ processId: process, fromNonce: 0 })
// @ts-expect-error the option is named processId
getMessageById({ process, messageId: 'm' })
// @ts-expect-error since must be milliseconds as a number
getLastSlot({ processId: process, since: '60000' })

// serializeCron is synchronous
holds<Equal<ReturnType<typeof serializeCron>, Tag[]>>()
// @ts-expect-error interval is missing
serializeCron({ tags })
// @ts-expect-error interval must be a string
serializeCron({ interval: 5 })

// Every verb takes signal, timeout and retry.
const id = a<string>()
const bounds = { signal: new AbortController().signal, timeout: 1000, retry: { attempts: 3, statuses: [404] } } as const
void ao.result({ process: id, message: id, ...bounds })
void ao.message({ process: id, signer, ...bounds, retry: 2 })
void ao.getLastSlot({ processId: id, ...bounds })
void ao.message({
  process: id,
  signer: a<Signer>(),
  onSigned: (signed, { problems }) => {
    holds<Equal<typeof signed, string>>()
    holds<Equal<typeof problems, Signature['problems']>>()
  }
})
// @ts-expect-error signal must be an AbortSignal, not a controller
void ao.result({ process: id, message: id, signal: new AbortController() })
// @ts-expect-error
void ao.result({ process: id, message: id, retry: 'often' })

// Verbs that send several requests
const sent = ao.send({ process: id, signer, onProgress: ({ stage, id }) => console.log(stage, id) })
holds<Equal<Awaited<typeof sent>, Evaluation & { id: string }>>()
// @ts-expect-error send returns no slot in legacy mode
sent.then(({ slot }) => slot)
// @ts-expect-error signer is missing
void ao.send({ process: id })
for await (const { cursor, node } of ao.stream({ process: id, from: 'c', interval: 5, ...bounds })) {
  holds<Equal<[typeof cursor, typeof node], [string, Evaluation]>>()
}
// @ts-expect-error process is missing
void ao.stream({})
// @ts-expect-error state exists in mainnet mode only
void ao.state(id)
