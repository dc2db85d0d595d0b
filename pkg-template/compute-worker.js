// The worker of the compute engine. In the package this is one script that imports nothing: see pack.mjs.
//
// The first message is the compiled WebAssembly; it is answered with `{ ready: true }`, or `{ failed }`. Every other message
// is a request for the core.

import { createCore } from './compute-core.js'
import * as lib from './wasm/compute.js'

let answer

self.onmessage = async ({ data }) => {
  if (answer) {
    const answered = answer(data)
    const { value } = answered
    self.postMessage(answered, value instanceof Uint8Array ? [value.buffer] : [])
    return
  }
  try {
    await lib.default({ module_or_path: data })
    answer = createCore(lib)
    self.postMessage({ ready: true })
  } catch (error) {
    self.postMessage({ failed: error.message })
  }
}
