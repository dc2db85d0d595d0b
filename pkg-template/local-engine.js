// The WebAssembly of local networks: which module it is, on this thread and in workers.

import { lazy } from './lazy.js'
import { lines } from './line.js'

const bytes = () => import('./wasm/local.bytes.js')

export const engine = lazy('local', () => import('./wasm/local.js'), bytes)

export const { find: findWorker } = lines({
  bytes,
  script: () => import('./wasm/local.worker.js'),
  file: () => new Worker(new URL('./local-worker.js', import.meta.url), { type: 'module' })
})
