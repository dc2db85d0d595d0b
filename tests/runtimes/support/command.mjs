// `aoxide localnet`, started with the commands of a runtime.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jwk } from '../../js/support/key.mjs'
import { startCommand } from '../../js/support/localnet.mjs'
import { aoxide, root } from '../../js/support/package.mjs'

const MODULE = 'M'.repeat(42) + 'A'
const file = `${root}target/counter-process/counter_process.wasm`

/** Milliseconds in which the command must end after a signal. */
const LIMIT = 10_000

/**
 * Starts the command twice on one folder. Each time it must answer a client, and end after a signal although a client keeps a
 * connection open.
 *
 * @param command The executable. `args` are its arguments before `localnet`; `env` are variables for it; `expected` is
 * the exit code after a signal.
 */
export async function checkLocalnet(command, args, env, expected = 0) {
  const folder = mkdtempSync(join(tmpdir(), 'aoxide-command-'))
  const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1', ...env } }
  const start = () =>
    startCommand(
      command,
      [...args, 'localnet', '--json', '--port', '0', '--dir', `${folder}/records`, '--module', `${MODULE}=${file}`],
      options
    )
  const signer = aoxide.createSigner(jwk)
  let spawned
  try {
    for (const [count, signal] of ['SIGINT', 'SIGTERM'].entries()) {
      const net = await start()
      try {
        assert.ok(net.url, net.stderr)
        const ao = aoxide.connect({ MU_URL: `${net.url}/mu`, CU_URL: `${net.url}/cu`, GATEWAY_URL: net.url })
        const Authority = { name: 'Authority', value: net.address }
        spawned ??= await ao.spawn({ module: MODULE, scheduler: net.address, signer, tags: [Authority] })
        const tags = [{ name: 'Action', value: 'Increment' }]
        const message = await ao.message({ process: spawned, signer, tags })
        assert.equal((await ao.result({ process: spawned, message })).Output.data, String(count + 1))
        const { code, stderr } = await within(net.stop(signal))
        // Package managers print what they download.
        assert.doesNotMatch(stderr, /error|warn/i)
        assert.equal(code, expected)
        // The network leaves its folder when it ends, which may be after its shell did.
        for (let waited = 0; existsSync(`${folder}/records/lock`); waited += 50) {
          assert.ok(waited < LIMIT, 'the network did not close its folder')
          await sleep(50)
        }
      } finally {
        await net.kill()
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function within(exited) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the command does not end after a signal')), LIMIT)
  })
  try {
    return await Promise.race([exited, late])
  } finally {
    clearTimeout(timer)
  }
}
