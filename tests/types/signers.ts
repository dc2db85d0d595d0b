// Signers: aoconnect's contract in both forms, and the exchange of signers between libraries.
import {
  createDataItemSigner,
  createSigner,
  generateJwk,
  jwkToAddress,
  message,
  type AnyCreate,
  type ArweaveWallet,
  type Bytes,
  type Create,
  type ItemFields,
  type Jwk,
  type MadeSigner,
  type Signer
} from 'aoxide'
import { a, holds, type Equal } from './check.js'

const process = a<string>()
const publicKey = a<Uint8Array>()
const sign = a<(bytes: Uint8Array) => Promise<Uint8Array>>()
const jwk: Jwk = { kty: 'RSA', n: '', e: 'AQAB', d: '' }
const wallet = a<ArweaveWallet>()

// createSigner: parameters
holds<Equal<typeof createDataItemSigner, typeof createSigner>>()
const ofKey = createSigner(jwk)
const ofWallet = createSigner(wallet)
holds<Equal<typeof ofKey, MadeSigner>>()
holds<Equal<typeof ofWallet, MadeSigner>>()
createSigner(a<Jwk | ArweaveWallet | Signer>())
// @ts-expect-error the text of a key file is not the key
createSigner('{"kty":"RSA"}')
// @ts-expect-error an argument is required
createSigner()
// The page may have no wallet yet.
const ofLaterWallet = createSigner(a<ArweaveWallet | null | undefined>())
holds<Equal<typeof ofLaterWallet, MadeSigner>>()
// @ts-expect-error the key has no modulus
createSigner({ kty: 'RSA', e: 'AQAB' })
// @ts-expect-error the object has no method that signs
createSigner({ connect: async () => {} })

// The type of a wallet on a page is accepted, although it has further members and its own union of permissions.
interface PageWallet {
  walletName: string
  connect(permissions: ('SIGN_TRANSACTION' | 'ACCESS_ADDRESS')[], appInfo?: { name?: string }): Promise<void>
  signDataItem(item: { data: string | Uint8Array; tags?: { name: string; value: string }[] }): Promise<ArrayBufferLike>
}
createSigner(a<PageWallet>())

// First form: the signer signs bytes.
const ofBytes: Signer = async (create, kind) => {
  holds<Equal<typeof kind, string | undefined>>()
  const bytes = await create({ publicKey, type: 1, alg: 'rsa-v1_5-sha256' })
  holds<Equal<typeof bytes, Bytes>>()
  await crypto.subtle.digest('SHA-256', bytes)
  return { signature: await sign(bytes), address: 'optional' }
}
// `create` returns a promise, so `then` works too.
const chained: Signer = (create) =>
  create({ publicKey: 'base64url' }).then(async (bytes) => ({ signature: await sign(bytes) }))
const inText: Signer = async (create) => ({ signature: String(await create({ publicKey })) })

// Second form: the signer returns the whole item.
const ofFields: Signer = async (create) => {
  const fields = await create({ passthrough: true })
  holds<Equal<typeof fields, ItemFields>>()
  return { id: 'optional', raw: await a<(fields: ItemFields) => Promise<ArrayBuffer>>()(fields) }
}
message({ process, signer: ofKey })
message({ process, signer: ofWallet })
for (const signer of [ofBytes, chained, inText, ofFields]) message({ process, signer })
message({ process, signer: async (create) => ({ signature: await create({ publicKey, type: 1 }) }) })
// @ts-expect-error the result has neither a signature nor an item
message({ process, signer: async () => ({ address: '' }) })
// @ts-expect-error a signature must be bytes or a string
message({ process, signer: async () => ({ signature: [1, 2, 3] }) })
// @ts-expect-error create requires the public key
message({ process, signer: async (create) => ({ signature: await create({ type: 1 }) }) })
// @ts-expect-error create returns a promise that must be awaited
message({ process, signer: async (create) => ({ signature: create({ publicKey }) }) })

// Our signers in other libraries: their `create` may return a promise, as aoconnect's does, or the bytes.
ofKey(a<Create>(), 'ans104').then((answer) => ('raw' in answer ? answer.raw : answer.signature))
ofKey(a<AnyCreate>())
ofWallet(a<AnyCreate>(), 'ans104')
// Signers of other libraries: they must accept a `create` that returns a promise.
message({ process, signer: a<(create: Create) => Promise<{ signature: Uint8Array; address: string }>>() })
message({ process, signer: a<(create: AnyCreate) => Promise<{ id: string; raw: ArrayBuffer }>>() })
message({
  process,
  signer: a<(create: (fields: { publicKey: Uint8Array }) => Promise<Uint8Array>) => { signature: string }>()
})
// @ts-expect-error the signer requires a create that returns the bytes, and ours returns a promise
message({ process, signer: a<(create: (fields: { publicKey: Uint8Array }) => Uint8Array) => { signature: string }>() })

// Keys
holds<Equal<ReturnType<typeof generateJwk>, Promise<Jwk>>>()
holds<Equal<ReturnType<typeof jwkToAddress>, Promise<string>>>()
generateJwk().then(createSigner)
// @ts-expect-error the text of a key file is not the key
jwkToAddress('{"kty":"RSA"}')
