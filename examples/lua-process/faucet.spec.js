import { readFile } from 'node:fs/promises'
import { connect, createSigner, generateJwk } from 'aoxide'
import { createLocalNetwork } from 'aoxide/local'
import { expect, test } from 'vitest'

test('the faucet gives tokens once a day', async () => {
  let now = Date.parse('2026-01-01')
  const network = await createLocalNetwork({ clock: () => now })
  const ao = connect({ MODE: 'local', network })
  const signer = createSigner(await generateJwk())
  const process = await ao.spawn({ signer, data: await readFile('faucet.lua', 'utf8') })
  const drip = async () => {
    const { Messages } = await ao.send({ process, signer, tags: [{ name: 'Action', value: 'Drip' }] })
    return Messages[0].Data
  }

  expect(await drip()).toBe('10')
  expect(await drip()).toBe('Come back tomorrow')
  now += 25 * 60 * 60 * 1000 // 25 hours later
  expect(await drip()).toBe('20')
  await network.close()
}, 60_000)
