// The package's own files, where it lies as it was installed.

// Bundlers that saw what is asked for would take it along for nothing.
const here = import.meta.url

/** A WebAssembly module's bytes, in Node; `undefined` elsewhere, and in programs that are bundled. Sooner than from text. */
export function readFile(name) {
  try {
    const { readFileSync } = globalThis.process.getBuiltinModule('node:fs')
    return readFileSync(new URL(`./${name}.wasm`, here))
  } catch {
    return undefined
  }
}
