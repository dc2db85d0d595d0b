// Reads files of the installed package in Node.js.

// In a variable: bundlers that see `new URL('…', import.meta.url)` would copy the file into their output.
const here = import.meta.url

/**
 * The bytes of an artefact in Node.js. Faster than from a JavaScript module. `undefined` in other runtimes, and in programs
 * that are bundled. Deno would ask for permission to read the file; it imports the package without one.
 */
export function readArtefact(name: string): Uint8Array<ArrayBuffer> | undefined {
  if (globalThis.Deno) return undefined
  try {
    const { readFileSync } = globalThis.process!.getBuiltinModule!('node:fs')
    return readFileSync(new URL(`./${name}.wasm`, here))
  } catch {
    return undefined
  }
}
