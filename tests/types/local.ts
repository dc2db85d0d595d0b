// aoxide/local
import { connect } from 'aoxide'
import { createLocalNetwork, type LocalNetwork, type NetworkEvent, type NetworkStorage } from 'aoxide/local'
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
// @ts-expect-error a truth value
createLocalNetwork({ worker: 'auto' })
const storage: NetworkStorage = {
  get: async () => undefined,
  insert: () => true,
  put: () => {},
  remove: async () => {},
  names: () => ['process/x']
}
createLocalNetwork({ storage })
// @ts-expect-error a store
createLocalNetwork({ storage: 'attic' })
// @ts-expect-error a function
createLocalNetwork({ clock: 7 })

const network = a<LocalNetwork>()
connect(network.units)
connect({ ...network.units, timeout: 1000 })
holds<Equal<ReturnType<LocalNetwork['fetch']>, Promise<Response>>>()
network.addModule('id', a<Response>(), { format: 'wasm32-unknown-emscripten4' })
network.addModule('id', '/aos.wasm', { fetch, signal: AbortSignal.timeout(1) })
network.fetch('/~meta@1.0/info/address')
network.fetch(new Request('http://localhost/raw/x'))
// @ts-expect-error
network.address = 'mine'
holds<Equal<LocalNetwork['worker'], boolean>>()
