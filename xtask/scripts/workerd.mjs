// Writes the entries of the package for workerd, the runtime of Cloudflare Workers: workerd/*.js.
//
// workerd compiles no bytes, so these entries import the `.wasm` files. The rest of the package is bundled with them, because
// some modules have variants in pkg-template/src/workerd, which stand at the same path as the module that they replace.
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { build } from 'esbuild'

/**
 * What each entry exports, the artefacts that it imports, and whether it has the Lua module, whose bytes the interpreter of
 * `local-wasmi` and `compute-wasmi` loads. `rsa` is part of each that verifies: SubtleCrypto cannot reject a
 * signature without the length of its salt.
 */
const ENTRIES = {
  index: { exports: 'index.js', artefacts: ['client', 'rsa', 'signatures'] },
  ans104: { exports: 'ans104/index.js', artefacts: ['client', 'rsa', 'signatures', 'bundle'] },
  httpsig: { exports: 'httpsig/index.js', artefacts: ['httpsig', 'rsa'] },
  compute: { exports: 'compute/index.js', artefacts: ['compute-wasmi'] },
  local: { exports: 'local/index.js', artefacts: ['local-wasmi', 'httpsig', 'rsa', 'signatures'], lua: true },
  lua: { exports: 'lua/index.js', artefacts: [], lua: true },
  verify: { exports: 'verify/index.js', artefacts: ['verify-wasmi'] }
}

/** Artefacts that the entries need. A package without one of them has no entries for workerd. */
export const WORKERD_ARTEFACTS = new Set(Object.values(ENTRIES).flatMap(({ artefacts }) => artefacts))

/** @param target The folder of the package, with everything else in it. */
export async function writeWorkerdEntries(target) {
  const variants = join(target, 'workerd')
  const outdir = join(target, 'workerd-entries')
  for (const [name, { exports, artefacts, lua = false }] of Object.entries(ENTRIES)) {
    const variable = (artefact) => artefact.replace('-', '_')
    const provided = artefacts.map((artefact) => `'${artefact}': ${variable(artefact)}`)
    const source = [
      "import { provide } from './wasm/inflate.js'",
      ...artefacts.map((artefact) => `import ${variable(artefact)} from '../wasm/${artefact}.wasm'`),
      ...(lua ? ["import lua from '../wasm/lua.bytes.js'"] : []),
      `provide({ ${[...provided, ...(lua ? ['lua'] : [])].join(', ')} })`,
      `export * from '../${exports}'`
    ]
    await writeFile(join(variants, `${name}.js`), source.join('\n'))
  }
  await build({
    entryPoints: Object.keys(ENTRIES).map((name) => join(variants, `${name}.js`)),
    outdir,
    chunkNames: 'shared/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    // No worker is started, and no file is read. Bundlers would look for the files that stand in such expressions.
    define: { Worker: 'undefined', 'import.meta.url': '"file:///"' },
    plugins: [variantsOf(target, variants)]
  })
  await rm(variants, { recursive: true })
  await rename(outdir, variants)
}

function variantsOf(target, variants) {
  return {
    name: 'workerd',
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) => {
        // Only entries import them, and they are written where these are.
        if (path.endsWith('.wasm')) return { path, external: true }
        const file = join(resolveDir, path)
        const [, name, kind] = /^([\w-]+)(\.bytes|\.worker)?\.js$/.exec(basename(file)) ?? []
        // Only an entry imports the text itself.
        if (kind === '.bytes' && importer.startsWith(variants + sep)) return undefined
        if (kind === '.bytes') return { path: name, namespace: 'name' }
        // Scripts of workers, and bindings of modules that no entry imports.
        const isUnused = dirname(file) === join(target, 'wasm') && /^(compute|local|verify)$/.test(name)
        if (kind === '.worker' || isUnused) return { path: name, namespace: 'unused' }
        // A variant imports the module that it replaces.
        if (importer.startsWith(variants + sep)) return undefined
        const variant = join(variants, relative(target, file))
        return existsSync(variant) ? { path: variant } : undefined
      })
      build.onLoad({ filter: /.*/, namespace: 'name' }, ({ path }) => ({ contents: `export default '${path}'` }))
      build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export default undefined' }))
    }
  }
}
