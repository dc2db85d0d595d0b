// The WebAssembly modules run their asynchronous work in microtasks. A fault in one would end a Node process and leave the
// caller waiting for ever, so the generated glue takes its `queueMicrotask` from here.

/** Who hears of faults, by the name of his module. Nobody knows whose task it was, so all hear of each. */
const listeners = new Map()

export function watchTasks(name, listener) {
  listeners.set(name, listener)
}

export function queueMicrotask(task) {
  globalThis.queueMicrotask(() => {
    try {
      task()
    } catch (fault) {
      tell(fault)
    }
  })
}

/** Tells everyone of a fault. */
export function tell(fault) {
  for (const listener of listeners.values()) listener(fault)
}
