// Unpacks the archive of the package and imports it, so that tests use the files that users install.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('../../../', import.meta.url))

const folder = `${root}target/package/`
const archive = `${folder}aoxide.tgz`
/** The folder of the package, for tests of internal files. */
export const installed = `${folder}node_modules/aoxide`
const stampFile = `${installed}/.packed`

function stamp() {
  if (!existsSync(archive)) throw new Error('target/package/aoxide.tgz is missing: run `cargo xtask build`')
  const { size, mtimeMs } = statSync(archive)
  return `${size} ${mtimeMs}`
}

const isFresh = (wanted) => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted

function unpack(wanted) {
  const fresh = `${folder}unpack-${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  execFileSync('tar', ['-xzf', archive, '-C', fresh, '--strip-components=1'])
  writeFileSync(`${fresh}/.packed`, wanted)
  mkdirSync(`${folder}node_modules`, { recursive: true })
  rmSync(installed, { recursive: true, force: true })
  renameSync(fresh, installed)
  // A module next to node_modules resolves the package as an application does.
  writeFileSync(`${folder}app.mjs`, 'export const load = (name) => import(name)\n')
}

// Test files run in parallel, each in its own process: one unpacks, the others wait.
async function install() {
  const wanted = stamp()
  const lock = `${folder}unpacking`
  for (let waited = 0; !isFresh(wanted); waited += 50) {
    try {
      mkdirSync(lock)
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      // The process that held the lock for this long has ended.
      if (waited >= 20_000) rmSync(lock, { recursive: true, force: true })
      await sleep(50)
      continue
    }
    try {
      if (!isFresh(wanted)) unpack(wanted)
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
  return (await import(pathToFileURL(`${folder}app.mjs`).href)).load
}

const load = await install()

/** `subpath('ans104')` is `import('aoxide/ans104')`. */
export const subpath = (name) => load(`aoxide/${name}`)

export const aoxide = await load('aoxide')
