// The module for HTTP message signatures.

import { lazy } from '../wasm/lazy-module.js'
import { withRsa } from '../wasm/modules.js'

export const { run } = lazy(
  'httpsig',
  () => import('../wasm/httpsig.js'),
  () => import('../wasm/httpsig.bytes.js'),
  withRsa
)
