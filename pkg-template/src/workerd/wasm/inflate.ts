// The WebAssembly modules of a Cloudflare Worker. workerd compiles no bytes: it has modules only from `import` declarations. So
// the entries of the package import the `.wasm` files, and register them here under the names of the artefacts.

import { AoError } from '../../errors.js'
import { inflate as inflateText } from '../../wasm/inflate.js'

const modules = new Map<string, WebAssembly.Module | string>()

/** Registers what an entry of the package has imported: modules, and the text of the Lua module, which the interpreter runs. */
export function provide(imported: Record<string, WebAssembly.Module | string>): void {
  for (const [name, module] of Object.entries(imported)) modules.set(name, module)
}

/** How a worker gets the artefacts that the called entry does not import, so that small workers stay small. */
const ADVICE: Readonly<Record<string, string>> = {
  httpsig: "HTTP message signatures are not in this worker. Add `import 'aoxide/httpsig'`",
  'local-wasmi': "The local network is not in this worker. Add `import 'aoxide/local'`",
  lua: "The Lua module is not in this worker. Add `import 'aoxide/lua'`",
  'verify-wasmi': "The light client is not in this worker. Add `import 'aoxide/verify'`",
  compute: "Cloudflare Workers cannot compile process modules. Leave `engine` out, or set it to 'wasmi'"
}

/**
 * The registered module of an artefact; bytes for the Lua module. Here a `.bytes.js` file exports the artefact's name.
 *
 * @throws `UNSUPPORTED` for an artefact that no entry has imported.
 */
export async function inflate(
  imported: { default: string } | Promise<{ default: string }>
): Promise<WebAssembly.Module | Uint8Array> {
  const { default: name } = await imported
  const module = modules.get(name)
  if (typeof module === 'string') return inflateText({ default: module })
  if (module) return module
  throw new AoError('UNSUPPORTED', `${ADVICE[name] ?? `The artefact '${name}' is not in this worker`}.`)
}
