// `aoxide localnet`: a whole AO network behind one port of this machine.

import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import { styleText } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { createLocalNetwork, type LocalNetwork, type NetworkEvent } from '../local/index.js'
import { luaModule } from '../lua/index.js'
import { FolderStorage } from './folder-storage.js'
import { type LocalnetOptions, readOptions, USAGE } from './localnet-options.js'
import { type Answering, createNetworkServer } from './server.js'
import { closeAtSignal } from './signals.js'
import { UsageError } from './usage-error.js'
import { VisitorSigner } from './visitor.js'

const HOST = '127.0.0.1'

/** Milliseconds between two looks for cron ticks that are due. */
const TICK = 1000
/** Milliseconds for which lines of the log are collected: a write to the terminal takes as long as a message. */
const COLLECT = 10
/** How long requests are still answered after the network could not be opened. */
const GRACE = 100

type Log = (event: NetworkEvent) => void

export async function main(args: string[]): Promise<void> {
  const options = readOptions(args)
  if (options) await run(options)
  else console.log(USAGE)
}

async function run({
  port,
  dir,
  module,
  data: files,
  json,
  engine,
  computeLimit,
  allowed,
  visitor
}: LocalnetOptions): Promise<void> {
  // Most modules have 64-bit memory. Node.js before version 24 needs a flag for it.
  if (parseInt(process.versions.node) < 24) setFlagsFromString('--experimental-wasm-memory64')
  const modules = Object.fromEntries(await Promise.all(module.map((file) => readNamed('module', file))))
  const data = Object.fromEntries(await Promise.all(files.map((file) => readNamed('data', file))))
  const lua = await luaModule()
  const log = json ? logJson : logText
  process.once('exit', flushLog)
  // The network needs its address, so the port is opened first. Requests wait until the network is ready.
  let ready!: (network: Answering) => void
  let failed!: (error: unknown) => void
  const opening = new Promise<Answering>((resolve, reject) => ([ready, failed] = [resolve, reject]))
  // The failure is reported below, also when no request waits for the network.
  opening.catch(() => {})
  const server = createNetworkServer({ network: opening, allowed })
  const url = `http://${HOST}:${await listen(server, port)}`
  let storage: FolderStorage | undefined
  let network: LocalNetwork
  try {
    if (dir !== undefined) storage = await FolderStorage.open(dir)
    network = await createLocalNetwork({
      url,
      modules: { [lua.id]: lua, ...modules },
      data,
      engine,
      onEvent: log,
      ...(storage && { storage }),
      ...(computeLimit !== undefined && { computeLimit })
    })
  } catch (error) {
    failed(error)
    // Requests that wait, or that arrive now, are answered first.
    setTimeout(() => server.close(), GRACE)
    // A connection without a request would keep the process running.
    setTimeout(() => server.closeAllConnections(), TICK).unref()
    await storage?.close()
    throw error
  }
  ready(visitor ? new VisitorSigner(dir).wrap(network) : network)
  // A process with a damaged record is reported as an event. The error would repeat it at each tick.
  const settle = () =>
    network.settle().catch(({ code, message }) => {
      if (code !== 'STORAGE') console.error(message)
    })
  const clock = setInterval(settle, TICK)

  flushLog()
  announce({ url, address: network.address, lua: lua.id, modules: Object.keys(modules), dir, visitor }, json)
  closeAtSignal(async () => {
    clearInterval(clock)
    server.close()
    server.closeAllConnections()
    await network.close()
    await storage?.close()
  })
  if (storage) await reportDamage(network, log)
}

/** Logs the damaged records of the folder. */
async function reportDamage(network: LocalNetwork, log: Log): Promise<void> {
  try {
    for (const { name, message } of await network.check())
      log({ what: 'damaged', process: '', message: name, detail: message })
  } catch (error) {
    // A signal may have closed the network meanwhile.
    if ((error as { code?: string }).code !== 'STOPPED') throw error
  }
}

async function readNamed(what: string, { id, file }: { id: string; file: string }): Promise<[string, Uint8Array]> {
  try {
    return [id, new Uint8Array(await readFile(file))]
  } catch (error) {
    throw new UsageError(`The ${what} ${file} cannot be read: ${(error as Error).message}`)
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(taken ? new UsageError(`Port ${port} is in use. Choose another with --port`) : error)
    })
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port))
  })
}

interface Announcement {
  url: string
  address: string
  /** The id of this package's Lua module. */
  lua: string
  /** The modules that the user has added. */
  modules: string[]
  dir: string | undefined
  visitor: boolean
}

function announce({ url, address, lua, modules, dir, visitor }: Announcement, json: boolean): void {
  if (json) return console.log(JSON.stringify({ ready: true, url, address, lua, modules, dir, visitor }))
  console.log(`An AO network on ${url}

  MU_URL       ${url}/mu
  CU_URL       ${url}/cu
  SU_URL       ${url}/su
  GATEWAY_URL  ${url}
  URL          ${url}     (mainnet mode)
  scheduler    ${address}
  authority    ${address}
  Lua module   ${lua}
  modules      ${modules.join(', ') || 'none yet; add one with --module <id>=<file>, or upload it'}
  visitors     ${visitor ? "unsigned JSON to …/schedule and …/push is signed with the visitor's key" : 'unsigned messages are rejected'}
  storage      ${dir ?? 'memory; all records are lost when the network ends'}

Press Ctrl-C to end it.
`)
}

let lines: string[] = []

function logLine(line: string) {
  if (lines.length === 0) setTimeout(flushLog, COLLECT)
  lines.push(line)
}

function flushLog() {
  if (lines.length > 0) console.log(lines.join('\n'))
  lines = []
}

const logJson: Log = (event) => logLine(JSON.stringify({ time: Date.now(), ...event }))

const COLOURS = {
  failed: 'red',
  damaged: 'red',
  'not delivered': 'yellow',
  'cascade stopped': 'red',
  spawned: 'green'
} as const

const logText: Log = ({ what, process: receiver, message, detail }) => {
  const short = (id: string) => `${id.slice(0, 6)}…`
  const label = what.padEnd(16)
  const colour = (COLOURS as Partial<Record<string, (typeof COLOURS)[keyof typeof COLOURS]>>)[what]
  const coloured = process.stdout.isTTY && colour ? styleText(colour, label) : label
  const subject = what === 'damaged' ? message : `${short(receiver)} ← ${short(message)}`
  logLine(`${new Date().toISOString().slice(11, 23)}  ${coloured} ${subject}  ${detail}`)
}
