// Connections to the compute engines. Each engine has a WebAssembly artefact of its own: the interpreter is large, and
// modules that the host's WebAssembly cannot run are rare.

import { instantiate } from '../wasm/instantiate.js'
import { part } from '../wasm/lazy-module.js'
import { loadError } from '../wasm/load-error.js'
import { type Connection, inPlace, type Open, Workers } from '../worker/client.js'
import { type ComputeLib, type ComputeService, createService } from './service.js'
import type { Engine } from './types.js'

const ENGINES = {
  native: {
    workers: new Workers<ComputeService>({
      name: 'compute',
      bytes: () => import('../wasm/compute.bytes.js'),
      script: () => import('../wasm/compute.worker.js'),
      file: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    }),
    bindings: (): Promise<ComputeLib> => import('../wasm/compute.js')
  },
  wasmi: {
    workers: new Workers<ComputeService>({
      name: 'compute-wasmi',
      bytes: () => import('../wasm/compute-wasmi.bytes.js'),
      script: () => import('../wasm/compute-wasmi.worker.js'),
      file: () => new Worker(new URL('./worker-wasmi.js', import.meta.url), { type: 'module' })
    }),
    bindings: (): Promise<ComputeLib> => import('../wasm/compute-wasmi.js')
  }
}

/** How connections to an engine in a worker are opened: see `Workers.find`. */
export const findWorker = (engine: Engine, wanted: boolean | undefined): Promise<Open<ComputeService> | undefined> =>
  ENGINES[engine].workers.find(wanted)

/** Opens a connection to an engine on the caller's thread. An engine has one at a time: the bindings have one instance. */
export async function openInPlace(engine: Engine): Promise<Connection<ComputeService>> {
  const { workers, bindings } = ENGINES[engine]
  const [module, lib] = await Promise.all([workers.compiled(), part(bindings())])
  await instantiate(lib, module).catch((cause) => {
    throw loadError(cause)
  })
  // The reset gives the bindings a fresh instance with empty memory.
  return inPlace(createService(lib), () => lib.__wbg_reset_state())
}
