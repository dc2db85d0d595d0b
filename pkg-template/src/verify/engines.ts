// The WebAssembly artefacts of the light client, in place and in workers, as `aoxide/local` has them.

import { type LazyModule, lazyModule } from '../wasm/lazy-module.js'
import { supportsMemory64 } from '../wasm/memory64.js'
import { Workers } from '../worker/client.js'
import type { VerifyLib, ViewService } from './service.js'

interface VerifyEngine {
  inPlace: LazyModule<VerifyLib>
  workers: Workers<ViewService>
}

const loadErrors = () => import('../wasm/load-error.js')
const native = () => import('../wasm/verify.bytes.js')
const wasmi = () => import('../wasm/verify-wasmi.bytes.js')

const ENGINES = {
  native: {
    inPlace: lazyModule<VerifyLib>('verify', () => import('../wasm/verify.js'), native, loadErrors),
    workers: new Workers<ViewService>({
      name: 'verify',
      bytes: native,
      script: () => import('../wasm/verify.worker.js'),
      file: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    })
  },
  wasmi: {
    inPlace: lazyModule<VerifyLib>('verify-wasmi', () => import('../wasm/verify-wasmi.js'), wasmi, loadErrors),
    workers: new Workers<ViewService>({
      name: 'verify-wasmi',
      bytes: wasmi,
      script: () => import('../wasm/verify-wasmi.worker.js'),
      file: () => new Worker(new URL('./worker-wasmi.js', import.meta.url), { type: 'module' })
    })
  }
} satisfies Record<string, VerifyEngine>

export const engineFor = (engine: unknown): VerifyEngine =>
  engine === 'wasmi' || !supportsMemory64() ? ENGINES.wasmi : ENGINES.native
