// Signers are functions `(create, kind) => …`, by aoconnect's contract, so that they work in both libraries.

import { AoError } from '../errors.js'
import { part } from '../wasm/lazy-module.js'
import { run } from '../wasm/modules.js'

export function createSigner(wallet) {
  if (typeof wallet === 'function') return wallet
  if (typeof (wallet ?? {}) !== 'object') {
    throw new AoError('BAD_ARGUMENT', 'JWK must be a valid object. Give a key, a browser wallet, or a signer function.')
  }
  const fields = ['kty', 'n']
  // Wallets put themselves, or their methods, into a page after its first scripts have run.
  if (!fields.some((field) => wallet?.[field])) return walletSigner(() => wallet ?? globalThis.arweaveWallet)
  for (const field of fields) {
    if (!wallet[field]) throw new AoError('BAD_ARGUMENT', `JWK missing required field: ${field}`)
  }
  return keySigner(wallet)
}

function keySigner(given) {
  // The key as it is now: callers may well wipe theirs.
  const jwk = { ...given }
  /** The imported key, for each instance of the module: importing takes longer than signing needs to. */
  const keys = new WeakMap()
  const importKey = (bindings) => {
    if (!keys.has(bindings)) {
      const key = bindings.lib.SigningKey.import(jwk)
      keys.set(bindings, key)
      key.catch(() => keys.delete(bindings))
    }
    return keys.get(bindings)
  }
  return async (create, kind = 'ans104') => {
    if (kind === 'httpsig') return (await messages()).signWithKey(jwk, create)
    check(kind)
    return run(async (bindings) => {
      const key = await importKey(bindings)
      const message = await create({ type: 1, publicKey: key.publicKey, alg: 'rsa-v1_5-sha256' })
      return { signature: await key.sign(message), address: key.address }
    })
  }
}

/** `find` is called for each signature. */
function walletSigner(find) {
  return async (create, kind = 'ans104') => {
    const wallet = find()
    if (!wallet) throw noWallet('There is no wallet: createSigner got none, and globalThis.arweaveWallet is not there.')
    if (kind === 'httpsig') return (await messages()).signWithWallet(wallet, create)
    check(kind)
    if (typeof wallet.signDataItem !== 'function') throw noWallet('What createSigner got is no key and no wallet.')
    await wallet.connect(['SIGN_TRANSACTION'])
    const fields = await create({ passthrough: true, alg: 'rsa-v1_5-sha256' })
    const raw = new Uint8Array(await wallet.signDataItem(fields))
    const { id } = await run(({ lib }) => new lib.ParsedItem(raw).fields())
    return { id, raw }
  }
}

function noWallet(what) {
  const advice = 'Give a key or a wallet, or sign once the wallet is there (event `arweaveWalletLoaded`)'
  return new AoError('SIGNER', `${what} ${advice}. Nothing was sent.`)
}

/** What signs HTTP messages; not every page needs it. */
const messages = () => part(import('./message-signatures.js'))

function check(kind) {
  if (kind === 'ans104') return
  throw new AoError('UNSUPPORTED', `signer kind unknown "${kind}". This signer signs "ans104" and "httpsig".`)
}
