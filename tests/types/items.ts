// Data items, errors, and loading.
import { AoError, createSigner, load, type AoErrorCode, type Bytes, type Jwk, type Signer, type Tag } from 'aoxide'
import {
  Bundle,
  DataItem,
  StoredItem,
  deepHash,
  readStream,
  signStream,
  type BundleVerification,
  type DataItemFields,
  type DeepHashChunk,
  type Draft,
  type Problem,
  type Verification
} from 'aoxide/ans104'
import { a, holds, type Equal } from './check.js'

const signer = a<Signer>()

// Create an item
const draft = DataItem.create({ data: 'text', target: 't', anchor: new Uint8Array(32), tags: [] })
holds<Equal<typeof draft, Draft>>()
DataItem.create({})
DataItem.create({ data: new Blob([]), tags: [{ name: 'a', value: 'b' }] as const })
const signing = draft.sign(signer)
holds<Equal<typeof signing, Promise<DataItem>>>()
draft.sign(createSigner(a<Jwk>()))
// A signer of the older form
type Fields = { data?: string | Uint8Array; tags?: { name: string; value: string }[]; target?: string; anchor?: string }
draft.sign(a<(fields: Fields) => Promise<{ id: string; raw: ArrayBuffer }>>())
// @ts-expect-error the fields must be an object
DataItem.create('text')
// @ts-expect-error the fields are required
DataItem.create()
// @ts-expect-error data must be text or bytes
DataItem.create({ data: { some: 'object' } })
// @ts-expect-error unknown field
DataItem.create({ owner: 'o' })
// @ts-expect-error a key is not a signer
draft.sign(a<Jwk>())
// @ts-expect-error DataItem has no public constructor
new DataItem(new Uint8Array(1))
const fields: DataItemFields = { tags: [{ name: 'a', value: 'b' }] }
DataItem.create(fields)

// Read an item
holds<Equal<ReturnType<typeof DataItem.parse>, Promise<DataItem>>>()
DataItem.parse(new ArrayBuffer(1))
DataItem.parse(new Uint8Array(1))
// @ts-expect-error parse takes bytes, not base64url
DataItem.parse('AQAB')
const item = a<DataItem>()
holds<Equal<DataItem['tags'], Tag[]>>()
holds<Equal<DataItem['rawTags'], { name: Bytes; value: Bytes }[]>>()
holds<Equal<DataItem['data' | 'raw' | 'anchor'], Bytes>>()
holds<Equal<DataItem['id' | 'signature' | 'owner' | 'address' | 'target'], string>>()
holds<Equal<DataItem['signatureType'], number>>()
new Blob([item.data, item.raw])
DataItem.create({ data: item.data, target: item.target, anchor: item.anchor, tags: item.tags })

// Every property is read-only.
// @ts-expect-error
item.id = ''
// @ts-expect-error
item.signatureType = 1
// @ts-expect-error
item.signature = ''
// @ts-expect-error
item.owner = ''
// @ts-expect-error
item.address = ''
// @ts-expect-error
item.target = ''
// @ts-expect-error
item.anchor = new Uint8Array(32)
// @ts-expect-error
item.tags = []
// @ts-expect-error
item.rawTags = []
// @ts-expect-error
item.data = new Uint8Array(1)
// @ts-expect-error
item.raw = new Uint8Array(1)

// Verify an item
holds<Equal<ReturnType<DataItem['verify']>, Promise<Verification>>>()
holds<Equal<Verification['valid'], boolean>>()
holds<Equal<Verification['problems'], Problem[]>>()
holds<Equal<Problem['code'], string>>()
item.verify()
item.verify({ strict: false })
// @ts-expect-error strict must be a boolean
item.verify({ strict: 'no' })

// deepHash
holds<Equal<ReturnType<typeof deepHash>, Promise<Bytes>>>()
deepHash('text')
deepHash(['dataitem', new Uint8Array(1), [['deep'], []]])
deepHash(a<readonly string[]>())
deepHash(a<DeepHashChunk>())
// @ts-expect-error numbers have no bytes
deepHash(5)
// @ts-expect-error numbers have no bytes
deepHash(['a', [5]])

// Errors
const error = a<AoError>()
const asError: Error = error
holds<Equal<AoError['code'], AoErrorCode>>()
holds<Equal<AoError['name'], 'AoError'>>()
holds<Equal<AoError['cause'], unknown>>()
holds<Equal<AoError['details'], Readonly<Record<string, unknown>>>>()
new AoError('BAD_ID', 'message', { details: { status: 500 }, cause: new Error('why') })
// @ts-expect-error unknown code
new AoError('BAD_LUCK', 'message')
// @ts-expect-error
error.code = 'BAD_ID'
// @ts-expect-error
error.details = {}
// @ts-expect-error details are unknown until the caller checks their type
error.details['status'].toFixed()
// @ts-expect-error unknown code
if (error.code === 'HTTP_STATE') throw error

