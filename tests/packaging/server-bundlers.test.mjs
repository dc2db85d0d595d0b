// Bundles the package for a server, with unconfigured bundlers. The bundle alone has every capability, workers included, and
// holds each artefact once.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, renameSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { build as esbuild } from 'esbuild'
import { rolldown } from 'rolldown'
import { build as vite } from 'vite'
import webpack from 'webpack'
import { install } from '../runtimes/support/install.mjs'
import { assertReport, runToEnd } from '../runtimes/support/process.mjs'
import { CAPABILITIES } from '../runtimes/support/program.mjs'

const ARTEFACTS = ['client', 'rsa', 'compute', 'compute-wasmi', 'httpsig', 'local', 'local-wasmi']

/** Each bundles `main.mjs` of a folder, for Node.js and without external packages, into another folder. */
const BUNDLERS = {
  'esbuild, one file': (home, outdir) => withEsbuild(home, outdir, false),
  'esbuild, with splitting': (home, outdir) => withEsbuild(home, outdir, true),
  // Rollup's interface and plugins.
  Rolldown: async (home, dir) => {
    const bundle = await rolldown({ input: `${home}/main.mjs`, platform: 'node', logLevel: 'silent' })
    await bundle.write({ dir, entryFileNames: 'main.mjs' })
    await bundle.close()
  },
  'Vite, for SSR': (root, outDir) =>
    vite({
      root,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: { ssr: 'main.mjs', outDir, rollupOptions: { output: { entryFileNames: 'main.mjs' } } }
    }),
  webpack: (home, path) =>
    new Promise((resolve, reject) => {
      const output = { path, filename: 'main.mjs', module: true, chunkFormat: 'module' }
      const options = { mode: 'production', target: 'node20', context: home, entry: './main.mjs', output }
      webpack({ ...options, experiments: { outputModule: true } }, (error, stats) =>
        error || stats.hasErrors() ? reject(error ?? new Error(stats.toString())) : resolve()
      )
    })
}

const withEsbuild = (home, outdir, splitting) =>
  esbuild({
    entryPoints: [`${home}/main.mjs`],
    outdir,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
    bundle: true,
    splitting
  })

describe('bundled for a server', () => {
  let installed
  before(async () => {
    installed = await install()
  })
  after(() => installed?.remove())

  for (const [name, bundle] of Object.entries(BUNDLERS))
    test(`${name}: every capability works, and each artefact is there once`, async () => {
      const { home } = installed
      const dist = `${home}/dist-${name.replaceAll(/\W+/g, '-')}`
      await bundle(home, dist)
      const files = readdirSync(dist, { recursive: true }).filter((file) => /\.\w+$/.test(file))
      assert.deepEqual(
        files.filter((file) => file.endsWith('.wasm')),
        []
      )
      const scripts = files.map((file) => readFileSync(`${dist}/${file}`, 'utf8'))
      for (const artefact of ARTEFACTS) {
        const bytes = readFileSync(`${home}/node_modules/aoxide/wasm/${artefact}.bytes.js`, 'utf8')
        const start = /[\w+/=]{300,}/.exec(bytes)[0].slice(0, 200)
        assert.equal(scripts.filter((text) => text.includes(start)).length, 1, artefact)
      }
      // The bundle must not need the package any more.
      renameSync(`${home}/node_modules`, `${home}/away`)
      try {
        const capabilities = CAPABILITIES.filter((each) => each !== 'real connection' && each !== 'verbs at top level')
        await assertReport(await runToEnd(home, process.execPath, [`${dist}/main.mjs`, '-']), capabilities)
      } finally {
        renameSync(`${home}/away`, `${home}/node_modules`)
      }
    })
})
