// The WebAssembly modules of the client.

import { lazy, makeError } from './lazy-module.js'
import { tell } from './microtask-guard.js'

/** RSA for where SubtleCrypto is missing or too narrow. When it crashes, so do the modules that wait for it. */
const rsa = lazy(
  'rsa',
  () => import('./rsa.js'),
  () => import('./rsa.bytes.js'),
  (lib) => lib.setup(makeError, (message) => tell({ message }))
)

/** Tells a module where to find it. */
export const withRsa = (lib) => lib.setRsaLoader(async () => (await rsa.load()).lib)

const client = lazy(
  'aoxide',
  () => import('./aoxide.js'),
  () => import('./aoxide.bytes.js'),
  withRsa
)

export const run = client.run

/** Loads the module now. See index.d.ts. */
export async function load({ module } = {}) {
  await client.load(module)
}
