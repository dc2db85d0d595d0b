// Makes signers: functions `(create, kind) => …` by aoconnect's contract, so that both libraries can use them.

import { AoError } from '../errors.js'
import { part } from '../wasm/lazy-module.js'
import { run } from '../wasm/modules.js'
import { brand } from './brand.js'
import type { AnyCreate, ArweaveWallet, Jwk, MadeSigner, Signer, SignerAnswer } from './types.js'

/**
 * Makes a signer from an RSA key (in any runtime, browsers included) or from a browser wallet. A function counts as a signer
 * already, and is returned as it is.
 *
 * The wallet is read at each signature, so its methods may be added later. Wallets also add themselves to the page after its
 * first scripts have run. So for `undefined` and `null`, each signature uses `globalThis.arweaveWallet` as it is then.
 *
 * @example
 * const signer = createSigner(JSON.parse(keyFile))
 * @example
 * const signer = createSigner(window.arweaveWallet)
 *
 * @throws {AoError} `BAD_ARGUMENT` for text or another simple value, or for a key without `kty` or `n`. The call that signs
 * rejects with `BAD_KEY` when the key cannot be used, and with `SIGNER` when there is no wallet yet.
 */
export function createSigner(wallet: Jwk | ArweaveWallet | null | undefined): MadeSigner
export function createSigner(wallet: Jwk | ArweaveWallet | Signer | null | undefined): Signer
export function createSigner(wallet: Jwk | ArweaveWallet | Signer | null | undefined): Signer | MadeSigner {
  if (typeof wallet === 'function') return wallet
  if (typeof (wallet ?? {}) !== 'object') {
    throw new AoError('BAD_ARGUMENT', 'JWK must be a valid object. Give a key, a browser wallet, or a signer function.')
  }
  const given = wallet as Partial<Jwk & ArweaveWallet> | null | undefined
  const fields = ['kty', 'n'] as const
  // Without one of these it is a wallet.
  if (!fields.some((field) => given?.[field])) {
    return walletSigner(() => given ?? (globalThis as { arweaveWallet?: Partial<ArweaveWallet> }).arweaveWallet)
  }
  for (const field of fields) {
    if (!given?.[field]) throw new AoError('BAD_ARGUMENT', `JWK missing required field: ${field}`)
  }
  return keySigner(given as Jwk)
}

function keySigner(given: Jwk): MadeSigner {
  // A copy, since callers may erase their key.
  const jwk = { ...given }
  // Our own module signs with the key directly. It calls this function only for other libraries, or when it is wrapped.
  const signer: MadeSigner = async (create, kind = 'ans104') => {
    if (kind === 'httpsig') return (await messageSignatures()).signWithKey(jwk, create)
    check(kind)
    return run(({ lib }) => lib.signWith(jwk, create) as Promise<SignerAnswer>)
  }
  return brand(signer, jwk)
}

/** `find` is called for each signature. */
function walletSigner(find: () => Partial<ArweaveWallet> | undefined): MadeSigner {
  return async (create: AnyCreate, kind = 'ans104') => {
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
}

const isWallet = (wallet: Partial<ArweaveWallet>): wallet is ArweaveWallet => typeof wallet.signDataItem === 'function'

function noWallet(what: string): AoError {
  const advice = 'Give a key or a wallet, or sign once the wallet is there (event `arweaveWalletLoaded`)'
  return new AoError('SIGNER', `${what} ${advice}. Nothing was sent.`)
}

/** Signs HTTP messages. Not every page needs it. */
const messageSignatures = () => part(import('./message-signatures.js'))

function check(kind: string): void {
  if (kind === 'ans104') return
  throw new AoError('UNSUPPORTED', `signer kind unknown "${kind}". This signer signs "ans104" and "httpsig".`)
}
