// Assembles the npm package: node pack.mjs <template> <package> <glue> <profile> <version> <built> [document …]
//
// <glue> holds <name>.js, <name>.d.ts and <name>.wasm of each artefact. <built> lists those that were built now, separated by
// commas. A WebAssembly module is stored compressed inside a JavaScript module, so that bundlers need not support WebAssembly.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import { writeCommonJs } from './commonjs.mjs'
import { mergeFiles } from './merge-files.mjs'
import { copyDocuments } from './package-documents.mjs'
import { WORKERD_ARTEFACTS, writeWorkerdEntries } from './workerd.mjs'

const [template, target, glueFolder, profile, version, built, ...documents] = process.argv.slice(2)

const ARTEFACTS = [
  'client',
  'rsa',
  'signatures',
  'bundle',
  'compute',
  'compute-wasmi',
  'httpsig',
  'local',
  'local-wasmi',
  'verify',
  'verify-wasmi'
]

/** The Lua module, which the interpreter and the host's own WebAssembly load as they load any process module. */
const lua = await readFile(join(glueFolder, '../lua/process.wasm')).catch(() => undefined)

/** The artefacts that were built, now or before. The package for the playground has only some of them. */
const glueFiles = await filesUnder(glueFolder)
const artefacts = ARTEFACTS.filter((name) => glueFiles.includes(`${name}.js`))

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
await cp(join(template, 'package.json'), join(target, 'package.json'))
await copyDocuments(documents, target)

// Without the declarations of every artefact there is nothing to check against, as in a package for the playground.
const isDeclared = await declareArtefacts(join(glueFolder, '../pkg-types'))
/** Whether some artefacts were not built now. Their declarations may be outdated. */
const isPartial = ARTEFACTS.some((name) => !built.split(',').includes(name))
const tsc = fileURLToPath(import.meta.resolve('typescript/package.json')).replace('package.json', 'bin/tsc')
// The command line in bin/ is compiled against the declarations of the rest.
for (const [project, outDir] of [
  ['.', target],
  ['bin', join(target, 'bin')]
]) {
  const arguments_ = [tsc, '--project', join(template, project, 'tsconfig.json'), '--outDir', outDir]
  if (!isDeclared) arguments_.push('--noCheck')
  const { status } = spawnSync(process.execPath, arguments_, { stdio: 'inherit' })
  if (status === 0) continue
  // tsc has printed the errors, and has written its output. Declarations of artefacts that were not built now may be outdated.
  if (isPartial) console.log(`  only ${built} was built, so these errors may be of outdated artefacts`)
  else process.exit(1)
}
await removeInternalTypes()

/** Paths of all files under a folder, relative to it. */
async function filesUnder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

/**
 * Writes the declarations of the files that `wasm/` will hold; tsc finds them through `rootDirs`. Those of the bindings are
 * from wasm-bindgen, which declares every JavaScript value as `any`. Returns whether all artefacts have declarations: one that
 * was never built has none.
 */
async function declareArtefacts(folder) {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'wasm'), { recursive: true })
  const undeclared = []
  for (const name of ARTEFACTS) {
    const declaration = await readFile(join(glueFolder, `${name}.d.ts`), 'utf8').catch(() => undefined)
    if (declaration === undefined) undeclared.push(name)
    else await writeFile(join(folder, 'wasm', `${name}.d.ts`), declaration.replaceAll(/\bany\b/g, 'unknown'))
    for (const kind of ['bytes', 'worker'])
      await writeFile(join(folder, 'wasm', `${name}.${kind}.d.ts`), 'declare const text: string\nexport default text\n')
  }
  for (const kind of ['bytes', 'id'])
    await writeFile(join(folder, 'wasm', `lua.${kind}.d.ts`), 'declare const text: string\nexport default text\n')
  if (undeclared.length > 0) console.log(`  types are not checked: build ${undeclared.join(', ')} for that`)
  return undeclared.length === 0
}

