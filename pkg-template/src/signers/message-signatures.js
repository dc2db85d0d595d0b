// Signatures of HTTP messages: RSA-PSS with SHA-512, by aoconnect's contract for signers of the kind "httpsig".

import { AoError } from '../errors.js'
import { run } from '../httpsig/module.js'

const alg = 'rsa-pss-sha512'

/** The imported keys, for each instance of the module and each key. */
const imported = new WeakMap()

export function signWithKey(jwk, create) {
  return run(async (bindings) => {
    if (!imported.has(bindings)) imported.set(bindings, new WeakMap())
    const keys = imported.get(bindings)
    if (!keys.has(jwk)) {
      const key = bindings.lib.MessageKey.import(jwk)
      keys.set(jwk, key)
      key.catch(() => keys.delete(jwk))
    }
    const key = await keys.get(jwk)
    const base = await create({ type: 1, publicKey: key.publicKey, address: key.address, alg })
    return { signature: await key.sign(base), address: key.address }
  })
}

export async function signWithWallet(wallet, create) {
  if (typeof wallet.signMessage !== 'function')
    throw new AoError('UNSUPPORTED', 'This wallet has no signMessage, which HTTP messages need. Use the ANS-104 form.')
  await wallet.connect(['ACCESS_ADDRESS', 'ACCESS_PUBLIC_KEY', 'SIGNATURE'])
  const [publicKey, address] = [await wallet.getActivePublicKey(), await wallet.getActiveAddress()]
  const base = await create({ type: 1, publicKey, address, alg })
  const signature = await wallet.signMessage(base, { hashAlgorithm: 'SHA-512' })
  return { signature: new Uint8Array(signature), address }
}
