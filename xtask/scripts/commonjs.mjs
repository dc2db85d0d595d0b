// The CommonJS form of the package, for tools that cannot load ES modules: Jest with its default configuration, and Node.js
// before 20.19. Each module is translated by itself, into `cjs/` at the same path. Only Node.js reads these files.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { transform } from 'esbuild'

/** Classes of Node.js that the window of jsdom lacks, as Jest gives it to tests. Those of the outer realm serve as well. */
const MISSING = ['Request', 'Response', 'TextDecoder', 'TextEncoder']
const outer = (name) => `const ${name}=globalThis.${name}??require('vm').runInThisContext('globalThis').${name};`

/** Writes `cjs/` into the package at `folder`: the modules that its entries need, and the declarations. */
export async function writeCommonJs(folder) {
  const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const files = new Set(
    Object.values(exports).flatMap(({ require }) => (require ? relative('cjs', require.default) : []))
  )
  // Grows while it is read.
  for (const file of files) {
    if (/\.(bytes|worker)\.js$/.test(file)) {
      await write(file, textOf(file))
      continue
    }
    const code = await translated(file, await readFile(join(folder, file), 'utf8'))
    for (const [, path] of code.matchAll(/\brequire\("(\.[^"]+)"\)/g)) files.add(join(dirname(file), path))
    await write(file, code)
  }
  for (const file of await readdir(folder, { recursive: true }))
    if (file.endsWith('.d.ts') && !/^(bin|cjs)\//.test(file))
      await write(file, await readFile(join(folder, file), 'utf8'))
  await write('package.json', '{ "type": "commonjs" }\n')

  async function write(file, content) {
    const path = join(folder, 'cjs', file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
}

/** The path of the ES module, as seen from its translation. */
const original = (file) => relative(dirname(join('cjs', file)), file)

/** A module that only holds a text. The text stays in the ES module. */
const textOf = (file) => `const { readFileSync } = require('fs')
const text = readFileSync(require('path').join(__dirname, '${original(file)}'), 'utf8')
exports.__esModule = true
exports.default = JSON.parse(text.replace(/^export default '?|'?\\s*$/g, (end) => (end.includes("'") ? '"' : '')))
`

async function translated(file, source) {
  const { code } = await transform(source, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__url' }
  })
  const url = `const __url=require('url').pathToFileURL(require('path').join(__dirname,'${original(file)}')).href;`
  const missing = MISSING.filter((name) => new RegExp(`\\b(new|instanceof|typeof) ${name}\\b`).test(code))
  return (
    (code.includes('__url') ? url : '') +
    missing.map(outer).join('') +
    (file.startsWith('wasm/') ? withCrypto(code) : code)
  )
}

/** The generated bindings read `crypto` of the global object. That of jsdom lacks `subtle`. */
function withCrypto(code) {
  const read = /(?<==)(\w+)\.crypto\b/g
  if (/\.crypto\b/.test(code) && !read.test(code)) throw new Error('crypto is read differently: look at commonjs.mjs')
  return code.replace(read, "($1.crypto?.subtle?$1.crypto:require('crypto').webcrypto)")
}
