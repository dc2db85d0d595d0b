// Makes signers: functions `(create, kind) => …` by aoconnect's contract, so that both libraries can use them.

import { AoError } from '../errors.js'
import { part } from '../wasm/lazy-module.js'
import { run } from '../wasm/modules.js'
import { brand } from './brand.js'
import { sourceOf } from './source.js'
import type { AnyCreate, ArweaveWallet, Jwk, MadeSigner, OtherWallet, Signer, SignerAnswer } from './types.js'

/**
 * Makes a signer from a key or a wallet, in any runtime, browsers included. `source` of the signer says what it took its
 * parameter for:
 *
 * | Parameter | `source` | Signature type |
 * |---|---|---|
 * | RSA key of Arweave (JWK) | `arweave-key` | 1 |
 * | `window.arweaveWallet`, `null`, `undefined` | `arweave-wallet` | 1 |
 * | Ed25519 key: JWK (`crv`), or 64 bytes as Solana has them | `ed25519-key` | 2, or 4 |
 * | Ethereum key: `0x` and 64 digits, or JWK (`crv`) | `ethereum-key` | 3, or 7 |
 * | `window.ethereum` | `ethereum-wallet` | 3, or 7 |
 * | a wallet of Solana | `solana-wallet` | 2, or 4 |
 * | a wallet of Aptos | `aptos-wallet` | 5 |
 * | several keys of Aptos | `aptos-keys` | 6 |
 *
 * `options.type` chooses the second of two types: 4 for wallets that sign text only, 7 for typed data of Ethereum. An Ethereum
 * wallet tells its public key only in a signature, which type 3 needs. So it asks its user twice the first time, and with type 7
 * once. A function counts as a signer already, and is returned as it is.
 *
 * The wallet is read at each signature, so its methods may be added later. Wallets also add themselves to the page after its
 * first scripts have run. So for `undefined` and `null`, each signature uses `globalThis.arweaveWallet` as it is then.
 *
 * @example
 * const signer = createSigner(JSON.parse(keyFile))
 * @example
 * const signer = createSigner(window.arweaveWallet)
 * @example
 * const signer = createSigner(window.ethereum)
 *
 * @throws {AoError} `BAD_ARGUMENT` for other text or another simple value, or for an RSA key without `kty` or `n`. The call that
 * signs rejects with `BAD_KEY` when the key cannot be used, with `SIGNER` when there is no wallet yet, and with `UNSUPPORTED`
 * when an HTTP message is to be signed by a key or wallet that is not Arweave's.
 */
export function createSigner(
  wallet: Jwk | ArweaveWallet | OtherWallet | null | undefined,
  options?: { type?: 4 | 7 }
): MadeSigner
export function createSigner(
  wallet: Jwk | ArweaveWallet | OtherWallet | Signer | null | undefined,
  options?: { type?: 4 | 7 }
): Signer
export function createSigner(
  wallet: Jwk | ArweaveWallet | OtherWallet | Signer | null | undefined,
  options?: { type?: 4 | 7 }
): Signer | MadeSigner {
  if (typeof wallet === 'function') return wallet
  const isKeyText = typeof wallet === 'string' && /^0x[0-9a-f]{64}$/i.test(wallet)
  if (typeof (wallet ?? {}) !== 'object' && !isKeyText) {
    throw new AoError('BAD_ARGUMENT', 'JWK must be a valid object. Give a key, a browser wallet, or a signer function.')
  }
  const source = sourceOf(wallet)
  if (source === 'arweave-key') return keySigner(wallet as Jwk)
  if (source === 'arweave-wallet')
    return walletSigner(() => (wallet ?? globalThis.arweaveWallet) as Partial<ArweaveWallet>)
  // A copy, since callers may erase their key.
  const given = source.endsWith('key') ? structuredClone(wallet) : wallet
  const signer: Sign = async (create, kind = 'ans104') => {
    check(kind, '"ans104"')
    return (await part(import('./other-signers.js'))).signWith(source, given, options?.type, create)
  }
  return Object.assign(signer, { source })
}

type Sign = (create: AnyCreate, kind?: string) => Promise<SignerAnswer>

declare global {
  // `var` is how a global is declared.
  var arweaveWallet: unknown
}

function keySigner(given: Jwk): MadeSigner {
  for (const field of ['kty', 'n'] as const)
    if (!given[field]) throw new AoError('BAD_ARGUMENT', `JWK missing required field: ${field}`)
  const jwk = { ...given }
  // Our own module signs with the key directly. It calls this function only for other libraries, or when it is wrapped.
  const signer: Sign = async (create, kind = 'ans104') => {
    if (kind === 'httpsig') return (await messageSignatures()).signWithKey(jwk, create)
    check(kind)
    return run(({ lib }) => lib.signWith(jwk, create) as Promise<SignerAnswer>)
  }
  return brand(Object.assign(signer, { source: 'arweave-key' as const }), jwk)
}

/** `find` is called for each signature. */
function walletSigner(find: () => Partial<ArweaveWallet> | undefined): MadeSigner {
  const signer: Sign = async (create, kind = 'ans104') => {
    const wallet = find()
    if (!wallet) throw noWallet('There is no wallet: createSigner got none, and globalThis.arweaveWallet is not there.')
    if (kind === 'httpsig') return (await messageSignatures()).signWithWallet(wallet, create)
    check(kind)
    if (!isWallet(wallet)) throw noWallet('What createSigner got is no key and no wallet.')
    await wallet.connect(['SIGN_TRANSACTION'])
    const fields = await create({ passthrough: true, alg: 'rsa-v1_5-sha256' })
    const raw = new Uint8Array((await wallet.signDataItem(fields)) as Uint8Array)
    const { id } = await run(({ lib }) => new lib.ParsedItem(raw).fields() as { id: string })
    return { id, raw }
  }
  return Object.assign(signer, { source: 'arweave-wallet' as const })
}

const isWallet = (wallet: Partial<ArweaveWallet>): wallet is ArweaveWallet => typeof wallet.signDataItem === 'function'

function noWallet(what: string): AoError {
  const advice = 'Give a key or a wallet, or sign once the wallet is there (event `arweaveWalletLoaded`)'
  return new AoError('SIGNER', `${what} ${advice}. Nothing was sent.`)
}

/** Signs HTTP messages. Not every page needs it. */
const messageSignatures = () => part(import('./message-signatures.js'))

function check(kind: string, known = '"ans104" and "httpsig"'): void {
  if (kind === 'ans104') return
  throw new AoError('UNSUPPORTED', `signer kind unknown "${kind}". This signer signs ${known}.`)
}
