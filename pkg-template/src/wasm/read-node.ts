// Reads files of the installed package in Node.js.

import { builtin } from './instantiate.js'

/** Name of this file. In a program that is bundled, `import.meta.url` ends with another name. */
const NAME = 'read-node.js'

// Bundlers that see `new URL('…', import.meta.url)` copy the file into their output. Turbopack looks through variables and
// templates, and takes the first file that fits; it does not look through `slice`.
const here = import.meta.url

/**
 * The bytes of an artefact in Node.js. Faster than from a JavaScript module. `undefined` in other runtimes, and in programs
 * that are bundled. Deno would ask for permission to read the file; it imports the package without one.
 */
export function readArtefact(name: string): Uint8Array<ArrayBuffer> | undefined {
  if (globalThis.Deno || !here?.endsWith(NAME)) return undefined
  try {
    return builtin('node:fs')?.readFileSync(new URL(here.slice(0, -NAME.length) + name + '.wasm'))
  } catch {
    return undefined
  }
}
