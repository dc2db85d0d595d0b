// Installs the packed archive in a temporary folder outside of this repository, once for each test file, with the program of
// all runtimes and its fixtures.
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jwk } from '../../js/support/key.mjs'
import { root } from '../../js/support/package.mjs'
import { unpack } from '../../packaging/support/app.mjs'

const counter = `${root}target/counter-process/counter_process.wasm`

/** Fixtures of the program. The caller adds `unit`. */
export function fixtures() {
  if (!existsSync(counter)) throw new Error(`${counter} is missing: run \`cargo xtask build\``)
  return { module: new Uint8Array(readFileSync(counter)), jwk }
}

/**
 * The program for runtimes that import packages from `node_modules`. It prints `{ report, made }` as JSON. The fixtures are
 * a module, so that the program reads no files. Its arguments are the unit's address, or `-`, and the capabilities to run.
 */
const MAIN = `
import * as client from 'aoxide'
import * as ans104 from 'aoxide/ans104'
import * as httpsig from 'aoxide/httpsig'
import * as compute from 'aoxide/compute'
import * as local from 'aoxide/local'
import * as lua from 'aoxide/lua'
import { fixtures } from './fixtures.mjs'
import { run } from './program.mjs'

const [unit, ...only] = (globalThis.Deno?.args ?? process.argv.slice(2))
const made = {}
if (unit !== '-') fixtures.unit = unit
const options = only.length > 0 ? { only, made } : { made }
const report = await run({ client, ans104, httpsig, compute, local, lua }, fixtures, options)
console.log(JSON.stringify({ report, made }))
`

/** Returns the folder `home`, in which `main.mjs` is the program; call `remove` at the end. */
export async function install() {
  const home = mkdtempSync(join(tmpdir(), 'aoxide-runtime-'))
  await unpack(join(home, 'node_modules/aoxide'))
  const write = (path, content) => {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    writeFileSync(join(home, path), content)
  }
  const { module, jwk } = fixtures()
  const bytes = Buffer.from(module).toString('base64')
  write('package.json', JSON.stringify({ private: true, type: 'module', dependencies: { aoxide: '*' } }))
  write(
    'fixtures.mjs',
    `const module = Uint8Array.from(atob('${bytes}'), (character) => character.charCodeAt(0))
export const fixtures = { module, jwk: ${JSON.stringify(jwk)} }
`
  )
  cpSync(fileURLToPath(new URL('program.mjs', import.meta.url)), join(home, 'program.mjs'))
  write('main.mjs', MAIN)
  return { home, write, remove: () => rmSync(home, { recursive: true, force: true }) }
}
