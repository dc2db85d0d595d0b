// The WebAssembly modules run their asynchronous work in microtasks. A fault in one would end a Node process and leave the
// caller waiting for ever, so the generated glue takes its `queueMicrotask` from here.

const listeners = new Map()

/** Says who hears of faults in the tasks of a module. */
export function watchTasks(module, listener) {
  listeners.set(module, listener)
}

/** The `queueMicrotask` of a module. */
export const tasksOf = (module) => (task) =>
  globalThis.queueMicrotask(() => {
    try {
      task()
    } catch (fault) {
      listeners.get(module)?.(fault)
    }
  })
