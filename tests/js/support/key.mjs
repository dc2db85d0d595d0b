// The RSA-4096 key of the tests. Generating a key takes seconds, so it is cached under target/.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { root } from './package.mjs'

const file = `${root}target/test-key.json`

function generate() {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export({ format: 'jwk' })
  mkdirSync(`${root}target`, { recursive: true })
  // Written to another name and renamed, because another test file may read it at the same time.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(jwk))
  renameSync(`${file}.${process.pid}`, file)
}

if (!existsSync(file)) generate()

export const jwk = JSON.parse(readFileSync(file, 'utf8'))
export const owner = Buffer.from(jwk.n, 'base64url')
export const address = createHash('sha256').update(owner).digest('base64url')