/** A switch over all codes. It does not compile if a code is added or removed. */
function group(code: AoErrorCode): 'arguments' | 'signing' | 'network' | 'compute' | 'verification' | 'other' {
  switch (code) {
    case 'BAD_ARGUMENT':
    case 'BAD_ANCHOR':
    case 'BAD_TAGS':
    case 'BAD_ID':
      return 'arguments'
    case 'BAD_KEY':
    case 'BAD_ITEM':
    case 'BAD_SIGNATURE':
    case 'UNSUPPORTED':
    case 'SIGNER':
      return 'signing'
    case 'HTTP_NETWORK':
    case 'HTTP_STATUS':
    case 'BAD_RESPONSE':
    case 'NOT_FOUND':
    case 'TIMEOUT':
      return 'network'
    case 'BAD_MODULE':
    case 'BAD_SNAPSHOT':
    case 'ENGINE_TRAP':
    case 'OUT_OF_GAS':
    case 'OUT_OF_MEMORY':
    case 'STOPPED':
    case 'STORAGE':
      return 'compute'
    case 'VERIFY_SIGNATURE':
    case 'VERIFY_SCHEDULER':
    case 'VERIFY_PROCESS':
    case 'VERIFY_MESSAGE':
    case 'VERIFY_GAP':
    case 'VERIFY_CHAIN':
    case 'VERIFY_FORK':
    case 'VERIFY_DATA':
    case 'VERIFY_CHECKPOINT':
    case 'NO_CHECKPOINT':
    case 'CHECKPOINT_TOO_OLD':
    case 'VERIFY_MODULE':
    case 'UNSUPPORTED_DEVICE':
    case 'MISMATCH':
    case 'HEAD_TOO_OLD':
    case 'VIEW_DAMAGED':
    case 'VIEW_ROLLED_BACK':
      return 'verification'
    case 'CRASH':
      return 'other'
    default: {
      const none: never = code
      return none
    }
  }
}

// bundles
const stored = a<StoredItem>()
const signed = a<DataItem>()
holds<Equal<ReturnType<typeof Bundle.create>, Promise<Bundle>>>()
Bundle.create([signed, stored])
Bundle.parse(new Blob([]))
Bundle.parse(new Uint8Array(1))
Bundle.parse({ size: 1, read: () => new Uint8Array(1) })
Bundle.parse(stored)
Bundle.parse(signed)
// @ts-expect-error a source has a size
Bundle.parse({ read: () => new Uint8Array(1) })
// @ts-expect-error items must be signed
Bundle.create([DataItem.create({})])
Bundle.parse(signed).then(async (bundle) => {
  holds<Equal<Awaited<ReturnType<typeof bundle.get>>, StoredItem | undefined>>()
  holds<Equal<Awaited<ReturnType<typeof bundle.verify>>, BundleVerification>>()
  for await (const each of bundle) holds<Equal<typeof each, StoredItem>>()
  bundle.sign(signer, { tags: [] }, { signal: new AbortController().signal })
  // @ts-expect-error a bundle is the data of its carrier
  bundle.sign(signer, { data: 'x' })
})

// streams
StoredItem.sign({ data: new Blob([]) }, signer, { onProgress: ({ done }) => holds<Equal<typeof done, number>>() })
// @ts-expect-error a stream is read once: signStream
StoredItem.sign({ data: new ReadableStream<Uint8Array>() }, signer)
signStream(new ReadableStream<Uint8Array>(), {}, signer).then(({ withData }) =>
  withData(new ReadableStream<Uint8Array>())
)
readStream(new ReadableStream<Uint8Array>()).then(({ data, verification }) => {
  holds<Equal<typeof verification, Promise<Verification>>>()
  return new Response(data)
})

// load
holds<Equal<ReturnType<typeof load>, Promise<void>>>()
load()
load({})
load({ module: fetch('/aoxide.wasm') })
load({ module: new Uint8Array(1) })
load({ module: a<WebAssembly.Module>() })
load({ module: '/aoxide.wasm' })
load({ module: new URL('https://cdn/aoxide.wasm') })
// @ts-expect-error module must be left out or have a value
load({ module: undefined })
// @ts-expect-error the options must be an object
load('/aoxide.wasm')
