// Bundles a Cloudflare Worker as wrangler does, and serves it with workerd.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
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
export async function bundle(home, entry, outdir = join(home, `out-${entry.replace(/\W/g, '-')}`)) {
  await build({
    entryPoints: [join(home, entry)],
    outdir,
    entryNames: 'worker',
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
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
 * @param options `bindings`: texts for `env`. `flags`: compatibility flags.
 * @returns `url`, `errors()` with what workerd has written to its error output, and `stop()`.
 */
export async function serveWorker({ outdir, modules }, { bindings = {}, flags = [], date = '2026-11-01' } = {}) {
  const listed = modules
    .toSorted((one) => (one === 'worker.js' ? -1 : 1))
    .map((name) => {
      const kind = name.endsWith('.wasm') ? 'wasm' : 'esModule'
      return `(name = ${quoted(`./${name}`)}, ${kind} = embed ${quoted(name)})`
    })
  const texts = Object.entries(bindings).map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`)
  const config = join(outdir, `config-${flags.join('-')}.capnp`)
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${listed.join(', ')}],
      bindings = [${texts.join(', ')}],
      compatibilityDate = ${quoted(date)},
      compatibilityFlags = [${flags.map(quoted).join(', ')}]
    )),
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
