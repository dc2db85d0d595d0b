// node first-message.child.mjs <library> <url> <key file>: sends a message, and prints the time at which the import
// started.
import { readFileSync } from 'node:fs'

const [library, MU_URL, keyFile] = process.argv.slice(2)
const jwk = JSON.parse(readFileSync(keyFile, 'utf8'))

const began = performance.timeOrigin + performance.now()
const { connect, createSigner } = await import(library)
const ao = connect({ MODE: 'legacy', MU_URL })
await ao.message({
  process: 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA',
  signer: createSigner(jwk),
  tags: [{ name: 'Action', value: 'Balance' }],
  data: 'first'
})
console.log(began)
