// aoxide/local and aoxide/lua
import { connect, type ConnectOptions, type LocalClient, type LocalSpawnInput, type Signer } from 'aoxide'
import { createLocalNetwork, type LocalNetwork, type NetworkEvent, type NetworkStorage } from 'aoxide/local'
import { loadModule } from 'aoxide/compute'
import { luaModule, type LuaModule } from 'aoxide/lua'
import { a, holds, type Equal } from './check.js'

holds<Equal<ReturnType<typeof createLocalNetwork>, Promise<LocalNetwork>>>()
createLocalNetwork()
createLocalNetwork({
  storage: 'indexeddb',
  name: 'mine',
  clock: () => 1_700_000_000_000,
  modules: { id: new Uint8Array(1), other: new ArrayBuffer(1), third: new URL('https://ar.example/aos.wasm') },
  onEvent: (event) => holds<Equal<typeof event, NetworkEvent>>()
})
createLocalNetwork({ worker: true, liveProcesses: 8, liveMemory: 1e9 })
// @ts-expect-error worker must be a boolean
createLocalNetwork({ worker: 'auto' })
const storage: NetworkStorage = {
  get: async () => undefined,
  insert: () => true,
  put: () => {},
  remove: async () => {},
  names: () => ['process/x']
}
createLocalNetwork({ storage })
// @ts-expect-error unknown kind of storage
createLocalNetwork({ storage: 'attic' })
// @ts-expect-error clock must be a function
createLocalNetwork({ clock: 7 })

const network = a<LocalNetwork>()
connect(network.units)
connect({ ...network.units, timeout: 1000 })
holds<Equal<ReturnType<LocalNetwork['fetch']>, Promise<Response>>>()
network.addModule('id', a<Response>(), { format: 'wasm32-unknown-emscripten4' })
network.addModule('id', '/aos.wasm', { fetch, signal: AbortSignal.timeout(1) })
network.fetch('/~meta@1.0/info/address')
holds<Equal<ReturnType<LocalNetwork['fork']>, Promise<string>>>()
network.fork('process', 12)
network.fetch(new Request('http://localhost/raw/x'))
holds<Equal<ReturnType<LocalNetwork['check']>, Promise<{ name: string; message: string }[]>>>()
// @ts-expect-error
network.address = 'mine'
holds<Equal<LocalNetwork['worker'], boolean>>()

// connect({ MODE: 'local' })
const ao = connect({ MODE: 'local' })
holds<Equal<typeof ao, LocalClient>>()
holds<Equal<(typeof ao)['MODE'], 'local'>>()
holds<Equal<(typeof ao)['network'], Promise<LocalNetwork>>>()
connect({ MODE: 'local', network, modules: { id: new Uint8Array(1) }, timeout: 1000 })
connect({ MODE: 'local', network: createLocalNetwork(), GATEWAY_URL: false, SCHEDULER: 's' })
connect(a<ConnectOptions<'local'>>()).network.then(({ address }) => address)
const signer = a<Signer>()
holds<Equal<ReturnType<(typeof ao)['spawn']>, Promise<string>>>()
ao.spawn({ module: 'm', signer })
ao.spawn({ module: 'm', signer, scheduler: 's', tags: [{ name: 'n', value: 'v' }] })
ao.spawn(a<LocalSpawnInput>())
ao.message({ process: 'p', signer })
ao.send({ process: 'p', signer }).then(({ id }) => id)
// Without a module, the process runs the package's Lua.
ao.spawn({ signer })
ao.spawn({ signer, data: 'Count = 0' })
// @ts-expect-error signer is missing
ao.spawn({ data: 'Count = 0' })
// @ts-expect-error only local mode spawns without a module
connect().spawn({ signer, scheduler: 's' })

// aoxide/lua
const lua = await luaModule()
holds<Equal<typeof lua, LuaModule>>()
holds<Equal<(typeof lua)['id'], string>>()
connect({ MODE: 'local', modules: { [lua.id]: lua } })
createLocalNetwork({ modules: { [lua.id]: lua } })
network.addModule(lua.id, lua)
loadModule(lua)
loadModule(await luaModule(), { engine: 'wasmi' })
// @ts-expect-error a module has tags
loadModule({ bytes: new Uint8Array(1) })
// @ts-expect-error network must be a LocalNetwork
connect({ MODE: 'local', network: 'mine' })
// @ts-expect-error local mode takes no addresses of units
connect({ MODE: 'local', MU_URL: 'https://mu' })
// @ts-expect-error GATEWAY_URL must be an address or false
connect({ MODE: 'local', GATEWAY_URL: true })
// @ts-expect-error only local mode takes a network
connect({ MODE: 'legacy', network })
// @ts-expect-error
ao.network = createLocalNetwork()
