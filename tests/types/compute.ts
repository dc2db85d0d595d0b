// aoxide/compute
import type { Bytes } from 'aoxide'
import { loadModule, type Module, type Process, type ProcessEvaluation } from 'aoxide/compute'
import { a, holds, type Equal } from './check.js'

holds<Equal<ReturnType<typeof loadModule>, Promise<Module>>>()
loadModule(new Uint8Array(1))
loadModule(new ArrayBuffer(1), {
  format: 'wasm32-unknown-emscripten4',
  computeLimit: 1e9,
  memoryLimit: 1e8,
  worker: false
})
loadModule(new Uint8Array(1), {
  onProgress: ({ phase }) => holds<Equal<typeof phase, 'fetching' | 'compiling' | 'booting' | 'evaluating'>>()
})
loadModule('JArYBF-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g', { engine: 'auto', gateway: 'https://ar.example', fetch })
loadModule(new URL('https://ar.example/aos.wasm'), { engine: 'native', signal: AbortSignal.timeout(1) })
loadModule(a<Response>(), { engine: 'wasmi' })
// @ts-expect-error a number is not a source of a module
loadModule(7)
// @ts-expect-error unknown engine
loadModule(new Uint8Array(1), { engine: 'fast' })
// @ts-expect-error computeLimit must be a number
loadModule(new Uint8Array(1), { computeLimit: '1' })

const module = a<Module>()
const environment = { Process: { Id: 'p', Owner: 'o', Tags: [{ name: 'n', value: 'v' }] }, Module: { Id: 'm' } }
holds<Equal<ReturnType<Module['instantiate']>, Promise<Process>>>()
module.instantiate(environment)
module.resume(environment, new Uint8Array(1))
module.resumeCheckpoint(environment, new ArrayBuffer(1))
// @ts-expect-error the environment needs the module too
module.instantiate({ Process: { Id: 'p' } })
// @ts-expect-error
module.worker = false
holds<Equal<Module['engine'] | ProcessEvaluation['engine'], 'wasmi' | 'native'>>()

const running = a<Process>()
holds<Equal<ReturnType<Process['handle']>, Promise<ProcessEvaluation>>>()
holds<Equal<ReturnType<Process['dryrun']>, Promise<ProcessEvaluation>>>()
holds<Equal<ReturnType<Process['snapshot' | 'checkpoint' | 'memoryHash']>, Promise<Bytes>>>()
holds<Equal<ProcessEvaluation['Output'], unknown>>()
running.handle({ Id: 'i', Data: 'x', Tags: [], Timestamp: 1 }, { signal: AbortSignal.timeout(1) })
// @ts-expect-error a message must be an object
running.handle('message')
