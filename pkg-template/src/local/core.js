// The side of a local network that has the WebAssembly: on the caller's thread, or in a worker.

import { lazyModule } from '../wasm/lazy-module.js'
import { openStorage } from './storage.js'
import { serve } from '../worker/server.js'

/**
 * Answers in a worker. It begins with the compiled WebAssembly; then come the network's options, and then calls of its core,
 * as lists.
 */
export function serveNetwork(lib) {
  serve(async (wasm) => {
    const engine = lazyModule('local', async () => lib)
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
}

/** A network within the instances of `engine` (see lazy.js), which come and go. */
export class Core {
  worker = false
  #engine
  #open
  #exclusively
  /** The network within the instance of now. */
  #inside

  constructor(engine, { storage, name, key, clock, facts }) {
    const opened = openStorage(storage, name)
    this.#engine = engine
    this.#exclusively = opened.exclusively
    this.#open = (lib) => lib.LocalNetwork.open(opened.storage, clock ?? Date.now, key, facts)
  }

  /** Calls a verb of the bindings' network; without one, sees to it that there is a network. */
  run(verb, ...args) {
    return this.#exclusively(() =>
      this.#engine.run(async (bindings) => {
        // After a crash there is a new instance, with nothing in it: the store has everything.
        if (this.#inside?.bindings !== bindings) this.#inside = { bindings, network: await this.#open(bindings.lib) }
        const { network } = this.#inside
        const value = verb && (await network[verb](...args))
        return { value, address: network.address(), events: network.takeEvents() }
      })
    )
  }

  async end() {
    const inside = this.#inside
    this.#inside = undefined
    // Unless it is gone already, with the instance that crashed.
    await this.#engine.run((bindings) => inside?.bindings === bindings && inside.network.free())
  }
}