/** Removes the declarations that no entry of the package needs: they are of internal modules. */
async function removeInternalTypes() {
  const { exports } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8'))
  const needed = new Set()
  const visit = async (file) => {
    if (needed.has(file)) return
    needed.add(file)
    const text = await readFile(join(target, file), 'utf8')
    for (const [, path] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)\.js['"]/g))
      await visit(join(dirname(file), `${path}.d.ts`))
  }
  for (const { types } of Object.values(exports)) if (types) await visit(join(types))
  for (const file of await filesUnder(target))
    if (file.endsWith('.d.ts') && !needed.has(file)) await rm(join(target, file))
}

// The crate and the package are one release: the version is written down once, in Cargo.toml.
const manifestFile = join(target, 'package.json')
const manifest = JSON.parse(await readFile(manifestFile, 'utf8'))
await writeFile(manifestFile, JSON.stringify({ ...manifest, version }, null, 2) + '\n')

/** Adapts the generated JavaScript to modules that may crash and be restarted. */
async function glueOf(generated) {
  // A callback of an instance that has crashed belongs to a call that was rejected already. If it threw, the rejection would be
  // unhandled, which ends a Node process.
  const thrown = "throw new Error('Cannot invoke closure from previous WASM instance')"
  if (generated.includes('MutClosure') && !generated.includes(thrown))
    throw new Error('wasm-bindgen writes its closures differently: look at pack.mjs')
  // A fault in a microtask of the module must reject its calls, not end the process: see wasm/microtask-guard.
  const watched = generated.includes('queueMicrotask') ? "import { queueMicrotask } from './microtask-guard.js'\n" : ''
  const glue = watched + generated.replaceAll(thrown, 'return')
  // Comments are a third of the file.
  return (await transform(glue, { minify: true, target: 'es2022' })).code
}

/** The compressed module. A release has it from Zopfli, which takes seconds, where zlib takes milliseconds. */
const compressed = (name, wasm) =>
  profile === 'release' ? readFile(join(glueFolder, `${name}.deflated`)) : deflateRawSync(wasm)

for (const name of artefacts) {
  const wasm = await readFile(join(glueFolder, `${name}.wasm`))
  const generated = await readFile(join(glueFolder, `${name}.js`), 'utf8')
  await writeArtefact(name, wasm, { [`${name}.js`]: await glueOf(generated) })
}
if (lua) {
  const id = createHash('sha256').update(lua).digest('base64url')
  await writeArtefact('lua', lua, { 'lua.id.js': `export default '${id}'\n` })
}

/** Writes a module into `wasm/`: as it is, and as a JavaScript module. `others` are further files there. */
async function writeArtefact(name, wasm, others) {
  const files = {
    [`${name}.wasm`]: wasm,
    [`${name}.bytes.js`]: `export default '${(await compressed(name, wasm)).toString('base64')}'\n`,
    ...others
  }
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(target, 'wasm', file), content)
    const sizes = { raw: content }
    if (profile === 'release') sizes.gzip = gzipSync(content, { level: 9 })
    // Brotli takes longer than the rest of this program, so only what every page loads is measured with it.
    if (profile === 'release' && name === 'client') sizes.brotli = brotliCompressSync(content)
    const shown = Object.entries(sizes).map(([kind, { length }]) => `${(length / 1000).toFixed(1)} KB ${kind}`)
    console.log(`  ${file.padEnd(16)} ${shown.join(', ')}`)
  }
}

// Each worker becomes one script that imports nothing, as text and as a file: see worker/client.
for (const name of artefacts.filter((name) => /^(compute|local|verify)/.test(name))) {
  const file = name.replace(/^(\w+)/, '$1/worker') + '.js'
  const { outputFiles } = await build({
    entryPoints: [join(target, file)],
    bundle: true,
    minify: true,
    format: 'iife',
    write: false
  })
  const [{ text }] = outputFiles
  await writeFile(join(target, file), text)
  await writeFile(join(target, 'wasm', `${name}.worker.js`), `export default ${JSON.stringify(text)}\n`)
  console.log(`  ${file} ${(text.length / 1000).toFixed(1)} KB raw`)
}

// Until it is bundled from the files of the others, workerd/ has only the variants of modules.
if (lua && [...WORKERD_ARTEFACTS].every((name) => artefacts.includes(name))) await writeWorkerdEntries(resolve(target))
else await rm(join(target, 'workerd'), { recursive: true })

// The workers' scripts have what they need in themselves. Everything else is merged or made smaller from here on.
const scripts = async () => (await filesUnder(target)).filter((file) => /(?<!\.(bytes|worker))\.js$/.test(file))
await mergeFiles(target, await scripts())

// Pages without a bundler download these files as they are, so comments, spaces and long names are removed.
for (const file of (await scripts()).filter((file) => !file.startsWith('bin/'))) {
  const source = await readFile(join(target, file), 'utf8')
  await writeFile(
    join(target, file),
    (await transform(source, { legalComments: 'none', minify: true, target: 'es2022' })).code
  )
}

// It imports every artefact, and the package for the playground has only some.
if (lua && ARTEFACTS.every((name) => artefacts.includes(name))) await writeCommonJs(target)
