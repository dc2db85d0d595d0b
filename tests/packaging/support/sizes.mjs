// Measures the files of the package that a page downloads for `connect`, `message` and `result` with a key.
import { readFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { install } from './app.mjs'
import { checkSite } from './check.mjs'

/** Maximum of bytes that a page may download, with each file compressed on its own: gzip -9, Brotli 11. */
export const BUDGET = { gzip: 116_000, brotli: 112_000 }
/** The same for a page in mainnet mode, as gzip. It downloads the mainnet verbs as well. */
export const MAINNET_BUDGET = 120_000
/** Maximum of bytes of the other artefacts, as gzip. */
export const ARTEFACT_BUDGETS = {
  signatures: 90_000,
  bundle: 60_000,
  compute: 140_000,
  'compute-wasmi': 340_000,
  local: 355_000,
  'local-wasmi': 560_000,
  lua: 130_000,
  verify: 400_000,
  'verify-wasmi': 600_000
}

export const gzipOf = (bytes) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }).length

export function sizesOf(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  return { raw: bytes.length, gzip: gzipOf(bytes), brotli: brotliCompressSync(bytes, { params }).length }
}

/** The files and their sum: `{ files: { name: sizes }, sum }`. */
function weigh(app, paths) {
  const files = Object.fromEntries(paths.map((path) => [path, sizesOf(readFileSync(app.home + path))]))
  const sum = { raw: 0, gzip: 0, brotli: 0 }
  for (const sizes of Object.values(files)) for (const kind of Object.keys(sum)) sum[kind] += sizes[kind]
  return { files, sum }
}

/** Without a bundler: the files of the package, unchanged. */
export async function plainPage(surroundings) {
  const app = await install('examples/html', 'size-html')
  const { files } = await checkSite(app, '', surroundings)
  return weigh(
    app,
    files.filter((path) => path.startsWith('/node_modules/aoxide/'))
  )
}

/** Minified and split by esbuild. The application's own code is included. */
export async function bundledPage(surroundings) {
  const app = await install('examples/esbuild', 'size-esbuild')
  await app.script('build:split')
  const { files } = await checkSite(app, '', surroundings)
  return weigh(
    app,
    files.filter((path) => path.endsWith('.js'))
  )
}
