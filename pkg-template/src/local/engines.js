// The WebAssembly of local networks: which module it is, on this thread and in workers.

import { lazyModule } from '../wasm/lazy-module.js'
import { lines } from '../worker/client.js'
import { supportsMemory64 } from '../wasm/memory64.js'

const native = () => import('../wasm/local.bytes.js')
const wasmi = () => import('../wasm/local-wasmi.bytes.js')

const ENGINES = {
  native: {
    engine: lazyModule('local', () => import('../wasm/local.js'), native),
    findWorker: lines({
      name: 'local',
      bytes: native,
      script: () => import('../wasm/local.worker.js'),
      file: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    }).find
  },
  wasmi: {
    engine: lazyModule('local-wasmi', () => import('../wasm/local-wasmi.js'), wasmi),
    findWorker: lines({
      name: 'local-wasmi',
      bytes: wasmi,
      script: () => import('../wasm/local-wasmi.worker.js'),
      file: () => new Worker(new URL('./worker-wasmi.js', import.meta.url), { type: 'module' })
    }).find
  }
}

/** The interpreter comes along where it is asked for, or where the runtime's own WebAssembly lacks what it can run. */
export const engineFor = (engine) => (engine === 'wasmi' || !supportsMemory64() ? ENGINES.wasmi : ENGINES.native)
