// A Content-Security-Policy that allows WebAssembly and forbids eval, as docs/platforms.md recommends.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { jwk } from './support/key.mjs'
import { root } from './support/package.mjs'

const script = `
import { connect, createSigner } from 'aoxide'
import { decodeReply } from 'aoxide/httpsig'

const process = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
const fetch = async (url, { headers, body }) =>
  url.includes('/echo') ? new Response(body, { headers }) : new Response('{"slot":7}')
const signer = createSigner(${JSON.stringify(jwk)})
const ao = connect({ MODE: 'mainnet', URL: 'https://node.test', fetch })
const seen = []
const see = (call) => call.then((value) => seen.push(value), ({ code, message }) => seen.push(code ?? message))
await see(ao.message({ process }))
await see(connect({ fetch }).message({ process }))
await see(ao.message({ process, signer: 5 }))
await see(ao.request({ path: '/x', signer: 5 }))
await see(ao.message({ process, signer }))
await see(ao.request({ path: '/echo', signer, data: 'd' }).then(decodeReply).then(({ signatures: [{ valid }] }) => valid))
console.log(JSON.stringify(seen))
`

test('calls resolve and reject as usual without eval', () => {
  const file = `${root}target/package/csp.mjs`
  writeFileSync(file, script)
  const options = ['--disallow-code-generation-from-strings', file]
  const seen = JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8', timeout: 60_000 }))
  assert.deepEqual(seen, ['BAD_ARGUMENT', 'BAD_ARGUMENT', 'BAD_ARGUMENT', 'BAD_ARGUMENT', 7, true])
})
