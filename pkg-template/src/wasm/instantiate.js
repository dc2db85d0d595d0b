// Starting a WebAssembly module through its bindings.

/** Whether looking at the web's own classes means loading them: 20 milliseconds, when a process begins. */
export const inNode = globalThis.process?.versions?.node !== undefined

/** Node compiles at once: in the background takes half as long again, and nobody waits for anything else meanwhile. */
export const compile = async (bytes) => (inNode ? new WebAssembly.Module(bytes) : WebAssembly.compile(bytes))

/** `module` is compiled, or what the bindings of a browser take besides: bytes, a response or an address. */
export async function begin(lib, module) {
  if (inNode && module instanceof Uint8Array) module = await compile(module)
  if (inNode && module instanceof WebAssembly.Module) lib.initSync({ module })
  else await lib.default({ module_or_path: module })
  // An interpreter is optimised while it is used: the sooner that begins, the better.
  lib.warmUp?.()
}
