// The worker of the compute engine. It begins with the compiled WebAssembly; every other message is a request for the core.

import { createCore } from './compute-core.js'
import { serve } from './serve.js'
import * as lib from './wasm/compute.js'

serve(async (wasm) => {
  await lib.default({ module_or_path: wasm })
  return createCore(lib)
})
