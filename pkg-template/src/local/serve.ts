import { lazyModule } from '../wasm/lazy-module.js'
import { loadError } from '../wasm/load-error.js'
import { serve } from '../worker/server.js'
import { createService, type LocalLib } from './service.js'

/** The other thread sends the compiled module, so its bytes are never read. */
const noBytes = () => Promise.reject<never>(new Error('the module is compiled already'))

const loadErrors = async () => ({ loadError })

/** Runs the service in a worker. */
export function serveNetwork(lib: LocalLib): void {
  serve(async (module, report, _stop, ask) => {
    const engine = lazyModule<LocalLib>(
      'local',
      async () => lib,
      noBytes,
      loadErrors,
      () => lib.setCompanions(ask)
    )
    await engine.load(module)
    return createService(engine, report)
  })
}
