// Runs wao's units in a process of their own, which units.mjs starts: node wao.mjs <first port>
//
// This script starts wao's server itself, because wao's own command listens on every network interface, and publishes the
// scheduler under a port that is not open.
import { mkdirSync } from 'node:fs'
import { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Server as NetServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const HOST = '127.0.0.1'
const first = Number(process.argv[2])
const wao = new URL('../../node_modules/wao/esm/server.js', import.meta.url)

// The parent process has ended.
process.on('disconnect', () => process.exit())

// wao may write files, which must not land in the repository.
const workplace = fileURLToPath(new URL('../../target/units', import.meta.url))
mkdirSync(workplace, { recursive: true })
process.chdir(workplace)

const listen = NetServer.prototype.listen
NetServer.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, HOST, ...rest)
}

// Without this header on errors too, a browser hides from the page why a unit rejected a request.
const writeHead = ServerResponse.prototype.writeHead
ServerResponse.prototype.writeHead = function (...args) {
  if (!this.hasHeader('access-control-allow-origin')) this.setHeader('access-control-allow-origin', '*')
  return writeHead.apply(this, args)
}

// Real units accept megabytes. wao's messenger and compute unit have the limit of their framework, 100 KB.
const bodyParser = createRequire(wao)('body-parser')
for (const kind of ['raw', 'json']) {
  const parser = bodyParser[kind]
  bodyParser[kind] = (options) => parser({ limit: '100mb', ...options })
}

const { default: Server } = await import(wao.href)
const [ar, bd, mu, su, cu] = [0, 1, 2, 3, 4].map((offset) => first + offset)
const url = (port) => `http://${HOST}:${port}`
const { servers } = new Server({
  ...{ ar, bd, mu, su, cu, log: true, db: null },
  aoconnect: { MU_URL: url(mu), SU_URL: url(su), CU_URL: url(cu), GATEWAY_URL: url(ar) }
})

const listening = (server) =>
  new Promise((resolve, reject) => {
    if (server.listening) resolve()
    server.once('listening', resolve).once('error', reject)
  })
try {
  await Promise.all(servers.map(listening))
  process.send?.({ ready: true })
} catch (error) {
  process.send?.({ error: error.code ?? error.message })
  process.exit(1)
}
