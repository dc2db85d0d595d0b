// `aoxide localnet`: a whole AO network behind one port of this machine.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { parseArgs, styleText } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { createLocalNetwork } from '../local.js'
import { FolderStorage } from './folder-storage.js'

const USAGE = `Usage: aoxide localnet [options]

  --port <number>           the port, on 127.0.0.1; 4000, when left out
  --dir <folder>            where it keeps everything; when left out, it forgets everything when it ends
  --module <id>=<file>      a process module, under the id that it has on Arweave; as often as you like
  --engine <name>           what runs modules: auto or wasmi; auto, when left out
  --compute-limit <number>  most that one message may take; there is no limit, when left out
  --json                    one line of JSON for each thing that happens
  --help                    this`

const HOST = '127.0.0.1'
const OPTIONS = {
  port: { type: 'string', default: '4000' },
  dir: { type: 'string' },
  module: { type: 'string', multiple: true, default: [] },
  engine: { type: 'string', default: 'auto' },
  'compute-limit': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
}
/** Larger bodies are not read to their end. */
const MOST = 101 << 20
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
    if (!['auto', 'wasmi'].includes(options.engine)) throw new Error(`--engine must be auto or wasmi`)
    return { ...options, port: number, computeLimit }
  } catch (error) {
    throw new Complaint(`${error.message}\n\n${USAGE}`)
  }
}

async function run({ port, dir, module: given, json, engine, computeLimit }) {
  // Most modules are 64 bits wide, which Node.js does by itself from version 24 on.
  if (parseInt(process.versions.node) < 24) setFlagsFromString('--experimental-wasm-memory64')
  const modules = Object.fromEntries(await Promise.all(given.map(readModule)))
  const log = json ? logJson : logText
  const server = createServer()
  const url = `http://${HOST}:${await listen(server, port)}`
  let storage = 'memory'
  let network
  try {
    if (dir !== undefined) storage = await FolderStorage.open(dir)
    network = await createLocalNetwork({ storage, modules, url, engine, computeLimit, onEvent: log })
  } catch (error) {
    server.close()
    await storage.close?.()
    throw error
  }
  server.on('request', (request, response) => serve(network, request, response))
  const clock = setInterval(() => network.settle().catch((error) => console.error(error.message)), TICK)

  announce({ url, address: network.address, modules: Object.keys(modules), dir }, json)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      clearInterval(clock)
      server.close()
      server.closeAllConnections()
      await network.close()
      await storage.close?.()
    })
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

async function serve(network, request, response) {
  try {
    const answer = await network.answer({
      method: request.method,
      path: request.url,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: await bodyOf(request)
    })
    response.writeHead(answer.status, answer.headers)
    response.end(answer.body)
  } catch (error) {
    // The network itself failed; what it refuses comes as an answer.
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: error.message, code: error.code }))
  }
}

async function bodyOf(request) {
  const pieces = []
  let length = 0
  for await (const piece of request) {
    length += piece.length
    // The network says why; it need not see all of it for that.
    if (length > MOST) break
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}

function announce({ url, address, modules, dir }, json) {
  if (json) return console.log(JSON.stringify({ ready: true, url, address, modules, dir }))
  console.log(`An AO network on ${url}

  MU_URL       ${url}/mu
  CU_URL       ${url}/cu
  SU_URL       ${url}/su
  GATEWAY_URL  ${url}
  URL          ${url}     (mainnet mode)
  scheduler    ${address}
  authority    ${address}
  modules      ${modules.join(', ') || 'none yet: --module <id>=<file>, or upload one'}
  kept in      ${dir ?? 'memory: all is forgotten when it ends'}

Ctrl-C ends it.
`)
}

const logJson = (event) => console.log(JSON.stringify({ time: Date.now(), ...event }))

const COLOURS = { failed: 'red', 'not delivered': 'yellow', 'cascade stopped': 'red', spawned: 'green' }

function logText({ what, process: where, message, detail }) {
  const short = (id) => `${id.slice(0, 6)}…`
  const coloured = process.stdout.isTTY && COLOURS[what] ? styleText(COLOURS[what], what.padEnd(16)) : what.padEnd(16)
  console.log(`${new Date().toISOString().slice(11, 23)}  ${coloured} ${short(where)} ← ${short(message)}  ${detail}`)
}
