// An application outside of the repository that has the packed archive and files of tests, for test runners.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { execFile, execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blocksOf } from '../../js/support/documents.mjs'
import { root } from '../../js/support/package.mjs'

export const tools = fileURLToPath(new URL('../node_modules', import.meta.url))

const archive = `${root}target/package/aoxide.tgz`
const module = `${root}target/counter-process/counter_process.wasm`

/** The code block of docs/testing.md whose reason for not being run is this. */
export function example(reason) {
  const block = blocksOf('docs/testing.md').find(({ notRun }) => notRun === reason)
  if (!block) throw new Error(`docs/testing.md has no block with not-run="${reason}"`)
  return block.code
}

/** Files of an application under examples/, by their names. */
export const exampleFiles = (name, files) =>
  Object.fromEntries(files.map((file) => [file, readFileSync(`${root}examples/${name}/${file}`, 'utf8')]))

/** Makes the application. `linked` are packages of the runners that its tests import. */
export function makeApp(files, linked = []) {
  for (const file of [archive, module])
    if (!existsSync(file)) throw new Error(`${file} is missing: run \`cargo xtask build\``)
  const home = mkdtempSync(join(tmpdir(), 'aoxide-runner-'))
  mkdirSync(`${home}/node_modules/aoxide`, { recursive: true })
  execFileSync('tar', ['-xzf', archive, '-C', `${home}/node_modules/aoxide`, '--strip-components=1'])
  for (const name of linked) symlinkSync(`${tools}/${name}`, `${home}/node_modules/${name}`)
  cpSync(module, `${home}/counter_process.wasm`)
  for (const [name, content] of Object.entries(files)) writeFileSync(`${home}/${name}`, content)
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) }
}

/** Runs a script in Node.js. Resolves with its exit code and what it printed, on both streams. */
export function runScript(home, script, args, { node = process.execPath, flags = [] } = {}) {
  // Runners that run in a runner behave differently: node:test reports in another format.
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env
  return new Promise((resolve) => {
    const options = { cwd: home, env: { ...env, NO_COLOR: '1', CI: 'true' }, timeout: 120_000, maxBuffer: 64 << 20 }
    execFile(node, [...flags, script, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, stdout, text: stdout + stderr })
    )
  })
}
