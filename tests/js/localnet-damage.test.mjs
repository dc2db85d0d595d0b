// `aoxide localnet` on a folder in which a record is damaged: the start reports it, and other processes work.
import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jwk } from './support/key.mjs'
import { startLocalnet } from './support/localnet.mjs'
import { aoxide, root } from './support/package.mjs'

const file = `${root}target/counter-process/counter_process.wasm`
const [module, other] = ['C', 'D'].map((letter) => letter.repeat(42) + 'A')
const signer = aoxide.createSigner(jwk)
const tags = [{ name: 'Action', value: 'Increment' }]
const connect = ({ url }) => aoxide.connect({ MU_URL: `${url}/mu`, CU_URL: `${url}/cu`, GATEWAY_URL: url })

describe('a damaged folder', { timeout: 120_000 }, () => {
  let folder
  const processes = {}
  const modules = ['--module', `${module}=${file}`, '--module', `${other}=${file}`]
  const start = (dir, ...words) => startLocalnet('--port', '0', '--dir', dir, ...words)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aoxide-damage-'))
    const net = await start(join(folder, 'whole'), ...modules)
    const ao = connect(net)
    const interval = { name: 'Cron-Interval', value: '1-hour' }
    for (const [name, id] of [
      ['hurt', module],
      ['sound', other]
    ]) {
      processes[name] = await ao.spawn({ module: id, scheduler: net.address, signer, tags: [interval] })
      const message = await ao.message({ process: processes[name], signer, tags })
      await ao.result({ process: processes[name], message })
    }
    await ao.monitor({ process: processes.hurt, signer })
    await net.stop()
  })

  after(() => rm(folder, { recursive: true, force: true }))

  /** A copy of the folder with one bit of a record changed. */
  async function damage(kind) {
    const dir = await mkdtemp(join(folder, 'copy-'))
    await cp(join(folder, 'whole'), dir, { recursive: true })
    const { hurt } = processes
    const name = {
      item: `item/${hurt}`,
      module: `module/${module}`,
      monitor: `monitor/${hurt}`,
      entry: `entry/${hurt}/0000000001`,
      assignment: `assignment/${hurt}/0000000001`,
      result: `result/${hurt}/0000000001`
    }[kind]
    const path = join(dir, 'kept', name)
    const bytes = await readFile(path)
    bytes[bytes.length >> 1] ^= 1
    await writeFile(path, bytes)
    return { dir, name }
  }

  for (const kind of ['item', 'module', 'monitor', 'entry', 'assignment', 'result']) {
    test(`${kind}: the start names it, and the other process works`, async () => {
      const { dir, name } = await damage(kind)
      const net = await start(dir)
      try {
        const ao = connect(net)
        for (let waited = 0; !net.events.some(({ what }) => what === 'damaged'); waited += 20) {
          assert.ok(waited < 10_000, JSON.stringify(net.events))
          await sleep(20)
        }
        const found = net.events.filter(({ what }) => what === 'damaged')
        assert.deepEqual(
          found.map(({ message }) => message),
          [name]
        )
        assert.match(found[0].detail, new RegExp(`${name} cannot be read`))
        const sound = await ao.message({ process: processes.sound, signer, tags })
        assert.equal((await ao.result({ process: processes.sound, message: sound })).Output.data, '2')
        const next = (async () => {
          const message = await ao.message({ process: processes.hurt, signer, tags })
          return ao.result({ process: processes.hurt, message })
        })()
        // A clock and a result can be computed again. Without any other record, the process cannot continue.
        if (kind === 'monitor' || kind === 'result') assert.equal((await next).Output.data, '2')
        else {
          await assert.rejects(next, ({ code, details }) => {
            assert.equal(code, 'HTTP_STATUS')
            assert.equal(details.status, 500)
            const { code: reason, error } = JSON.parse(details.body)
            assert.equal(reason, 'STORAGE')
            assert.ok(error.includes(processes.hurt) && error.includes(name), error)
            return true
          })
        }
      } finally {
        await net.stop()
      }
    })
  }

  test('adding a damaged module again repairs it', async () => {
    const { dir } = await damage('module')
    const net = await start(dir, ...modules)
    try {
      const { Output } = await connect(net).send({ process: processes.hurt, signer, tags })
      assert.equal(Output.data, '2')
    } finally {
      await net.stop()
    }
  })

  test('the folder of an earlier version is refused and not changed', async () => {
    const dir = await mkdtemp(join(folder, 'copy-'))
    await cp(join(folder, 'whole'), dir, { recursive: true })
    await rm(join(dir, 'kept', 'form'))
    const before = await readdir(join(dir, 'kept'), { recursive: true })
    const net = await start(dir)
    assert.equal(net.code, 1)
    assert.match(net.stderr, /written by an earlier version of aoxide.*use another name or folder/)
    assert.deepEqual(await readdir(join(dir, 'kept'), { recursive: true }), before)
  })
})
