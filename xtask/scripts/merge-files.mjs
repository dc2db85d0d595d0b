// Merges small files that every page loads. Each file is compressed on its own, and a short file compresses badly.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

/**
 * What is merged into what. A bundler that splits nothing keeps a file whole if the file imports others on first use. So those
 * are apart from `core.js`, and what signs is apart from the verbs: see docs/decisions/merged-files.md.
 */
const MERGED = {
  'core.js': [
    'errors.js',
    'client/call-policy.js',
    'client/cron.js',
    'signers/brand.js',
    'wasm/inflate.js',
    'wasm/instantiate.js',
    'wasm/lazy-module.js',
    'wasm/microtask-guard.js'
  ],
  'signing.js': ['signers/create-signer.js', 'signers/keys.js', 'signers/source.js', 'wasm/modules.js'],
  'verbs.js': ['client/connect.js', 'client/top-level.js']
}

/** Which file a file is merged into. */
export const placeOf = new Map(Object.entries(MERGED).flatMap(([merged, files]) => files.map((file) => [file, merged])))

/** The path in an import or in an export of another file, with what is before and after it. */
const IMPORT = /(\bfrom\s*['"]|\bimport\s*\(?\s*['"])(\.{1,2}\/[^'"]+)(['"])/g

const specifier = (path) => (path.startsWith('.') ? path : `./${path}`)

/** Merges the files within `folder`. `files` are the paths of all JavaScript files there that may import them. */
export async function mergeFiles(folder, files) {
  const merged = await Promise.all(Object.entries(MERGED).map(([name, parts]) => merge(folder, name, parts)))
  for (const file of placeOf.keys()) await rm(join(folder, file))
  for (const [index, name] of Object.keys(MERGED).entries()) await writeFile(join(folder, name), merged[index])

  for (const file of files.filter((file) => !placeOf.has(file))) {
    const source = await readFile(join(folder, file), 'utf8')
    const redirected = (whole, before, path, after) => {
      const place = placeOf.get(join(dirname(file), path))
      return place ? before + specifier(relative(dirname(file), place)) + after : whole
    }
    await writeFile(join(folder, file), source.replaceAll(IMPORT, redirected))
  }
}

/** The text of a merged file. It exports what its parts export. */
async function merge(folder, name, parts) {
  const onResolve = ({ path, resolveDir, importer }) => {
    const file = relative(folder, join(resolveDir, path))
    const place = placeOf.get(file)
    if (place === name) return undefined
    if (!importer) throw new Error(`${file} is not one of the files of ${name}`)
    return { path: specifier(place ?? file), external: true }
  }
  const { outputFiles } = await build({
    stdin: { contents: parts.map((part) => `export * from './${part}'`).join('\n'), resolveDir: folder },
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    plugins: [{ name: 'other files', setup: (bundler) => bundler.onResolve({ filter: /^\./ }, onResolve) }]
  })
  return outputFiles[0].text
}
