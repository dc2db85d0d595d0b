// An RSA-4096 wallet for the tests. Making one takes seconds, so it is kept under target/ between runs.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { root } from './package.mjs'

const file = `${root}target/test-key.json`

function make() {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export({ format: 'jwk' })
  mkdirSync(`${root}target`, { recursive: true })
  // Renamed into place, because another test file may be reading it.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(jwk))
  renameSync(`${file}.${process.pid}`, file)
}

if (!existsSync(file)) make()

export const jwk = JSON.parse(readFileSync(file, 'utf8'))
export const owner = Buffer.from(jwk.n, 'base64url')
export const address = createHash('sha256').update(owner).digest('base64url')
