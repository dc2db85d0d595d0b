// Signs HTTP messages: RSA-PSS with SHA-512, by aoconnect's contract for signers of the kind "httpsig". Fetched on first use.

import { AoError } from '../errors.js'
import { run } from '../httpsig/module.js'
import type { AnyCreate, ArweaveWallet, Jwk, SignerAnswer } from './types.js'

const alg = 'rsa-pss-sha512'

/** Signs with a key. */
export const signWithKey = (jwk: Jwk, create: AnyCreate): Promise<SignerAnswer> =>
  run(({ lib }) => lib.signWith(jwk, create) as Promise<SignerAnswer>)

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
