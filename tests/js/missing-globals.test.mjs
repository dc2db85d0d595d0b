// Runtimes that lack something: WebAssembly (Safari in Lockdown Mode, React Native), `DecompressionStream`, parts of Node.js.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, test } from 'node:test'
import { installed } from './support/package.mjs'

const run = promisify(execFile)
const program = fileURLToPath(new URL('support/every-entry.mjs', import.meta.url))

/** How each call settles where the statements took something away. */
async function outcomes(statements) {
  const options = ['--no-warnings', '--unhandled-rejections=strict', '--experimental-wasm-memory64']
  const { stdout } = await run(process.execPath, [...options, program, installed, statements], { timeout: 60_000 })
  const settled = JSON.parse(stdout)
  assert.ok(Object.keys(settled).length > 45, Object.keys(settled).join())
  return settled
}

async function assertUnsupported(statements, message) {
  for (const [name, outcome] of Object.entries(await outcomes(statements))) {
    assert.ok(outcome.isAoError, `${name}: ${JSON.stringify(outcome)}`)
    assert.equal(outcome.code, 'UNSUPPORTED', `${name}: ${outcome.message}`)
    assert.match(outcome.message, message, name)
  }
}

describe('every call rejects at once with UNSUPPORTED', { concurrency: 1 }, () => {
  for (const [what, statements] of Object.entries({
    'WebAssembly is missing': 'delete globalThis.WebAssembly',
    'WebAssembly is undefined': 'globalThis.WebAssembly = undefined',
    'WebAssembly.RuntimeError is missing': 'delete WebAssembly.RuntimeError',
    'WebAssembly.Module is missing': 'delete WebAssembly.Module',
    'WebAssembly.instantiate is missing': 'delete WebAssembly.instantiate'
  }))
    test(`when ${what}`, () => assertUnsupported(statements, /aoxide needs WebAssembly.*Lockdown Mode.*React Native/))

  test('when code cannot be generated from bytes', () => {
    const refuse = "() => { throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder') }"
    return assertUnsupported(
      `WebAssembly.Module = new Proxy(WebAssembly.Module, { construct: ${refuse} }); WebAssembly.compile = ${refuse}`,
      /disallowed by embedder.*'wasm-unsafe-eval'.*pass it to `load`.*docs\/platforms\.md/
    )
  })

  const inBrowser = 'process.getBuiltinModule = () => { throw new Error("not here") };'
  for (const [what, statements] of Object.entries({
    'there is no DecompressionStream': `${inBrowser} delete globalThis.DecompressionStream`,
    'DecompressionStream lacks deflate-raw': `${inBrowser} globalThis.DecompressionStream = class {
      constructor(format) { throw new TypeError('Unsupported compression format: ' + format) }
    }`
  }))
    test(`when ${what}, and no zlib`, () =>
      assertUnsupported(statements, /cannot decompress.*(DecompressionStream|deflate-raw).*`load`/))
})

/** Without the message, which may name a new id. */
const brief = ({ message: _, ...outcome }) => outcome

test('calls work where process is a stub, and where getBuiltinModule throws', { concurrency: 1 }, async () => {
  const whole = await outcomes('')
  for (const statements of [
    'process.getBuiltinModule = () => { throw new Error("not here") }',
    'globalThis.process = undefined',
    'globalThis.process = { env: {}, versions: {} }'
  ]) {
    const settled = await outcomes(statements)
    for (const [name, outcome] of Object.entries(settled)) {
      // Without Node's threads there are no workers.
      if (name === 'createLocalNetwork in a worker') assert.match(outcome.message, /has no workers/, statements)
      else assert.deepEqual(brief(outcome), brief(whole[name]), `${name} after ${statements}: ${outcome.message}`)
    }
  }
})
