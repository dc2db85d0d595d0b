// Starting a WebAssembly module through its bindings.

/** Whether looking at the web's own classes means loading them: 20 milliseconds, when a process begins. */
const inNode = globalThis.process?.versions?.node !== undefined

/** `module` is compiled, or what the bindings of a browser take besides: bytes, a response or an address. */
export async function begin(lib, module) {
  if (inNode && module instanceof Uint8Array) module = await WebAssembly.compile(module)
  if (inNode && module instanceof WebAssembly.Module) lib.initSync({ module })
  else await lib.default({ module_or_path: module })
}
