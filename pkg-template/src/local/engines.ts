// The WebAssembly artefacts of local networks, in place and in workers. The interpreter comes with one of them: it is
// downloaded where it is asked for, and where the runtime's own WebAssembly has no 64-bit memory.

import { type LazyModule, lazyModule } from '../wasm/lazy-module.js'
import { callCompanion } from '../wasm/modules.js'
import { supportsMemory64 } from '../wasm/memory64.js'
import { Workers } from '../worker/client.js'
import type { LocalLib, NetworkService } from './service.js'

interface LocalEngine {
  inPlace: LazyModule<LocalLib>
  workers: Workers<NetworkService>
}

const loadErrors = () => import('../wasm/load-error.js')
const native = () => import('../wasm/local.bytes.js')
const wasmi = () => import('../wasm/local-wasmi.bytes.js')

/** Signatures of rare types are checked by other modules, on the thread of the caller: a worker's script can import nothing. */
const prepare = (lib: LocalLib) => lib.setCompanions(callCompanion)

const ENGINES = {
  native: {
    inPlace: lazyModule<LocalLib>('local', () => import('../wasm/local.js'), native, loadErrors, prepare),
    workers: new Workers<NetworkService>({
      name: 'local',
      bytes: native,
      script: () => import('../wasm/local.worker.js'),
      file: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
      answer: callCompanion
    })
  },
  wasmi: {
    inPlace: lazyModule<LocalLib>('local-wasmi', () => import('../wasm/local-wasmi.js'), wasmi, loadErrors, prepare),
    workers: new Workers<NetworkService>({
      name: 'local-wasmi',
      bytes: wasmi,
      script: () => import('../wasm/local-wasmi.worker.js'),
      file: () => new Worker(new URL('./worker-wasmi.js', import.meta.url), { type: 'module' }),
      answer: callCompanion
    })
  }
} satisfies Record<string, LocalEngine>

export const engineFor = (engine: unknown): LocalEngine =>
  engine === 'wasmi' || !supportsMemory64() ? ENGINES.wasmi : ENGINES.native
