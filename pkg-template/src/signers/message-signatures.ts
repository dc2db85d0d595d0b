// Signs HTTP messages: RSA-PSS with SHA-512, by aoconnect's contract for signers of the kind "httpsig". Fetched on first use.

import { AoError } from '../errors.js'
import { run } from '../httpsig/module.js'
import type { MessageKey } from '../wasm/httpsig.js'
import type { Jwk } from './keys.js'
import type { AnyCreate, ArweaveWallet, SignerAnswer } from './types.js'

const alg = 'rsa-pss-sha512'

/** The imported keys, for each instance of the module and each key. */
const imported = new WeakMap<object, WeakMap<Jwk, Promise<MessageKey>>>()

/** Signs with a key. */
export function signWithKey(jwk: Jwk, create: AnyCreate): Promise<SignerAnswer> {
  return run(async (instance) => {
    let keys = imported.get(instance)
    if (!keys) imported.set(instance, (keys = new WeakMap()))
    let importing = keys.get(jwk)
    if (!importing) {
      keys.set(jwk, (importing = instance.lib.MessageKey.import(jwk)))
      importing.catch(() => keys.delete(jwk))
    }
    const key = await importing
    const base = await create({ type: 1, publicKey: key.publicKey, address: key.address, alg })
    return { signature: await key.sign(base), address: key.address }
  })
}

/** Signs with a browser wallet. */
export async function signWithWallet(wallet: Partial<ArweaveWallet>, create: AnyCreate): Promise<SignerAnswer> {
  if (typeof wallet.signMessage !== 'function')
    throw new AoError('UNSUPPORTED', 'This wallet has no signMessage, which HTTP messages need. Use the ANS-104 form.')
  const complete = wallet as Required<ArweaveWallet>
  await complete.connect(['ACCESS_ADDRESS', 'ACCESS_PUBLIC_KEY', 'SIGNATURE'])
  const [publicKey, address] = [await complete.getActivePublicKey(), await complete.getActiveAddress()]
  const base = await create({ type: 1, publicKey, address, alg })
  const signature = await complete.signMessage(base, { hashAlgorithm: 'SHA-512' })
  return { signature: new Uint8Array(signature as Uint8Array), address }
}
