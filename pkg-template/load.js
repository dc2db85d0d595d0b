// The WebAssembly modules of the client.

import { lazy, makeError } from './lazy.js'
import { tell } from './tasks.js'

/** RSA for where SubtleCrypto is missing or too narrow. When it crashes, so do the modules that wait for it. */
const rsa = lazy(
  'rsa',
  () => import('./wasm/rsa.js'),
  () => import('./wasm/rsa.bytes.js'),
  (lib) => lib.setup(makeError, (message) => tell({ message }))
)

/** Tells a module where to find it. */
export const withRsa = (lib) => lib.setRsaLoader(async () => (await rsa.load()).lib)

const client = lazy(
  'aoxide',
  () => import('./wasm/aoxide.js'),
  () => import('./wasm/aoxide.bytes.js'),
  withRsa
)

export const run = client.run

/** Loads the module now. See index.d.ts. */
export async function load({ module } = {}) {
  await client.load(module)
}
