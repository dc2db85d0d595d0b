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
  modules: { id: new Uint8Array(1), other: new ArrayBuffer(1) },
  onEvent: (event) => holds<Equal<typeof event, NetworkEvent>>()
})
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
network.fetch('/~meta@1.0/info/address')
network.fetch(new Request('http://localhost/raw/x'))
// @ts-expect-error
network.address = 'mine'
