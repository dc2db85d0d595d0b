// Signs data items with keys and wallets of other networks than Arweave: Ethereum, Solana, Aptos. Fetched on first use.

import { AoError } from '../errors.js'
import { signatures } from '../wasm/modules.js'
import type * as Signatures from '../wasm/signatures.js'
import { hostEd25519 } from './host-ed25519.js'
import type {
  AnyCreate,
  AptosWallet,
  EthereumWallet,
  MultiAptosKeys,
  OtherJwk,
  OtherSource,
  SignerAnswer,
  SolanaWallet
} from './types.js'

type Lib = typeof Signatures

const encoder = new TextEncoder()
type Sign = (hash: Uint8Array) => Uint8Array | Promise<Uint8Array>

/** A signature type, the owner of its items, and how the deep hash of an item is signed. */
interface Account {
  type: number
  owner: Uint8Array
  sign: Sign
}

/** Numbers of signature types. */
const ED25519 = 2
const ETHEREUM = 3
const SOLANA = 4
const APTOS = 5
const MULTI_APTOS = 6
const TYPED_ETHEREUM = 7

/** Signs an item with a key or a wallet. `type` is a signature type other than the usual one. */
export const signWith = (source: OtherSource, given: unknown, type: number | undefined, create: AnyCreate) =>
  signatures.run(async ({ lib }): Promise<SignerAnswer> => {
    const account = await accountOf(lib, source, given, type)
    const hash = await create({ type: account.type, publicKey: account.owner })
    return { signature: await account.sign(new Uint8Array(hash)) }
  })

function accountOf(lib: Lib, source: OtherSource, given: unknown, type?: number): Account | Promise<Account> {
  switch (source) {
    case 'ed25519-key':
      return ed25519Account(lib, type ?? ED25519, given as object)
    case 'ethereum-key':
      return keyAccount(lib, type ?? ETHEREUM, ethereumKey(given))
    case 'ethereum-wallet':
      return ethereumAccount(lib, given as EthereumWallet, type ?? ETHEREUM)
    case 'solana-wallet':
      return solanaAccount(lib, given as SolanaWallet, type ?? ED25519)
    case 'aptos-wallet':
      return aptosAccount(lib, given as AptosWallet)
    case 'aptos-keys':
      return multiAptosAccount(given as MultiAptosKeys)
  }
}

function keyAccount(lib: Lib, type: number, key: Uint8Array): Account {
  return { type, owner: lib.ownerOf(type, key), sign: (hash) => lib.signHash(type, key, hash) }
}

/** The runtime signs, where it has Ed25519. Its signatures are the same as the module's. */
async function ed25519Account(lib: Lib, type: number, given: object): Promise<Account> {
  const key = ed25519Key(given)
  const account = keyAccount(lib, type, key)
  const host = await hostEd25519(given, key.subarray(0, 32))
  if (!host) return account
  const { owner } = account
  return {
    type,
    owner,
    sign: (hash) => host(type === SOLANA ? encoder.encode(lib.walletMessage(type, owner, hash)) : hash)
  }
}

function ed25519Key(given: unknown): Uint8Array {
  if (isJwk(given)) return fromBase64url(given.d)
  return Uint8Array.from(given as ArrayLike<number>)
}

const ethereumKey = (given: unknown): Uint8Array => (isJwk(given) ? fromBase64url(given.d) : fromHex(given as string))

const isJwk = (given: unknown): given is OtherJwk => (given as Partial<OtherJwk>).kty !== undefined

/** Public keys of wallets, by address. A wallet tells its key only in a signature, for which it asks its user. */
const publicKeys = new WeakMap<EthereumWallet, Map<string, Uint8Array>>()

