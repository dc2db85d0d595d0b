// The WebAssembly modules run their asynchronous code in microtasks. An uncaught exception in one of these would end a Node
// process, and the caller would wait for ever. So the generated bindings take their `queueMicrotask` from here.

/** Called with an exception. */
export type FaultListener = (fault: Error | { message: string }) => void

/** One listener per artefact. Which artefact a task belongs to is not known, so each exception goes to all of them. */
const listeners = new Map<string, FaultListener>()

/** Sets the listener of an artefact. */
export function onFault(artefact: string, listener: FaultListener): void {
  listeners.set(artefact, listener)
}

/** `queueMicrotask`, with exceptions reported to the listeners. */
export function queueMicrotask(task: () => void): void {
  globalThis.queueMicrotask(() => {
    try {
      task()
    } catch (fault) {
      report(fault as Error)
    }
  })
}

/** Reports an exception to every listener. */
export function report(fault: Error | { message: string }): void {
  for (const listener of listeners.values()) listener(fault)
}
