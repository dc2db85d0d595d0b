// The module for HTTP message signatures.

import { lazy } from './lazy.js'
import { withRsa } from './load.js'

export const { run } = lazy(
  'httpsig',
  () => import('./wasm/httpsig.js'),
  () => import('./wasm/httpsig.bytes.js'),
  withRsa
)
