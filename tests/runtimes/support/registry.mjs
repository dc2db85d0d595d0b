// A registry on this machine that has one package, the packed archive. `npx`, `bunx` and `deno run npm:…` install from it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { root } from '../../js/support/package.mjs'
import { close, HOST, listen } from '../../packaging/support/units.mjs'

const folder = `${root}target/package/`

const hash = (algorithm, bytes, encoding) => createHash(algorithm).update(bytes).digest(encoding)

/** `env` are variables that make package managers use this registry. */
export async function startRegistry() {
  const archive = readFileSync(`${folder}aoxide.tgz`)
  const manifest = JSON.parse(readFileSync(`${folder}aoxide/package.json`, 'utf8'))
  const { name, version } = manifest
  const server = createServer((request, response) => {
    if (request.url.endsWith('.tgz')) return response.end(archive)
    if (request.url !== `/${name}`) return response.writeHead(404).end('{}')
    const dist = {
      tarball: `${url}/${name}/-/${name}-${version}.tgz`,
      integrity: `sha512-${hash('sha512', archive, 'base64')}`,
      shasum: hash('sha1', archive, 'hex')
    }
    const document = { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  })
  const url = `http://${HOST}:${await listen(server)}`
  return { url, env: { NPM_CONFIG_REGISTRY: url }, stop: () => close(server) }
}
