// Measures in Node.js processes of their own: a parent asks for a verb, and the child answers with what it returns.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Node.js before version 24 needs a flag for 64-bit memories. */
const flags = Number.parseInt(process.versions.node) < 24 ? ['--experimental-wasm-memory64'] : []

/** Starts a program that calls {@link serve}. Returns `ask(verb, ...arguments)` and `end()`. */
export async function startChild(url, argument) {
  const child = fork(fileURLToPath(url), [JSON.stringify(argument)], {
    execArgv: [...flags, '--expose-gc', '--no-warnings']
  })
  const ended = once(child, 'exit').then(([code]) => ({ error: `it ended with code ${code}` }))
  async function answer() {
    const said = once(child, 'message').then(([message]) => message)
    const { value, error } = await Promise.race([said, ended])
    if (error) throw new Error(`${url} ${JSON.stringify(argument)}: ${error}`)
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

/** Returns what the parent gave to a child. */
export const argument = () => JSON.parse(process.argv[2])

/** In the child: answers with these functions. */
export function serve(verbs) {
  process.on('message', async ([verb, ...args]) => {
    try {
      process.send({ value: await verbs[verb](...args) })
    } catch (error) {
      process.send({ error: error?.stack ?? String(error) })
    }
  })
  process.send({ value: 'ready' })
}
