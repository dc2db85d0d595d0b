import { instantiate } from '../wasm/instantiate.js'
import { serve } from '../worker/server.js'
import { readsStop } from '../worker/stop.js'
import { type ComputeLib, createService } from './service.js'

/** Runs the service in a worker. */
export function serveCompute(lib: ComputeLib): void {
  serve(async (module, _report, stop) => {
    await instantiate(lib, module)
    if (stop) lib.setStop(readsStop(stop))
    return createService(lib)
  })
}
