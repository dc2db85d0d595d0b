// A key for development, so that the app works without a wallet. Never keep a key with value in localStorage.

import { createSigner, generateJwk, jwkToAddress, type Jwk } from 'aoxide'
import type { Account } from '../account'

const STORED = 'development-key'

let account: Promise<Account> | undefined

/** The first call generates the key, which takes a few seconds. */
export const developmentAccount = () => (account ??= open())

async function open(): Promise<Account> {
  const stored = localStorage.getItem(STORED)
  const jwk: Jwk = stored ? JSON.parse(stored) : await generateJwk()
  localStorage.setItem(STORED, JSON.stringify(jwk))
  return { kind: 'development', address: await jwkToAddress(jwk), signer: createSigner(jwk) }
}
