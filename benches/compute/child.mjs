// Runs a contestant in a process of its own: fork('child.mjs', [contestant as JSON]). Answers a message
// `[verb, ...arguments]` with `{ value }` or `{ error }`. Modules are `{ file, format }`.
import { readFileSync } from 'node:fs'
import { memoryUsage } from 'node:process'
import { gunzipSync } from 'node:zlib'
import { aoxide, timed } from './players.mjs'

// ao-loader replaces the clock when it is imported.
const now = performance.now.bind(performance)
const { url, engine, copies } = JSON.parse(process.argv[2])
const player = timed(await contestant(), now)

async function contestant() {
  if (!url) return (await import('./loader.mjs')).loader({ copies })
  const { loadModule } = await import(url)
  return aoxide(loadModule, { engine, worker: false })
}

/** Returns the bytes that `count` processes take: the growth of this process, and the engine's linear memory. */
async function held({ file }, count) {
  const bytes = readFileSync(file)
  globalThis.gc()
  const before = memoryUsage.rss()
  const processes = await player.crowd(bytes, count)
  globalThis.gc()
  const resident = memoryUsage.rss() - before
  const { default: bindings } = await import(
    new URL(`wasm/${engine === 'wasmi' ? 'compute-wasmi' : 'compute'}.js`, url)
  )
  const { memory } = await bindings()
  for (const one of processes) await one.close()
  return { resident, linear: memory.buffer.byteLength }
}

const verbs = {
  engine: ({ file }) => player.engine(readFileSync(file)),
  boot: (module) => player.boot(readFileSync(module.file), module),
  evaluate: player.evaluate,
  held,
  sizes: async () => ({
    image: (await player.snapshot()).length,
    memory: gunzipSync(await player.checkpoint()).length
  })
}

process.on('message', async ([verb, ...args]) => {
  try {
    process.send({ value: await verbs[verb](...args) })
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) })
  }
})
process.send({ value: 'ready' })
