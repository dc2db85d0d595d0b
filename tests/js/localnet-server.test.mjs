// The HTTP server of `aoxide localnet`: when it starts to answer, and which hosts it accepts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { startLocalnet } from './support/localnet.mjs'
import { installed } from './support/package.mjs'

const { createNetworkServer } = await import(pathToFileURL(`${installed}/bin/server.js`).href)

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Makes requests until `until` settles. Returns their statuses, or `refused` without a server. Every request must get a
 * response.
 */
async function poll(port, until) {
  const seen = []
  let done = false
  until.finally(() => (done = true))
  while (!done) {
    const asked = fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(20_000) })
    const status = await asked.then(
      async (response) => [response.status, await response.text()][0],
      (error) => (error.name === 'TimeoutError' ? 'never answered' : 'refused')
    )
    seen.push(status)
    if (status === 'refused') await sleep(1)
  }
  return seen
}

/** Opens a connection as soon as a server listens, and sends nothing. Resolves when the server closes it. */
async function idleConnection(port, until) {
  let done = false
  until.finally(() => (done = true))
  while (!done) {
    const socket = connect(port, '127.0.0.1')
    const opened = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close')]).catch(
      () => false
    )
    // `once` would reject if the connection is reset.
    if (opened === true) return new Promise((resolve) => socket.on('error', () => {}).on('close', () => resolve(true)))
    await sleep(1)
  }
  return false
}

