// Bundles a Cloudflare Worker as wrangler does, and serves it with workerd.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const binary = fileURLToPath(new URL('../node_modules/@cloudflare/workerd-linux-64/bin/workerd', import.meta.url))

/**
 * Bundles a worker. Like wrangler, it takes the export condition `workerd`, makes one file of all JavaScript, and copies the
 * `.wasm` files beside it.
 *
 * @returns `modules`: the names of the files; `gzip`: their compressed size, of which Cloudflare limits the sum.
 */
export async function bundle(home, entry, conditions = ['workerd', 'worker', 'browser']) {
  const outdir = join(home, `out-${entry.replace(/\W/g, '-')}`)
  await build({
    entryPoints: [join(home, entry)],
    outdir,
    entryNames: 'worker',
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions,
    // With `nodejs_compat`, workerd has these.
    external: ['node:*', 'cloudflare:*'],
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
    logLevel: 'error'
  })
  const modules = readdirSync(outdir)
  const gzip = Object.fromEntries(modules.map((name) => [name, gzipSync(readFileSync(join(outdir, name))).length]))
  return { outdir, modules, gzip }
}

const quoted = JSON.stringify

/**
 * Serves a bundle on 127.0.0.1. The worker may connect to servers on this machine.
 *
 * @param options `bindings`: texts for `env`. `flags`: compatibility flags. `durableObject`: the name of a class, whose namespace
 * is bound to its name in upper case.
 * @returns `url`, `errors()` with what workerd has written to its error output, and `stop()`.
 */
export async function serveWorker(
  { outdir, modules },
  { bindings = {}, flags = [], date = '2026-11-01', durableObject } = {}
) {
  const listed = modules
    .toSorted((one) => (one === 'worker.js' ? -1 : 1))
    .map((name) => {
      const kind = name.endsWith('.wasm') ? 'wasm' : 'esModule'
      return `(name = ${quoted(`./${name}`)}, ${kind} = embed ${quoted(name)})`
    })
  const texts = Object.entries(bindings).map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`)
  if (durableObject)
    texts.push(`(name = ${quoted(durableObject.toUpperCase())}, durableObjectNamespace = ${quoted(durableObject)})`)
  const namespaces = durableObject ? `(className = ${quoted(durableObject)}, uniqueKey = "test", enableSql = true)` : ''
  // Only this has a database.
  const disk = join(outdir, 'disk')
  mkdirSync(disk, { recursive: true })
  const config = join(outdir, `config-${flags.join('-')}.capnp`)
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${listed.join(', ')}],
      bindings = [${texts.join(', ')}],
      durableObjectNamespaces = [${namespaces}],
      durableObjectStorage = (localDisk = "disk"),
      compatibilityDate = ${quoted(date)},
      compatibilityFlags = [${flags.map(quoted).join(', ')}]
    )),
    (name = "disk", disk = (path = ${quoted(disk)}, writable = true)),
    (name = "internet", network = (allow = ["private", "public"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`
  )
  const child = spawn(binary, ['serve', '--control-fd=3', config], { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  let written = ''
  child.stderr.on('data', (text) => (written += text))
  const ended = once(child, 'exit')
  const listening = (async () => {
    for await (const line of createInterface(child.stdio[3])) {
      const { event, socket, port } = JSON.parse(line)
      if (event === 'listen' && socket === 'http') return port
    }
    await ended
    throw new Error(`workerd did not start: ${written}`)
  })()
  const port = await listening
  return {
    url: `http://127.0.0.1:${port}`,
    errors: () => written,
    async stop() {
      child.kill('SIGKILL')
      await ended
    }
  }
}

/**
 * The oldest and the newest that are tried. Before 2024-10-14, code that waits for a promise of another request fails.
 * `nodejs_compat` is the default from 2026-08-04 on.
 */
export const SETTINGS = {
  'without nodejs_compat, as of 2023': { date: '2023-07-01' },
  'with nodejs_compat': { date: '2026-08-01', flags: ['nodejs_compat'] }
}

/** Serves a worker for one test. `use` gets a function that requests a path, and returns the JSON of the response. */
export async function withWorker(bundled, options, use) {
  const worker = await serveWorker(bundled, options)
  try {
    await use(async (path, init) => {
      const response = await fetch(`${worker.url}/${path}`, init)
      const text = await response.text()
      assert.ok(/^[["{\d]/.test(text), `${text}\n${worker.errors()}`)
      return JSON.parse(text)
    })
  } finally {
    await worker.stop()
  }
}
