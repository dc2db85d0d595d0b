// The one client of the app, and the id of the token: the only file that knows which network it is.

import { connect, type LegacyClient } from 'aoxide'

/** The verbs that the app uses. The clients of both networks have them. */
export type Ao = Pick<LegacyClient, 'dryrun' | 'results' | 'result' | 'send' | 'stream'>

export interface Token {
  ao: Ao
  /** The id of the token's process. */
  process: string
}

/** Vite replaces the variable by its text, and removes the branch that is never taken. */
export const isLocal = import.meta.env.VITE_NETWORK === 'local'

/** Opens the key of development. Undefined for units, where only a wallet signs. */
export const openDevelopmentKey = isLocal
  ? async () => (await import('./development/key')).developmentAccount()
  : undefined

let opened: Promise<Token> | undefined

/** Connects at the first call. After an error, the next call tries again. */
export function openToken(): Promise<Token> {
  opened ??= (isLocal ? startLocalToken() : findToken()).catch((error: unknown) => {
    opened = undefined
    throw error
  })
  return opened
}

async function startLocalToken(): Promise<Token> {
  const { startToken } = await import('./development/network')
  return startToken()
}

async function findToken(): Promise<Token> {
  const { VITE_TOKEN: process, VITE_MU_URL, VITE_CU_URL } = import.meta.env
  if (!process) throw new Error('Set VITE_TOKEN to the id of your token, and build the page again.')
  const units = { ...(VITE_MU_URL && { MU_URL: VITE_MU_URL }), ...(VITE_CU_URL && { CU_URL: VITE_CU_URL }) }
  // aoxide retries. TanStack Query does not: see query-client.ts.
  const ao = connect({ MODE: 'legacy', ...units, retry: { attempts: 3, tryTimeout: 20_000 } })
  return { ao, process }
}
