// Puts the npm package together: node pack.mjs <template> <package> <glue> <profile> <version> [document …]
//
// <glue> holds <name>.js and <name>.wasm of each artefact. A module travels inside a JavaScript module, compressed, so that
// no bundler needs to know about WebAssembly.
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { deflateAsync } from '@gfx/zopfli'
import { build, transform } from 'esbuild'
import { forPackage, repositoryOf } from './package-documents.mjs'
import { shortNames } from './short-names.mjs'

const [template, target, glueFolder, profile, version, ...documents] = process.argv.slice(2)

await rm(target, { recursive: true, force: true })
await cp(template, target, { recursive: true })
await mkdir(join(target, 'wasm'), { recursive: true })

// Comments, spaces and long names are for those who read the sources: on a page without a bundler, every visitor would pay
// for them.
for (const file of (await readdir(target)).filter((file) => file.endsWith('.js'))) {
  const source = await readFile(join(target, file), 'utf8')
  await writeFile(
    join(target, file),
    (await transform(source, { legalComments: 'none', minify: true, target: 'es2022' })).code
  )
}

// The crate and the package are one release: the version is written down once, in Cargo.toml.
const manifestFile = join(target, 'package.json')
const manifest = JSON.parse(await readFile(manifestFile, 'utf8'))
await writeFile(manifestFile, JSON.stringify({ ...manifest, version }, null, 2) + '\n')

// Without a public repository to link to, the package carries the documentation itself.
const repository = repositoryOf(manifest)
const packed = []
for (const document of documents) {
  const isFolder = (await stat(document)).isDirectory()
  if (isFolder && repository !== undefined) continue
  const entries = isFolder ? await readdir(document, { recursive: true, withFileTypes: true }) : []
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => join(parentPath ?? path, name))
  packed.push(
    ...(isFolder ? files : [document]).map((from) => ({ from, path: from.slice(dirname(document).length + 1) }))
  )
}
const isPacked = (path) => packed.some((file) => file.path === path)
for (const { from, path } of packed) {
  await mkdir(dirname(join(target, path)), { recursive: true })
  const content = await readFile(from, 'utf8')
  const isMarkdown = path.endsWith('.md')
  await writeFile(join(target, path), isMarkdown ? forPackage(content, { path, repository, isPacked }) : content)
}

/** The generated JavaScript, fit for a module that may crash and be started afresh. */
async function glueOf(generated) {
  // An answer that comes after a crash belongs to a call that has been told of it. Thrown, it would be a rejection that
  // nobody handles, which ends a Node process.
  const thrown = "throw new Error('Cannot invoke closure from previous WASM instance')"
  if (generated.includes('MutClosure') && !generated.includes(thrown))
    throw new Error('wasm-bindgen writes its closures differently: look at pack.mjs')
  // The module's tasks, if it has any, run under the face's watch: see tasks.js.
  const watched = generated.includes('queueMicrotask') ? "import { queueMicrotask } from '../tasks.js'\n" : ''
  const glue = watched + generated.replaceAll(thrown, 'return')
  // Nobody reads it, and its comments are a third of it.
  return (await transform(glue, { minify: true, target: 'es2022' })).code
}

/**
 * The module compressed. What zlib does in moments takes Zopfli seconds, and becomes six in a hundred smaller; so it is
 * for releases only, and kept for as long as the module stays the same.
 */
async function compressed(name, wasm) {
  if (profile !== 'release') return deflateRawSync(wasm)
  const hash = createHash('sha256').update(wasm).digest()
  const file = join(glueFolder, `${name}.deflated`)
  const kept = await readFile(file).catch(() => Buffer.alloc(0))
  if (hash.equals(kept.subarray(0, hash.length))) return kept.subarray(hash.length)
  const fresh = Buffer.from(await deflateAsync(wasm, {}))
  await writeFile(file, Buffer.concat([hash, fresh]))
  return fresh
}

const names = (await readdir(glueFolder)).filter((file) => file.endsWith('.js')).map((file) => basename(file, '.js'))
for (const name of names) {
  const { wasm, javascript: generated } = shortNames(
    await readFile(join(glueFolder, `${name}.wasm`)),
    await readFile(join(glueFolder, `${name}.js`), 'utf8')
  )
  const files = {
    [`${name}.wasm`]: wasm,
    [`${name}.bytes.js`]: `export default '${(await compressed(name, wasm)).toString('base64')}'\n`,
    [`${name}.js`]: await glueOf(generated)
  }
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(target, 'wasm', file), content)
    const sizes = { raw: content, gzip: gzipSync(content, { level: 9 }), brotli: brotliCompressSync(content) }
    const shown = Object.entries(sizes).map(([kind, { length }]) => `${(length / 1000).toFixed(1)} KB ${kind}`)
    console.log(`  ${file.padEnd(16)} ${shown.join(', ')}`)
  }
}

// Each worker becomes one script that imports nothing, as text and as a file: see line.js.
for (const name of ['compute', 'compute-wasmi', 'local', 'local-wasmi']) {
  const worker = join(target, `${name}-worker.js`)
  const { outputFiles } = await build({
    entryPoints: [worker],
    bundle: true,
    minify: true,
    format: 'iife',
    write: false
  })
  const [{ text }] = outputFiles
  await writeFile(worker, text)
  await writeFile(join(target, 'wasm', `${name}.worker.js`), `export default ${JSON.stringify(text)}\n`)
  console.log(`  ${name}-worker.js ${(text.length / 1000).toFixed(1)} KB raw`)
}
