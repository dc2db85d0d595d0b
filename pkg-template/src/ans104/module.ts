// The WebAssembly module for bundles, and for items that are larger than memory. Fetched on first use.

import type * as BundleLib from '../wasm/bundle.js'
import { lazyModule } from '../wasm/lazy-module.js'
import { prepareSigning } from '../wasm/modules.js'

const bundle = /* @__PURE__ */ lazyModule<typeof BundleLib>(
  'bundle',
  () => import('../wasm/bundle.js'),
  () => import('../wasm/bundle.bytes.js'),
  () => import('../wasm/load-error.js'),
  prepareSigning
)

/** @internal Runs a call in the module. */
export const run = bundle.run
