// One program that uses every capability of the package. Each runtime runs it, so it imports nothing: the caller imports the
// package in the way of its runtime, and compares the report.

/** The entries of the package, and what the program uses of them. */
const ENTRIES = {
  client: ['connect', 'createSigner', 'generateJwk', 'jwkToAddress', 'message', 'result', 'AoError', 'load'],
  ans104: ['DataItem', 'deepHash'],
  httpsig: ['encodeRequest', 'decodeReply'],
  compute: ['loadModule'],
  local: ['createLocalNetwork'],
  lua: ['luaModule']
}

/**
 * The capabilities, in the order in which they run. Each is a function that resolves when the capability works, and throws an
 * error that says what differs when it does not.
 */
const PROGRAM = {
  import: importEntries,
  key: makeKey,
  'data item': signItem,
  'scripted unit': (program) => talk(program, scriptedUnit(program)),
  'http signature': signRequest,
  'compute native in place': (program) => compute(program, 'native', false),
  'compute wasmi in place': (program) => compute(program, 'wasmi', false),
  'compute native in a worker': (program) => compute(program, 'native', true),
  'compute wasmi in a worker': (program) => compute(program, 'wasmi', true),
  'Lua module native': (program) => evaluateLua(program, 'native'),
  'Lua module wasmi': (program) => evaluateLua(program, 'wasmi'),
  'local network in place': (program) => useNetwork(program, { worker: false }),
  'local network on wasmi': (program) => useNetwork(program, { worker: false, engine: 'wasmi' }),
  'local network in a worker': (program) => useNetwork(program, { worker: true }),
  'real connection': (program) => talk(program, { MU_URL: program.fixtures.unit, CU_URL: program.fixtures.unit }),
  'verbs at top level': talkAtTopLevel
}

/** Capabilities that need `fixtures.unit`. */
const NEED_UNIT = ['real connection', 'verbs at top level']

export const CAPABILITIES = Object.keys(PROGRAM)

/**
 * Runs the program.
 *
 * @param modules The modules of the package: `{ client, ans104, httpsig, compute, local, lua }`. Each is the module, or a function
 * that imports it.
 * @param fixtures `module`: the bytes of the process of examples/counter-process. `jwk`: a key. `unit`: the address of
 * `startEchoUnits()`; without it, two capabilities are left out.
 * @param options `only`: the names of the capabilities to run. `made`: an object that receives what was signed, so that
 * the caller can verify it with another library.
 * @returns `'ok'` or the error, for each capability: `{ import: 'ok', key: 'UNSUPPORTED: …' }`.
 */
export async function run(modules, fixtures, { only = CAPABILITIES, made = {} } = {}) {
  const report = {}
  const program = { fixtures, made }
  for (const name of CAPABILITIES) {
    const wanted = only.includes(name) && (fixtures.unit || !NEED_UNIT.includes(name))
    if (!wanted && name !== 'import') continue
    try {
      if (name === 'import') for (const entry in ENTRIES) program[entry] = await imported(modules[entry])
      await PROGRAM[name](program)
      report[name] = 'ok'
    } catch (error) {
      report[name] = described(error, program.client?.AoError)
    }
  }
  return report
}

const imported = (module) => (typeof module === 'function' ? module() : module)

function described(error, AoError) {
  if (AoError && error instanceof AoError) return `${error.code}: ${error.message}`
  return `not an AoError: ${error?.stack || error}`
}

/** Throws unless both values have the same JSON. */
function same(actual, expected, what) {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value))
  if (one !== other) throw new Error(`${what}: ${one} instead of ${other}`)
}

const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))

function importEntries(program) {
  for (const [entry, names] of Object.entries(ENTRIES)) {
    for (const name of names) same(typeof program[entry][name], 'function', `typeof ${name} of ${entry}`)
  }
}

async function makeKey({ client }) {
  const jwk = await client.generateJwk()
  same([jwk.kty, jwk.n.length], ['RSA', 683], 'the kind and the size of the key')
  const address = await client.jwkToAddress(jwk)
  same(address.length, 43, 'the length of the address')
}

async function signItem({ client, ans104, fixtures, made }) {
  const signer = client.createSigner(fixtures.jwk)
  const tags = [{ name: 'Näme', value: 'välue' }]
  const item = await ans104.DataItem.create({ data: 'hello', tags }).sign(signer)
  same(await (await ans104.DataItem.parse(item.raw)).verify(), { valid: true, problems: [] }, 'the verification')
  const forged = item.raw.slice()
  forged[forged.length - 1] ^= 1
  same((await (await ans104.DataItem.parse(forged)).verify()).valid, false, 'the verification of a forged item')
  made.item = { id: item.id, raw: toBase64(item.raw) }
}

async function signRequest({ client, httpsig, fixtures, made }) {
  const signer = client.createSigner(fixtures.jwk)
  const fields = { action: 'Eval', count: 3 }
  const request = await httpsig.encodeRequest({ url: 'http://localhost', path: '/push', fields, data: '1 + 1', signer })
  const { message, signatures, problems } = await httpsig.decodeReply(new Headers(request.headers), request.body)
  same([message.action, message.count, message.data], ['Eval', 3, '1 + 1'], 'the message')
  same(problems, [], 'the problems')
  const [{ valid, address }] = signatures
  same([valid, address], [true, await client.jwkToAddress(fixtures.jwk)], 'the signature')
  const forged = await httpsig.decodeReply({ ...request.headers, count: '4' }, request.body)
  same(forged.signatures[0].valid, false, 'the signature of a forged message')
  made.request = { ...request, body: toBase64(request.body) }
}

