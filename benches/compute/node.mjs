// Contestants in Node.js. Each has a process of its own, and runs in place there.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { root } from '../../tests/js/support/package.mjs'
import { startChild } from '../child.mjs'

const url = pathToFileURL(createRequire(`${root}target/package/app.mjs`).resolve('aoxide/compute')).href
const CONTESTANTS = {
  wasmi: { url, engine: 'wasmi' },
  native: { url, engine: 'native' },
  loader: { copies: true },
  bare: { copies: false }
}

const start = (name) => startChild(new URL('child.mjs', import.meta.url), CONTESTANTS[name])

/** Starts the candidates, calls `use` with their functions `(verb, ...arguments)`, and ends them when it returns. */
export async function among(names, use) {
  const started = await Promise.all(names.map(async (name) => [name, await start(name)]))
  try {
    return await use(Object.fromEntries(started.map(([name, { ask }]) => [name, ask])))
  } finally {
    for (const [, { end }] of started) await end()
  }
}
