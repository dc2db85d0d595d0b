import { lazyModule } from '../wasm/lazy-module.js'
import { loadError } from '../wasm/load-error.js'
import { serve } from '../worker/server.js'
import { readsStop } from '../worker/stop.js'
import { askedFetch } from './asked-fetch.js'
import { createService, type VerifyLib } from './service.js'

/** The other thread sends the compiled module, so its bytes are never read. */
const noBytes = () => Promise.reject<never>(new Error('the module is compiled already'))

const loadErrors = async () => ({ loadError })

/** Milliseconds of work between two looks at what the other thread says. */
const SLICE = 40

/** Runs the service in a worker. */
export function serveView(lib: VerifyLib): void {
  serve(async (module, report, stop, ask) => {
    const prepare = () => {
      if (stop) lib.setStop(readsStop(stop))
    }
    const engine = lazyModule<VerifyLib>('verify', async () => lib, noBytes, loadErrors, prepare)
    await engine.load(module)
    return createService(engine, report, SLICE, askedFetch(ask))
  })
}