const SENDER = 'S'.repeat(42) + 'A'
const PROCESS = 'P'.repeat(42) + 'A'
const MODULE = 'M'.repeat(42) + 'A'

const processMessage = (tags) => ({
  Id: 'I'.repeat(42) + 'A',
  Target: PROCESS,
  Owner: SENDER,
  From: SENDER,
  Data: '',
  Tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
  Timestamp: 1_700_000_000_000,
  'Block-Height': 1_300_000
})

async function compute({ compute, fixtures }, engine, worker) {
  const module = await compute.loadModule(fixtures.module, { engine, worker })
  try {
    same([module.engine, module.worker], [engine, worker], 'the engine, and whether it runs in a worker')
    const environment = { Process: { Id: PROCESS, Owner: SENDER, Tags: [] }, Module: { Id: MODULE, Tags: [] } }
    const process = await module.instantiate(environment)
    const handle = async (tags) => (await process.handle(processMessage(tags))).Output.data
    same(await handle({ Type: 'Process' }), 'counting from 0', 'the first output')
    same(await handle({ Action: 'Increment', Amount: '41' }), '41', 'the output')
    const dryrun = await process.dryrun(processMessage({ Action: 'Increment' }))
    same(dryrun.Output.data, '42', 'the output of a dryrun')
    const resumed = await module.resume(environment, await process.snapshot())
    const read = await resumed.handle(processMessage({ Action: 'Read' }))
    same(read.Output.data, '41', 'the output after a snapshot')
  } finally {
    await module.close()
  }
}

async function evaluateLua({ compute, lua }, engine) {
  const module = await compute.loadModule(await lua.luaModule(), { engine, worker: false })
  try {
    const environment = { Process: { Id: PROCESS, Owner: SENDER, Tags: [] }, Module: { Id: MODULE, Tags: [] } }
    const process = await module.instantiate(environment)
    const { Output } = await process.handle({ ...processMessage({ Action: 'Eval' }), Data: 'return 6 * 7' })
    same(Output.data, '42', 'what Lua evaluates')
  } finally {
    await module.close()
  }
}

const PONG = "Handlers.add('ping', 'Ping', function(msg) msg.reply({ Data = 'pong' }) end)"

async function useNetwork({ client, local, fixtures }, options) {
  const network = await local.createLocalNetwork({ modules: { [MODULE]: fixtures.module }, ...options })
  try {
    same(network.worker, options.worker, 'whether it runs in a worker')
    const ao = client.connect({ MODE: 'local', network })
    const signer = client.createSigner(fixtures.jwk)
    const process = await ao.spawn({ module: MODULE, signer })
    const increment = { process, tags: [{ name: 'Action', value: 'Increment' }] }
    const message = await ao.message({ ...increment, signer })
    same((await ao.result({ process, message })).Output.data, '1', 'the result')
    same((await ao.dryrun(increment)).Output.data, '2', 'the dryrun')
    const pong = await ao.spawn({ signer, data: PONG })
    const { Messages } = await ao.send({ process: pong, signer, tags: [{ name: 'Action', value: 'Ping' }] })
    same(Messages[0].Data, 'pong', 'the answer of a process in Lua')
    const response = await network.fetch(`/${process}~process@1.0/now/count`)
    same([response.status, await response.text()], [200, '1'], 'what the HyperBEAM node answers')
  } finally {
    await network.close()
  }
}

/** Options of `connect` for a unit that answers as `startEchoUnits()` does, without a connection. */
function scriptedUnit({ ans104 }) {
  const items = new Map()
  const fetch = async (input, init) => {
    const request = new Request(input, init)
    const [, result] = /\/result\/([\w-]+)/.exec(request.url) ?? []
    if (result) return Response.json({ Messages: [], Spawns: [], Output: { data: `echo: ${items.get(result)}` } })
    const item = await ans104.DataItem.parse(await request.arrayBuffer())
    items.set(item.id, new TextDecoder().decode(item.data))
    return Response.json({ id: item.id })
  }
  return { MU_URL: 'http://unit.invalid', CU_URL: 'http://unit.invalid', fetch }
}

/** Sends a message to a unit that echoes, and reads the result. */
async function talk({ client, fixtures }, options) {
  await echo(client.connect({ MODE: 'legacy', ...options }), client, fixtures)
  const { AoError, connect } = client
  const error = await connect(options)
    .message({ process: PROCESS })
    .catch((reason) => reason)
  same([error instanceof AoError, error.code], [true, 'BAD_ARGUMENT'], 'the error for a message without a signer')
}

/** The verbs at top level read the address of the unit from the globals, where the environment has none. */
async function talkAtTopLevel({ client, fixtures }) {
  Object.assign(globalThis, { MU_URL: fixtures.unit, CU_URL: fixtures.unit })
  await echo(client, client, fixtures)
}

async function echo(verbs, { createSigner }, { jwk }) {
  const message = await verbs.message({ process: PROCESS, signer: createSigner(jwk), data: 'hello' })
  const { Output } = await verbs.result({ process: PROCESS, message })
  same(Output.data, 'echo: hello', 'the result')
}
