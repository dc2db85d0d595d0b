// The side of the compute engine that has the WebAssembly: in a worker or in place, requests in and answers out. Answers
// are plain data: `{ value }`, `{ error: { code, message, details, cause } }`, or `{ crash }` after which nothing works.

import { instantiate } from '../wasm/instantiate.js'
import { serve } from '../worker/server.js'

/** Answers requests in a worker, which begins with the compiled WebAssembly. */
export function serveCore(lib) {
  serve(async (wasm) => {
    await instantiate(lib, wasm)
    return createCore(lib)
  })
}

/** What answers requests, for bindings that are initialised. */
export function createCore(lib) {
  const modules = new Map()
  const processes = new Map()
  let panic

  lib.setup(
    (code, message, details, cause) => ({ code, message, details, cause }),
    (message) => {
      panic = message
    }
  )

  const does = {
    load({ module, bytes, format, computeLimit, memoryLimit }) {
      const loaded = new lib.ComputeModule(bytes, format, computeLimit, memoryLimit)
      modules.set(module, loaded)
      return { format: loaded.format(), engine: loaded.engine() }
    },
    unload: ({ module }) => drop(modules, module),
    instantiate({ module, process, environment }) {
      processes.set(process, modules.get(module).instantiate(environment))
    },
    resume({ module, process, environment, image }) {
      processes.set(process, modules.get(module).resume(environment, image))
    },
    resumeCheckpoint({ module, process, environment, image }) {
      processes.set(process, modules.get(module).resumeCheckpoint(environment, image))
    },
    handle: ({ process, message }) => processes.get(process).handle(message),
    dryrun: ({ process, message }) => processes.get(process).dryrun(message),
    snapshot: ({ process }) => processes.get(process).snapshot(),
    checkpoint: ({ process }) => processes.get(process).checkpoint(),
    memoryHash: ({ process }) => processes.get(process).memoryHash(),
    free: ({ process }) => drop(processes, process)
  }

  return (request) => {
    try {
      return { value: does[request.verb](request) }
    } catch (thrown) {
      return thrown.code ? { error: thrown } : { crash: panic ?? thrown.message }
    }
  }
}

function drop(all, id) {
  all.get(id)?.free()
  all.delete(id)
}
