// The WebAssembly module runs its asynchronous work in microtasks. A fault in one would end a Node process and leave the
// caller waiting for ever, so the generated glue takes its `queueMicrotask` from here.

let onFault = () => {}

/** Says who hears of faults. */
export function watchTasks(listener) {
  onFault = listener
}

export function queueMicrotask(task) {
  globalThis.queueMicrotask(() => {
    try {
      task()
    } catch (fault) {
      onFault(fault)
    }
  })
}
