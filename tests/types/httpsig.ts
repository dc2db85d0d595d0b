// aoxide/httpsig
import { createSigner, type ArweaveWallet, type Bytes, type Jwk } from 'aoxide'
import {
  decodeReply,
  encodeRequest,
  type EncodedRequest,
  type MessageValue,
  type ProblemCode,
  type ReceivedValue,
  type Reply,
  type ReplySignature
} from 'aoxide/httpsig'
import { a, holds, type Equal } from './check.js'

const signer = createSigner(a<Jwk>())
holds<Equal<ReturnType<typeof encodeRequest>, Promise<EncodedRequest>>>()
holds<Equal<EncodedRequest['body'], Bytes | undefined>>()
encodeRequest({ url: 'https://node' })
encodeRequest({
  url: 'https://node',
  path: '/push',
  method: 'POST',
  fields: {
    Action: 'Eval',
    n: 1n,
    ok: true,
    s: Symbol('ok'),
    list: [1, ['x']],
    map: { deep: new Uint8Array(1) },
    none: null
  },
  data: new Blob([]),
  signer,
  dialect: '2025-09'
})
encodeRequest({ url: 'https://node', dialect: '2025-11' })
encodeRequest({ url: 'https://node', dialect: 'current' })
// @ts-expect-error the URL is missing
encodeRequest({ fields: {} })
// @ts-expect-error unknown dialect
encodeRequest({ url: 'https://node', dialect: '2024' })
// @ts-expect-error a Date cannot be encoded
encodeRequest({ url: 'https://node', fields: { when: new Date() } })
// @ts-expect-error a key is not a signer
encodeRequest({ url: 'https://node', signer: a<Jwk>() })
const request = await encodeRequest({ url: 'https://node', signer })
// The result can be passed to fetch.
const response = await fetch(request.url, request)

holds<Equal<ReturnType<typeof decodeReply>, Promise<Reply>>>()
const { message, signatures, problems } = await decodeReply(response.headers, await response.arrayBuffer())
holds<Equal<typeof message, { [name: string]: ReceivedValue }>>()
holds<Equal<typeof signatures, ReplySignature[]>>()
holds<Equal<(typeof problems)[number]['code'], ProblemCode>>()
holds<Equal<ReplySignature['address'], string | undefined>>()
decodeReply({ 'content-type': 'text/plain' }, 'x', { status: 200, request })
decodeReply([['a', 'b']], new Blob([]))
// @ts-expect-error the body cannot be a number
decodeReply({}, 1)
// @ts-expect-error a decoded value can be a list
const text: string = message.body
// @ts-expect-error a function cannot be encoded
holds<MessageValue>(() => 1)

// A wallet that can sign messages, and one that cannot.
createSigner({
  connect: async () => {},
  signDataItem: async () => new ArrayBuffer(1),
  signMessage: async () => new Uint8Array(512),
  getActivePublicKey: async () => '',
  getActiveAddress: async () => ''
} satisfies ArweaveWallet)
