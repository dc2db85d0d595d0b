// Files of the package that cannot be loaded when they are needed, because the page is offline or an upload is incomplete.
import assert from 'node:assert/strict'
import { cpSync, renameSync, rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { jwk } from './support/key.mjs'
import { process } from './support/node.mjs'
import { installed, root } from './support/package.mjs'
import { json } from './support/replies.mjs'

const copies = []
after(() => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })))

const calls = {
  message: (ao) => ao.message({ process }),
  request: (ao) => ao.request({ path: '/x' }),
  wallet: (ao, { createSigner }) => ao.request({ path: '/x', signer: createSigner({ connect: async () => {} }) }),
  send: (ao) => ao.send({ process }),
  state: (ao) => ao.state(process),
  lua: (ao) => ao.spawn({ data: 'x', tags: [{ name: 'content-type', value: 'application/lua' }] }),
  failing: (ao) => ao.result({ process, slot: 7 }),
  stream: (ao) => ao.stream({ process }).next()
}

for (const [file, call] of [
  ['client/modes/mainnet/verbs.js', 'message'],
  ['client/modes/mainnet/reply.js', 'state'],
  ['client/modes/mainnet/node-error.js', 'failing'],
  ['client/modes/mainnet/device-result.js', 'failing'],
  ['client/modes/mainnet/lua-module.js', 'lua'],
  ['client/send.js', 'send'],
  ['client/stream.js', 'stream'],
  ['httpsig/node-request.js', 'request'],
  ['signers/message-signatures.js', 'wallet'],
  ['wasm/client.js', 'message'],
  ['wasm/client.bytes.js', 'message'],
  ['wasm/httpsig.js', 'request'],
  ['wasm/httpsig.bytes.js', 'request']
])
  test(`when ${file} cannot be fetched, ${call} rejects with HTTP_NETWORK`, async () => {
    const copy = `${root}target/package/part-${copies.length}`
    copies.push(copy)
    cpSync(installed, copy, { recursive: true })
    renameSync(`${copy}/${file}`, `${copy}/${file}.away`)
    const { AoError, connect, createSigner } = await import(pathToFileURL(`${copy}/index.js`).href)
    const fetch = async () => json({ slot: 7 })
    const ao = connect({ MODE: 'mainnet', URL: 'https://node.test', signer: createSigner(jwk), fetch })
    await assert.rejects(calls[call](ao, { createSigner }), (error) => {
      assert.ok(error instanceof AoError, error.stack)
      assert.equal(error.code, 'HTTP_NETWORK', error.message)
      assert.match(error.message, /A part of aoxide cannot be loaded/)
      assert.ok(error.cause)
      return true
    })
  })

test('when unit-error.js cannot be loaded, errors of units have the text of the unit', async () => {
  const copy = `${root}target/package/part-${copies.length}`
  copies.push(copy)
  cpSync(installed, copy, { recursive: true })
  renameSync(`${copy}/client/modes/legacy/unit-error.js`, `${copy}/client/modes/legacy/unit-error.js.away`)
  const { connect } = await import(pathToFileURL(`${copy}/index.js`).href)
  const body = '{"error":"Message or Process not found"}'
  const ao = connect({ SU_URL: 'https://su.test', fetch: async () => new Response(body, { status: 400 }) })
  await assert.rejects(ao.getMessageById({ processId: process, messageId: process }), {
    code: 'HTTP_STATUS',
    message: `400: ${body}`
  })
})
