// The tests that each runner runs besides its example of docs/testing.md. `imports` are the statements that bring in the entries
// of the package and the runner's functions.
import { jwk } from '../../js/support/key.mjs'

/** The titles, in order. */
export const TITLES = [
  'a process counts, and a dryrun changes nothing',
  'a local network runs in a worker, on both engines',
  'an item is signed and verified',
  'failures are of the class AoError of the entry'
]

export const suite = (imports) => `${imports}
const counter = 'C'.repeat(42) + 'A'
const modules = { [counter]: readFileSync('counter_process.wasm') }
const tags = [{ name: 'Action', value: 'Increment' }]
const jwk = ${JSON.stringify(jwk)}
const signer = createSigner(jwk)
const read = ({ Error, Output }) => {
  expect(Error).toBeUndefined()
  return Output.data
}

test(${JSON.stringify(TITLES[0])}, async () => {
  const ao = connect({ MODE: 'local', modules, GATEWAY_URL: false })
  const process = await ao.spawn({ module: counter, signer })
  const message = await ao.message({ process, signer, tags })
  expect(message).toMatch(/^[\\w-]{43}$/)
  expect(read(await ao.result({ process, message }))).toBe('1')
  expect(read(await ao.dryrun({ process, tags }))).toBe('2')
  expect(read(await ao.dryrun({ process, tags }))).toBe('2')
  expect(read(await ao.send({ process, signer, tags, data: new Uint8Array([1]) }))).toBe('2')
  await (await ao.network).close()
}, 60_000)

test(${JSON.stringify(TITLES[1])}, async () => {
  for (const engine of ['native', 'wasmi']) {
    const network = await createLocalNetwork({ storage: 'memory', worker: true, engine, modules })
    expect(network.worker).toBe(true)
    const ao = connect({ MODE: 'local', network })
    const process = await ao.spawn({ module: counter, signer })
    expect(read(await ao.send({ process, signer, tags }))).toBe('1')
    await network.close()
  }
}, 60_000)

test(${JSON.stringify(TITLES[2])}, async () => {
  const { id, raw } = await DataItem.create({ data: 'hello', tags }).sign(signer)
  const item = await DataItem.parse(raw)
  expect(item.id).toBe(id)
  expect((await item.verify()).valid).toBe(true)
  const damaged = raw.slice()
  damaged[damaged.length - 1] ^= 1
  expect((await (await DataItem.parse(damaged)).verify()).valid).toBe(false)
  expect(await jwkToAddress(jwk)).toMatch(/^[\\w-]{43}$/)
}, 60_000)

test(${JSON.stringify(TITLES[3])}, async () => {
  const ao = connect({ MU_URL: 'http://127.0.0.1:9', fetch: () => Promise.reject(new Error('not reached')) })
  const error = await ao.message({ process: 'short', signer: signer }).catch((error) => error)
  expect(error).toBeInstanceOf(AoError)
  expect(error.code).toBe('BAD_ID')
  expect(AoErrorOfBrowserEntry).toBe(AoError)
}, 60_000)
`
