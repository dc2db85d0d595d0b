// wao's units as a process of their own, started by units.mjs: node wao.mjs <first port>
//
// It starts wao's server by hand because wao's own command answers on every network interface, and publishes the
// scheduler at a port where nobody listens.
import { mkdirSync } from 'node:fs'
import { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { Server as NetServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const HOST = '127.0.0.1'
const first = Number(process.argv[2])
const wao = new URL('../../node_modules/wao/esm/server.js', import.meta.url)

// Whoever started us is gone: so are we.
process.on('disconnect', () => process.exit())

// Should wao write anything, then not into the repository.
const workplace = fileURLToPath(new URL('../../target/units', import.meta.url))
mkdirSync(workplace, { recursive: true })
process.chdir(workplace)

const listen = NetServer.prototype.listen
NetServer.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, HOST, ...rest)
}

// Pages read errors too: without this header on them, a browser hides what a unit says about a bad request.
const writeHead = ServerResponse.prototype.writeHead
ServerResponse.prototype.writeHead = function (...args) {
  if (!this.hasHeader('access-control-allow-origin')) this.setHeader('access-control-allow-origin', '*')
  return writeHead.apply(this, args)
}

// Real units take megabytes; wao's messenger and compute unit stop at the 100 KB that are its framework's default.
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
