// Describes the machine on which the figures were measured.
import os from 'node:os'
import { readFileSync } from 'node:fs'
import { root } from '../tests/js/support/package.mjs'

const versionOf = (name) => JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8')).version
const load = () => os.loadavg()[0].toFixed(1)

export const loadBefore = load()

export async function machine(browser) {
  const [{ model }] = os.cpus()
  return {
    processor: `${os.cpus().length} × ${model.trim()}`,
    system: `${os.type()} ${os.arch()}`,
    node: process.version,
    browser: await browser.version(),
    peers: ['@permaweb/aoconnect', '@dha-team/arbundles', '@permaweb/ao-loader'].map(
      (name) => `${name} ${versionOf(name)}`
    ),
    load: `${loadBefore} before, ${load()} after`
  }
}
