import { instantiate } from '../wasm/instantiate.js'
import { serve } from '../worker/server.js'
import { type ComputeLib, createService } from './service.js'

/** Runs the service in a worker. */
export function serveCompute(lib: ComputeLib): void {
  serve(async (module) => {
    await instantiate(lib, module)
    return createService(lib)
  })
}
