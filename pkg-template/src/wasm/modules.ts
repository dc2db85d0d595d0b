// The WebAssembly modules of the client.

import { keyOf } from '../signers/brand.js'
import type * as Client from './client.js'
import type { ModuleSource } from './instantiate.js'
import { lazyModule, makeError, type LazyModule } from './lazy-module.js'
import { report } from './microtask-guard.js'
import type * as Rsa from './rsa.js'
import type * as Signatures from './signatures.js'

const loadErrors = () => import('./load-error.js')

/** RSA for runtimes where SubtleCrypto is missing or too limited. When it crashes, so do the modules that wait for it. */
const rsa = /* @__PURE__ */ lazyModule<typeof Rsa>(
  'rsa',
  () => import('./rsa.js'),
  () => import('./rsa.bytes.js'),
  loadErrors,
  (lib) => lib.setup(makeError, (message: string) => report({ message }))
)

/** @internal Signature types other than Arweave's. */
export const signatures: LazyModule<typeof Signatures> = /* @__PURE__ */ lazyModule(
  'signatures',
  () => import('./signatures.js'),
  () => import('./signatures.bytes.js'),
  loadErrors
)

/** @internal Calls an export of the module for RSA, `rsa`, or for other signatures. */
export const callCompanion = async (name: string, method: string, args: readonly unknown[]): Promise<unknown> =>
  ((await (name === 'rsa' ? rsa : signatures).load()).lib as unknown as Record<string, Function>)[method]!(...args)

/** @internal Gives a module what it signs with: the modules for RSA and for other signatures, and the keys of signers. */
export const prepareSigning = (lib: { setSigning(call: Function, keyOf: Function): void }): void =>
  lib.setSigning(callCompanion, keyOf)

const client = /* @__PURE__ */ lazyModule<typeof Client>(
  'client',
  () => import('./client.js'),
  () => import('./client.bytes.js'),
  loadErrors,
  prepareSigning
)

/** @internal Runs a call in the client's module. */
export const run = client.run

/** What {@link load} takes. */
export interface LoadModuleOptions {
  /** Where the module comes from: an address, its response, bytes, or a compiled module. */
  module?: ModuleSource
}

/**
 * Loads the WebAssembly module now instead of on the first call. Does nothing once it is loaded.
 *
 * Pass `module` to choose where it comes from: an address, its response, bytes, or a compiled module. The file is
 * `aoxide/aoxide.wasm` in this package.
 *
 * @example
 * await load({ module: '/aoxide.wasm' })
 *
 * @throws {AoError} `UNSUPPORTED` when the module cannot be loaded, for instance under a Content-Security-Policy without
 * `'wasm-unsafe-eval'`; `HTTP_NETWORK` when a part of the package cannot be fetched
 */
export async function load({ module }: LoadModuleOptions = {}): Promise<void> {
  await client.load(module)
}
