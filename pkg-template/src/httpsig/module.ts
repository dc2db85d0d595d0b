// The WebAssembly module for HTTP message signatures.

import type * as Httpsig from '../wasm/httpsig.js'
import { lazyModule } from '../wasm/lazy-module.js'
import { prepareSigning } from '../wasm/modules.js'

const httpsig = /* @__PURE__ */ lazyModule<typeof Httpsig>(
  'httpsig',
  () => import('../wasm/httpsig.js'),
  () => import('../wasm/httpsig.bytes.js'),
  () => import('../wasm/load-error.js'),
  prepareSigning
)

/** Runs a call in the module. */
export const run = httpsig.run
