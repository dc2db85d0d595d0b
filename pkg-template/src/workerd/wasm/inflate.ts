// The WebAssembly modules of a Cloudflare Worker. workerd compiles no bytes: it has modules only from `import` declarations. So
// the entries of the package import the `.wasm` files, and register them here under the names of the artefacts.

import { AoError } from '../../errors.js'

const modules = new Map<string, WebAssembly.Module>()

/** Registers the modules that an entry of the package has imported. */
export function provide(imported: Record<string, WebAssembly.Module>): void {
  for (const [name, module] of Object.entries(imported)) modules.set(name, module)
}

/** How a worker gets the artefacts that the called entry does not import, so that small workers stay small. */
const ADVICE: Readonly<Record<string, string>> = {
  httpsig: "HTTP message signatures are not in this worker. Add `import 'aoxide/httpsig'`",
  'local-wasmi': "The local network is not in this worker. Add `import 'aoxide/local'`",
  'verify-wasmi': "The light client is not in this worker. Add `import 'aoxide/verify'`",
  compute: "Cloudflare Workers cannot compile process modules. Leave `engine` out, or set it to 'wasmi'"
}

/**
 * The registered module of an artefact. Here a `.bytes.js` file exports the artefact's name.
 *
 * @throws `UNSUPPORTED` for an artefact that no entry has imported.
 */
export async function inflate(
  imported: { default: string } | Promise<{ default: string }>
): Promise<WebAssembly.Module> {
  const { default: name } = await imported
  const module = modules.get(name)
  if (module) return module
  throw new AoError('UNSUPPORTED', `${ADVICE[name] ?? `The artefact '${name}' is not in this worker`}.`)
}
