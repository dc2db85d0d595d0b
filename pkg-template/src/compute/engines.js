// Lines to the compute engines: see line.js, and compute-core.js for what is sent.

import { instantiate } from '../wasm/instantiate.js'
import { createCore } from './core.js'
import { lines } from '../worker/client.js'

/** Each engine has a WebAssembly module of its own: what the host's cannot run is rare, and an interpreter is large. */
const ENGINES = {
  native: {
    ...lines({
      name: 'compute',
      bytes: () => import('../wasm/compute.bytes.js'),
      script: () => import('../wasm/compute.worker.js'),
      file: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
    }),
    glue: () => import('../wasm/compute.js')
  },
  wasmi: {
    ...lines({
      name: 'compute-wasmi',
      bytes: () => import('../wasm/compute-wasmi.bytes.js'),
      script: () => import('../wasm/compute-wasmi.worker.js'),
      file: () => new Worker(new URL('./worker-wasmi.js', import.meta.url), { type: 'module' })
    }),
    glue: () => import('../wasm/compute-wasmi.js')
  }
}

export const findWorker = (engine) => ENGINES[engine].find()

/** The engine on the caller's own thread. There is one of each, for the bindings are. */
export async function openInPlace(engine) {
  const { compiled, glue } = ENGINES[engine]
  const [wasm, lib] = await Promise.all([compiled(), glue()])
  await instantiate(lib, wasm)
  const answer = createCore(lib)
  return {
    send: async (request) => answer(request),
    // Fresh, and with empty memory.
    end: () => lib.__wbg_reset_state()
  }
}
