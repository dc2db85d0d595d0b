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
  onProgress: ({ phase }) => holds<Equal<typeof phase, 'compiling' | 'booting' | 'evaluating'>>()
})
// @ts-expect-error bytes, not an id
loadModule('JArYBF-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g')
// @ts-expect-error a number
loadModule(new Uint8Array(1), { computeLimit: '1' })

const module = a<Module>()
const environment = { Process: { Id: 'p', Owner: 'o', Tags: [{ name: 'n', value: 'v' }] }, Module: { Id: 'm' } }
holds<Equal<ReturnType<Module['instantiate']>, Promise<Process>>>()
module.instantiate(environment)
module.resume(environment, new Uint8Array(1))
module.resumeCheckpoint(environment, new ArrayBuffer(1))
// @ts-expect-error the module is told too
module.instantiate({ Process: { Id: 'p' } })
// @ts-expect-error
module.worker = false

const running = a<Process>()
holds<Equal<ReturnType<Process['handle']>, Promise<ProcessEvaluation>>>()
holds<Equal<ReturnType<Process['dryrun']>, Promise<ProcessEvaluation>>>()
holds<Equal<ReturnType<Process['snapshot' | 'checkpoint' | 'memoryHash']>, Promise<Bytes>>>()
holds<Equal<ProcessEvaluation['Output'], unknown>>()
running.handle({ Id: 'i', Data: 'x', Tags: [], Timestamp: 1 }, { signal: AbortSignal.timeout(1) })
// @ts-expect-error an object
running.handle('message')
