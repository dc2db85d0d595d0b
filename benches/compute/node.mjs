// Contestants in Node.js. Each has a process of its own, and runs in place there.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { root } from '../../tests/js/support/package.mjs'

const url = pathToFileURL(createRequire(`${root}target/package/app.mjs`).resolve('aoxide/compute')).href
const CONTESTANTS = {
  wasmi: { url, engine: 'wasmi' },
  native: { url, engine: 'native' },
  loader: { copies: true },
  bare: { copies: false }
}

/** Node.js before version 24 needs a flag for 64-bit memories. */
const flags = Number.parseInt(process.versions.node) < 24 ? ['--experimental-wasm-memory64'] : []

/** Starts a candidate. Returns `ask(verb, ...arguments)` and `end()`. */
async function start(name) {
  const child = fork(fileURLToPath(new URL('child.mjs', import.meta.url)), [JSON.stringify(CONTESTANTS[name])], {
    execArgv: [...flags, '--expose-gc', '--no-warnings']
  })
  const ended = once(child, 'exit').then(([code]) => ({ error: `it ended with code ${code}` }))
  async function answer() {
    const said = once(child, 'message').then(([message]) => message)
    const { value, error } = await Promise.race([said, ended])
    if (error) throw new Error(`${name}: ${error}`)
    return value
  }
  await answer()
  return {
    ask(...request) {
      child.send(request)
      return answer()
    },
    async end() {
      child.kill()
      await ended
    }
  }
}

/** Starts the candidates, calls `use` with their functions `(verb, ...arguments)`, and ends them when it returns. */
export async function among(names, use) {
  const started = await Promise.all(names.map(async (name) => [name, await start(name)]))
  try {
    return await use(Object.fromEntries(started.map(([name, { ask }]) => [name, ask])))
  } finally {
    for (const [, { end }] of started) await end()
  }
}
