// Lines to the compute engine: see line.js, and compute-core.js for what is sent.

import { createCore } from './compute-core.js'
import { lines } from './line.js'

const { compiled, find } = lines({
  bytes: () => import('./wasm/compute.bytes.js'),
  script: () => import('./wasm/compute.worker.js'),
  file: () => new Worker(new URL('./compute-worker.js', import.meta.url), { type: 'module' })
})

export const findWorker = find

/** The engine on the caller's own thread. There is one, for the bindings are. */
export async function openInPlace() {
  const [wasm, lib] = await Promise.all([compiled(), import('./wasm/compute.js')])
  await lib.default({ module_or_path: wasm })
  const answer = createCore(lib)
  return {
    send: async (request) => answer(request),
    // Fresh, and with empty memory.
    end: () => lib.__wbg_reset_state()
  }
}