async function ethereumAccount(lib: Lib, wallet: EthereumWallet, type: number): Promise<Account> {
  const accounts = await wallet.request({ method: 'eth_requestAccounts' })
  const address = Array.isArray(accounts) ? accounts[0] : undefined
  if (typeof address !== 'string') throw refused('The wallet returned no account. Unlock it and allow this page.')
  if (type === TYPED_ETHEREUM) {
    const owner = encoder.encode(address.toLowerCase())
    const sign: Sign = async (hash) => {
      const data = lib.walletMessage(type, owner, hash)
      return signatureOf(await wallet.request({ method: 'eth_signTypedData_v4', params: [address, data] }))
    }
    return { type, owner, sign }
  }
  const personalSign: Sign = async (message) =>
    signatureOf(await wallet.request({ method: 'personal_sign', params: [toHex(message), address] }))
  const known = publicKeys.get(wallet) ?? new Map<string, Uint8Array>()
  publicKeys.set(wallet, known)
  let owner = known.get(address)
  if (!owner) {
    const text = encoder.encode('Sign this text to show your public key. It sends nothing and costs nothing.')
    owner = lib.recoverPublicKey(text, await personalSign(text))
    if (lib.ethereumAddress(owner).toLowerCase() !== address.toLowerCase())
      throw refused(`The wallet did not sign with the account ${address}. Choose that account in the wallet.`)
    known.set(address, owner)
  }
  return { type, owner, sign: personalSign }
}

async function solanaAccount(lib: Lib, wallet: SolanaWallet, type: number): Promise<Account> {
  if (!wallet.publicKey) await wallet.connect?.()
  const owner = wallet.publicKey?.toBytes()
  if (!owner) throw refused('The wallet has no public key. Connect it first.')
  const sign: Sign = async (hash) => {
    const message = type === SOLANA ? encoder.encode(lib.walletMessage(type, owner, hash)) : hash
    const signed = await wallet.signMessage(message)
    return signed instanceof Uint8Array ? signed : signed.signature
  }
  return { type, owner, sign }
}

async function aptosAccount(lib: Lib, wallet: AptosWallet): Promise<Account> {
  const { publicKey } = await wallet.account()
  const owner = bytesOf(publicKey)
  const sign: Sign = async (hash) => {
    // The wallet puts its own lines around the message.
    const message = toHex(hash).slice(2)
    const { signature, fullMessage } = await wallet.signMessage({ message, nonce: 'bundlr' })
    if (fullMessage !== undefined && fullMessage !== lib.walletMessage(APTOS, owner, hash))
      throw refused('The wallet signed another text than data items need.')
    return bytesOf(signature)
  }
  return { type: APTOS, owner, sign }
}

/** Places for keys and signatures; what is not used is zeros. */
const MAX_KEYS = 32

function multiAptosAccount({ publicKeys, threshold, collectSignatures }: MultiAptosKeys): Account {
  if (publicKeys.length > MAX_KEYS || threshold < 1 || threshold > publicKeys.length)
    throw new AoError(
      'BAD_KEY',
      `${threshold} of ${publicKeys.length} keys cannot sign. Give 1 to ${MAX_KEYS} keys, and a threshold of at least 1.`
    )
  const owner = new Uint8Array(MAX_KEYS * 32 + 1)
  for (const [index, key] of publicKeys.entries()) owner.set(key, index * 32)
  owner[MAX_KEYS * 32] = threshold
  const sign: Sign = async (hash) => {
    const { signatures: signed, bitmap } = await collectSignatures(hash)
    const signature = new Uint8Array(MAX_KEYS * 64 + 4)
    for (const [index, key] of bitmap.entries()) {
      signature.set(signed[index] ?? [], key * 64)
      const place = MAX_KEYS * 64 + (key >> 3)
      signature[place] = (signature[place] ?? 0) | (128 >> (key & 7))
    }
    return signature
  }
  return { type: MULTI_APTOS, owner, sign }
}

function signatureOf(answer: unknown): Uint8Array {
  if (typeof answer !== 'string') throw refused('The wallet returned no signature.')
  return fromHex(answer)
}

const bytesOf = (value: string | Uint8Array): Uint8Array => (typeof value === 'string' ? fromHex(value) : value)

const refused = (what: string): AoError => new AoError('SIGNER', `${what} Nothing was sent.`)

function fromHex(text: string): Uint8Array {
  const digits = text.replace(/^0x/, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw refused('What should be hexadecimal digits is not.')
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16))
}

const toHex = (bytes: Uint8Array): string =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`

const fromBase64url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
