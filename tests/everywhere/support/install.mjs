// Installs an application of this folder under build/, with the packed archive and the program of all runtimes.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { unpack } from '../../packaging/support/app.mjs'
import { fixtures } from '../../runtimes/support/install.mjs'

const here = fileURLToPath(new URL('..', import.meta.url))

/** @returns The folder of the application. The frameworks are in `node_modules` two folders above. */
export async function installApp(folder, name, without) {
  const home = `${here}build/${name.toLowerCase().replaceAll(/\W+/g, '-')}`
  rmSync(home, { recursive: true, force: true })
  cpSync(here + folder, home, { recursive: true })
  for (const path of without) rmSync(`${home}/${path}`, { recursive: true })
  // Beside the frameworks, which look for packages there.
  const installed = `${here}node_modules/aoxide`
  rmSync(installed, { recursive: true, force: true })
  mkdirSync(installed, { recursive: true })
  await unpack(installed)
  const { module, jwk } = fixtures()
  const bytes = Buffer.from(module).toString('base64')
  const decoded = `Uint8Array.from(atob('${bytes}'), (character) => character.charCodeAt(0))`
  writeFileSync(`${home}/fixtures.mjs`, `export const fixtures = { module: ${decoded}, jwk: ${JSON.stringify(jwk)} }\n`)
  writeFileSync(`${home}/package.json`, JSON.stringify({ name: folder, private: true, type: 'module' }))
  cpSync(`${here}support/report.js`, `${home}/report.js`)
  cpSync(`${here}../runtimes/support/program.mjs`, `${home}/program.mjs`)
  return home
}