describe('while the network opens', { timeout: 120_000 }, () => {
  test('requests get a response as soon as the port is open', async () => {
    const port = await freePort()
    // The first request of a process takes longer than the start of a network.
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
    const starting = startLocalnet('--port', String(port))
    const seen = await poll(port, starting)
    const net = await starting
    try {
      assert.equal(net.url, `http://127.0.0.1:${port}`)
      // The network may be ready a moment after the port is open, before a request comes.
      seen.push((await fetch(net.url)).status)
      assert.ok(seen.includes(200), seen.join())
      assert.ok(!seen.includes('never answered'), seen.join())
    } finally {
      await net.kill()
    }
  })

  test('when the network cannot be opened, each request gets a response and the process exits with code 1', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'aoxide-localnet-'))
    try {
      const file = join(dir, 'file')
      await writeFile(file, 'no module')
      const port = await freePort()
      const starting = startLocalnet('--port', String(port), '--module', `${'A'.repeat(43)}=${file}`)
      const idle = idleConnection(port, starting)
      const seen = await poll(port, starting)
      const { code, stderr } = await starting
      assert.equal(code, 1)
      assert.match(stderr, /not an AO module/)
      assert.ok(seen.includes(500), seen.join())
      assert.deepEqual(
        seen.filter((status) => ![500, 'refused'].includes(status)),
        []
      )
      assert.equal(await idle, true, 'there was a connection without a request')
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

  /** A server whose network the test opens. */
  async function withServer(options, use) {
    const opening = {}
    const network = new Promise((resolve, reject) => Object.assign(opening, { resolve, reject }))
    const server = createNetworkServer({ network, ...options }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${server.address().port}`
    try {
      await use({ opening, server, url })
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }

  const echo = {
    answer: async ({ method, path, body }) => ({ status: 200, headers: {}, body: `${method} ${path} ${body.length}` })
  }

  test('a request waits until the network is ready', () =>
    withServer({}, async ({ opening, url }) => {
      const asked = fetch(`${url}/a?b=c`, { method: 'POST', body: 'hello' })
      const first = await Promise.race([asked, sleep(100, 'waits')])
      assert.equal(first, 'waits')
      opening.resolve(echo)
      assert.equal(await (await asked).text(), 'POST /a?b=c 5')
    }))

  test('a request that waits too long gets 503 with Retry-After', () =>
    withServer({ readyTimeout: 30 }, async ({ opening, url }) => {
      for (const init of [{}, { method: 'POST', body: new Uint8Array(5_000_000) }]) {
        const response = await fetch(url, init)
        assert.equal(response.status, 503)
        assert.equal(response.headers.get('retry-after'), '1')
        assert.match((await response.json()).error, /not ready/)
      }
      opening.resolve(echo)
      assert.equal((await fetch(url)).status, 200)
    }))

  test('when opening fails, waiting requests get the reason, and the server closes', () =>
    withServer({}, async ({ opening, server, url }) => {
      const asked = [fetch(url), fetch(url, { method: 'POST', body: 'x' })]
      while ((await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))) < 2) await sleep(1)
      await sleep(20)
      opening.reject(Object.assign(new Error('the folder is on fire'), { code: 'STORAGE' }))
      server.close()
      const closed = once(server, 'close')
      for (const response of await Promise.all(asked)) {
        assert.equal(response.status, 500)
        assert.deepEqual(await response.json(), { error: 'the folder is on fire', code: 'STORAGE' })
      }
      await closed
    }))
})

describe('hosts', { timeout: 120_000 }, async () => {
  /** The response of the server on `port` to these bytes. */
  async function raw(port, text) {
    const socket = connect(port, '127.0.0.1')
    socket.write(text)
    let answer = ''
    for await (const piece of socket.setEncoding('utf8')) answer += piece
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), body: answer.split('\r\n\r\n')[1] ?? '' }
  }

  const withHost = (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
  const absolute = (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`

  const allowed = [
    'localhost',
    'localhost:4000',
    'LocalHost',
    'localhost.',
    'localhost.:1',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:4000',
    '[0:0:0:0:0:0:0:1]'
  ].map((host) => [host, withHost(host)])
  const refused = [
    'evil.test',
    'evil.test:4000',
    'localhost.evil.test',
    'evil.localhost.test',
    'localhost@evil.test',
    'evil.test@localhost',
    'localhost/evil.test',
    'localhost,evil.test',
    'evil.test#localhost',
    'localhost:4000:1',
    'localhost..',
    '127.0.0.1.evil.test',
    '127.0.0.2',
    '0.0.0.0',
    '192.168.0.1',
    '[::]',
    '[::2]',
    '[::ffff:127.0.0.1]',
    '::1',
    '',
    ':4000',
    'box.test'
  ].map((host) => [host, withHost(host)])

  const net = await startLocalnet('--port', '0')
  const named = await startLocalnet('--port', '0', '--allow-host', 'Box.test', '--allow-host', '[fd00::1]')
  const { port } = new URL(net.url)

  for (const [host, text] of [
    ...allowed,
    ['an absolute target', absolute('http://localhost:5/', 'localhost')],
    ['an absolute target of HTTP/1.0', 'GET http://localhost/ HTTP/1.0\r\n\r\n']
  ]) {
    test(`${host} is answered`, async () => assert.equal((await raw(port, text)).status, 200))
  }

  for (const [host, text] of [
    ...refused,
    ['no host, in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['another host in an absolute target', absolute('http://evil.test/', 'localhost')],
    ['another host in an absolute target, in capitals', absolute('HTTP://evil.test/', 'localhost')],
    ['an absolute target of localhost for another host', absolute('http://localhost/', 'evil.test')],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\nConnection: close\r\n\r\n']
  ]) {
    test(`${host || 'an empty host'} is refused`, async () => {
      const { status, body } = await raw(port, text)
      assert.equal(status, 403)
      assert.match(body, /requests for localhost, 127\.0\.0\.1, \[::1\]\. Allow others with --allow-host/)
    })
  }

  test('a write for another host is refused, whatever its body is', async () => {
    const asked = request(net.url, { method: 'POST', path: '/mu', headers: { host: 'evil.test' } })
    asked.end(Buffer.alloc(3_000_000))
    const [response] = await once(asked, 'response')
    assert.equal(response.statusCode, 403)
    response.resume()
    await once(response, 'end')
    assert.deepEqual(net.events, [])
  })

  test('--allow-host adds the given names and no others', async () => {
    const { port } = new URL(named.url)
    for (const host of ['box.test', 'BOX.test:80', 'box.test.', '[fd00::1]', 'localhost'])
      assert.equal((await raw(port, withHost(host))).status, 200, host)
    for (const host of ['evil.test', 'a.box.test', 'box.test.evil']) {
      const { status, body } = await raw(port, withHost(host))
      assert.equal(status, 403, host)
      assert.match(body, /\[::1\], box\.test, \[fd00::1\]/)
    }
  })

  for (const host of ['box.test:80', 'http://box.test', '', '::1', 'a b']) {
    test(`--allow-host "${host}" is refused`, async () => {
      const { code, stderr } = await startLocalnet('--port', '0', `--allow-host=${host}`)
      assert.equal(code, 1)
      assert.match(stderr, /--allow-host must be a host name without a port/)
    })
  }

  test('both servers exit with code 0 when they are stopped', async () => {
    for (const running of [net, named]) assert.equal((await running.stop()).code, 0)
  })
})
