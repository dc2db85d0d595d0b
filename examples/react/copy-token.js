// Copies the module that `npm run token` built to where src/development/network.ts imports it.
import { copyFileSync } from 'node:fs'

const built = new URL('../token-process/target/wasm32-unknown-unknown/release/token_process.wasm', import.meta.url)
copyFileSync(built, new URL('src/development/token_process.wasm', import.meta.url))
