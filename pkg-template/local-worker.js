// The worker of a local network. It begins with the compiled WebAssembly; then come the network's options, and then calls of
// its core, as lists.

import { lazy } from './lazy.js'
import { Core } from './local-core.js'
import { serve } from './serve.js'
import * as lib from './wasm/local.js'

serve(async (wasm) => {
  const engine = lazy('local', async () => lib)
  await engine.load(wasm)
  let core
  return async (request) => {
    try {
      if (core) return await core.run(...request)
      core = new Core(engine, request)
      return {}
    } catch ({ code = 'CRASH', message, details, cause }) {
      return { error: { code, message, details, cause } }
    }
  }
})
