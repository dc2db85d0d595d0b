// `aoxide localnet`: a whole AO network behind one port of this machine.

import { readFile } from 'node:fs/promises'
import { parseArgs, styleText } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { createLocalNetwork } from '../local/index.js'
import { FolderStorage } from './folder-storage.js'
import { createNetworkServer, hostName } from './server.js'
import { Visitor } from './visitor.js'

const USAGE = `Usage: aoxide localnet [options]

  --port <number>           the port, on 127.0.0.1; 4000, when left out
  --dir <folder>            where it keeps everything; when left out, it forgets everything when it ends
  --allow-host <name>       a host name that requests may be for, besides localhost; as often as you like
  --module <id>=<file>      a process module, under the id that it has on Arweave; as often as you like
  --engine <name>           what runs modules: auto or wasmi; auto, when left out
  --compute-limit <number>  most that one message may take; there is no limit, when left out
  --no-visitor              refuses messages that are not signed, as real nodes do; when left out, messages in JSON to
                            /<process>~process@1.0/schedule and /push are signed with the key of a visitor
  --json                    one line of JSON for each thing that happens
  --help                    this`

const HOST = '127.0.0.1'
const OPTIONS = {
  port: { type: 'string', default: '4000' },
  dir: { type: 'string' },
  'allow-host': { type: 'string', multiple: true, default: [] },
  module: { type: 'string', multiple: true, default: [] },
  engine: { type: 'string', default: 'auto' },
  'compute-limit': { type: 'string' },
  'no-visitor': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
}
/** How often clocks of processes are looked at, in milliseconds. */
const TICK = 1000

class Complaint extends Error {}

export async function main(words) {
  try {
    const options = read(words)
    if (options.help) console.log(USAGE)
    else await run(options)
  } catch (error) {
    // What is the caller's to mend needs no stack.
    console.error(error instanceof Complaint || error.code ? error.message : error)
    process.exitCode = 1
  }
}

function read(words) {
  try {
    const { port, ...options } = parseArgs({ args: words, options: OPTIONS }).values
    const number = Number(port)
    if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new Error(`${port} is no port`)
    const computeLimit = options['compute-limit'] === undefined ? undefined : Number(options['compute-limit'])
    if (Number.isNaN(computeLimit)) throw new Error('--compute-limit wants a number')
    // A name that has a port already cannot have another one.
    const strange = options['allow-host'].find((host) => !hostName(`${host}:1`))
    if (strange !== undefined) throw new Error(`--allow-host wants a host name without a port, and got ${strange}`)
    if (!['auto', 'wasmi'].includes(options.engine)) throw new Error(`--engine must be auto or wasmi`)
    return { ...options, port: number, computeLimit }
  } catch (error) {
    throw new Complaint(`${error.message}\n\n${USAGE}`)
  }
}

async function run({
  port,
  dir,
  module: given,
  json,
  engine,
  computeLimit,
  'allow-host': allowed,
  'no-visitor': closed
}) {
  // Most modules are 64 bits wide, which Node.js does by itself from version 24 on.
  if (parseInt(process.versions.node) < 24) setFlagsFromString('--experimental-wasm-memory64')
  const modules = Object.fromEntries(await Promise.all(given.map(readModule)))
  const log = json ? logJson : logText
  // The network is told its address, so the port comes first; requests wait until the network is there.
  let opened, failed
  const opening = new Promise((resolve, reject) => ([opened, failed] = [resolve, reject]))
  // Without a request that waits for it, the failure is still reported below.
  opening.catch(() => {})
  const server = createNetworkServer({ network: opening, allowed })
  const url = `http://${HOST}:${await listen(server, port)}`
  let storage = 'memory'
  let network
  try {
    if (dir !== undefined) storage = await FolderStorage.open(dir)
    network = await createLocalNetwork({ storage, modules, url, engine, computeLimit, onEvent: log })
  } catch (error) {
    failed(error)
    server.close()
    // By then those who wait have their answers; a connection without a request would keep the process.
    setTimeout(() => server.closeAllConnections(), TICK).unref()
    await storage.close?.()
    throw error
  }
  opened(closed ? network : new Visitor(dir).welcome(network))
  // A process that cannot go on says so as an event, and would say the same each time.
  const settle = () => network.settle().catch(({ code, message }) => code === 'STORAGE' || console.error(message))
  const clock = setInterval(settle, TICK)

  announce({ url, address: network.address, modules: Object.keys(modules), dir, visitor: !closed }, json)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      clearInterval(clock)
      server.close()
      server.closeAllConnections()
      await network.close()
      await storage.close?.()
    })
  }
  if (dir !== undefined) await report(network, log)
}

/** Tells which records of the folder are damaged. */
async function report(network, log) {
  try {
    for (const { name, message } of await network.check())
      log({ what: 'damaged', process: '', message: name, detail: message })
  } catch (error) {
    // It may be closed meanwhile.
    if (error.code !== 'STOPPED') throw error
  }
}

async function readModule(text) {
  const at = text.indexOf('=')
  if (at < 0) throw new Complaint(`--module wants <id>=<file>, and got ${text}`)
  const file = text.slice(at + 1)
  const bytes = await readFile(file).catch((error) => {
    throw new Complaint(`The module ${file} cannot be read: ${error.message}`)
  })
  return [text.slice(0, at), new Uint8Array(bytes)]
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const taken = error.code === 'EADDRINUSE'
      reject(taken ? new Complaint(`Port ${port} is in use. Choose another with --port`) : error)
    })
    server.listen(port, HOST, () => resolve(server.address().port))
  })
}

function announce({ url, address, modules, dir, visitor }, json) {
  if (json) return console.log(JSON.stringify({ ready: true, url, address, modules, dir, visitor }))
  console.log(`An AO network on ${url}

  MU_URL       ${url}/mu
  CU_URL       ${url}/cu
  SU_URL       ${url}/su
  GATEWAY_URL  ${url}
  URL          ${url}     (mainnet mode)
  scheduler    ${address}
  authority    ${address}
  modules      ${modules.join(', ') || 'none yet: --module <id>=<file>, or upload one'}
  visitors     ${visitor ? 'unsigned JSON to …/schedule and …/push is signed with a key of its own' : 'unsigned messages are refused'}
  kept in      ${dir ?? 'memory: all is forgotten when it ends'}

Ctrl-C ends it.
`)
}

const logJson = (event) => console.log(JSON.stringify({ time: Date.now(), ...event }))

const COLOURS = { failed: 'red', damaged: 'red', 'not delivered': 'yellow', 'cascade stopped': 'red', spawned: 'green' }

function logText({ what, process: where, message, detail }) {
  const short = (id) => `${id.slice(0, 6)}…`
  const coloured = process.stdout.isTTY && COLOURS[what] ? styleText(COLOURS[what], what.padEnd(16)) : what.padEnd(16)
  const who = what === 'damaged' ? message : `${short(where)} ← ${short(message)}`
  console.log(`${new Date().toISOString().slice(11, 23)}  ${coloured} ${who}  ${detail}`)
}
