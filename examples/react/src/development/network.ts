// The network of development: it lives in the page, and IndexedDB keeps it. Production builds do not contain this file.

import { connect, type LocalClient } from 'aoxide'
import type { Token } from '../token'
import { developmentAccount } from './key'
import moduleUrl from './token_process.wasm?url'

/** Any id will do, because only this network knows the module. */
const MODULE = 'development-module-of-the-token-example-00A'
/** Where the page remembers the process. To begin again, clear the site's data. */
const STORED = 'development-token'

/** Returns the token of this browser. The first call spawns it, and its supply belongs to the development key. */
export async function startToken(): Promise<Token> {
  const modules = { [MODULE]: new URL(moduleUrl, location.href) }
  const ao = connect({ MODE: 'local', modules })
  const process = localStorage.getItem(STORED) ?? (await spawn(ao))
  localStorage.setItem(STORED, process)
  return { ao, process }
}

async function spawn(ao: LocalClient): Promise<string> {
  const { signer } = await developmentAccount()
  const tags = Object.entries({ Name: 'Development Coin', Ticker: 'DEV', Denomination: '2', Supply: '100000' })
  return ao.spawn({ module: MODULE, signer, tags: tags.map(([name, value]) => ({ name, value })) })
}
