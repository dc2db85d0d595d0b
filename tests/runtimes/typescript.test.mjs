// The declarations of the package with the oldest and the newest TypeScript, with and without the types of the web and of
// Node.js, and with every way to find modules.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { root } from '../js/support/package.mjs'
import { install } from './support/install.mjs'

const COMPILERS = {
  // It is slow, and the library and the ways to find modules do not depend on each other.
  'TypeScript 5.0': {
    command: `${root}tests/runtimes/node_modules/typescript-5.0/bin/tsc`,
    tries: (resolution, dom, node) => (!dom && !node) || (resolution === 'bundler' && dom !== node)
  },
  // It has no `moduleResolution: node10`.
  'TypeScript 7': { command: `${root}node_modules/typescript/bin/tsc`, tries: (resolution) => resolution !== 'node10' }
}

const RESOLUTIONS = {
  node10: { module: 'commonjs', moduleResolution: 'node10' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' }
}

const OPTIONS = { strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true, target: 'es2022' }

let app
before(async () => {
  app = await install()
  for (const file of ['consumer.ts', 'consumer-web.ts', 'consumer-dom.ts'])
    app.write(file, readFileSync(new URL(`support/${file}`, import.meta.url)))
  for (const name of ['@types/node', 'undici-types'])
    cpSync(`${root}node_modules/${name}`, `${app.home}/node_modules/${name}`, { recursive: true })
})
after(() => app?.remove())

/** The errors of a compilation: in the program or in this package, and in other files. */
async function compile(command, name, options, files) {
  app.write(`${name}.json`, JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, files }))
  const args = [command, '--project', `${name}.json`, '--pretty', 'false']
  const { code, stdout, stderr } = await new Promise((resolve) =>
    execFile(process.execPath, args, { cwd: app.home, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr })
    )
  )
  const errors = stdout.split('\n').filter((line) => /error TS\d+/.test(line))
  assert.equal(stderr, '')
  assert.equal(code === 0, errors.length === 0, stdout)
  // `@types/node` needs a newer TypeScript than 5.0.
  const isOwn = (line) => /^(consumer|node_modules\/aoxide\/)/.test(line)
  return { own: errors.filter(isOwn), others: errors.filter((line) => !isOwn(line)) }
}

for (const [name, { command, tries }] of Object.entries(COMPILERS)) {
  describe(`the declarations in ${name}`, () => {
    for (const [resolution, options] of Object.entries(RESOLUTIONS)) {
      for (const dom of [false, true]) {
        for (const node of [false, true]) {
          if (!tries(resolution, dom, node)) continue
          const libraries = `${dom ? 'with' : 'without'} "dom", ${node ? 'with' : 'without'} @types/node`
          test(`compile with "${resolution}", ${libraries}`, async () => {
            const lib = dom ? ['es2022', 'dom', 'dom.iterable'] : ['es2022']
            const files = [
              'consumer.ts',
              ...(dom || node ? ['consumer-web.ts'] : []),
              ...(dom ? ['consumer-dom.ts'] : [])
            ]
            const types = node ? ['node'] : []
            const { own, others } = await compile(
              command,
              `${resolution}-${dom}-${node}-${name.replace(' ', '-')}`,
              { ...options, lib, types },
              files
            )
            assert.deepEqual(own, [])
            if (!node) assert.deepEqual(others, [])
          })
        }
      }
    }
  })
}
