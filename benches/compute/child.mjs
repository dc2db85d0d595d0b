// Runs a candidate in a process of its own. Modules are `{ file, format }`.
import { readFileSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import { gunzipSync } from 'node:zlib'
import { argument, serve } from '../child.mjs'
import { aoxide, timed } from './candidates.mjs'

// ao-loader replaces the clock when it is imported.
const now = performance.now.bind(performance)
const { url, engine, copies } = argument()
const candidate = timed(await createCandidate(), now)

async function createCandidate() {
  if (!url) return (await import('./loader.mjs')).loader({ copies })
  const { loadModule } = await import(url)
  return aoxide(loadModule, { engine, worker: false })
}

/** Returns the bytes that `count` processes take: the growth of this process, and the engine's linear memory. */
async function memoryOf({ file }, count) {
  const bytes = readFileSync(file)
  globalThis.gc()
  const before = memoryUsage.rss()
  const processes = await candidate.processes(bytes, count)
  globalThis.gc()
  const resident = memoryUsage.rss() - before
  const { default: bindings } = await import(
    new URL(`../wasm/${engine === 'wasmi' ? 'compute-wasmi' : 'compute'}.js`, url)
  )
  const { memory } = await bindings()
  for (const one of processes) await one.close()
  return { resident, linear: memory.buffer.byteLength }
}

serve({
  engine: ({ file }) => candidate.engine(readFileSync(file)),
  boot: (module) => candidate.boot(readFileSync(module.file), module),
  evaluate: candidate.evaluate,
  held: memoryOf,
  sizes: async () => ({
    image: (await candidate.snapshot()).length,
    memory: gunzipSync(await candidate.checkpoint()).length
  })
})
