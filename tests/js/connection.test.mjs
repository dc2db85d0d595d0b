// Failures of HyperBEAM nodes over real connections.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { describe, test } from 'node:test'
import { assertAoError } from './support/compare.mjs'
import { process, signer } from './support/node.mjs'
import { aoxide } from './support/package.mjs'
import { idOf, verifies } from './support/peers.mjs'
import { evaluation } from './support/replies.mjs'

describe('a node that fails on a real connection', () => {
  /** Serves `answer` on a free port while `use` runs. */
  async function withServer(server, use) {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const ao = aoxide.connect({ MODE: 'mainnet', URL: `http://127.0.0.1:${server.address().port}`, signer })
    try {
      return await use(ao)
    } finally {
      server.closeAllConnections?.()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  for (const [what, status, code] of [
    ['an invalid request', 400, 'HTTP_STATUS'],
    ['a page with the status 404', 404, 'HTTP_STATUS'],
    ['a tampered signature', 500, 'HTTP_STATUS'],
    ['a page of success', 200, 'BAD_RESPONSE']
  ]) {
    test(`${what}: ${status}`, () =>
      withServer(
        createServer((_, response) =>
          response.writeHead(status, { 'content-type': 'text/html' }).end('<html>said</html>')
        ),
        async (ao) => {
          for (const call of [
            () => ao.message({ process }),
            () => ao.result({ process, slot: 5 }),
            () => ao.state(process)
          ]) {
            await assert.rejects(call(), (error) => {
              assertAoError(error, code)
              assert.equal(error.details.body, '<html>said</html>')
              return true
            })
          }
        }
      ))
  }

  test('a response with newlines in header values', () =>
    withServer(
      createSocketServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => socket.end('HTTP/1.1 500 Oh\r\nerror: a\nb\n  c\r\n: x\r\ncontent-length: 0\r\n\r\n'))
      }),
      async (ao) => {
        await assert.rejects(ao.message({ process }), (error) => {
          assertAoError(error, 'HTTP_NETWORK')
          assert.match(error.details.id, /^[\w-]{43}$/)
          return true
        })
      }
    ))

  test("a push that never ends: the call times out, and the error has the message's id", () => {
    let sent
    return withServer(
      createServer((request, response) => {
        if (!request.url.endsWith('/push')) return response.end(JSON.stringify({ raw: evaluation }))
        const pieces = []
        request.on('data', (piece) => pieces.push(piece)).on('end', () => (sent = Buffer.concat(pieces)))
      }),
      async (ao) => {
        const error = await ao.message({ process, timeout: 2000 }).catch((thrown) => thrown)
        assertAoError(error, 'TIMEOUT')
        assert.deepEqual(error.details, { timeout: 2000, id: idOf(sent) })
      }
    )
  })

  test('a truncated response rejects with HTTP_NETWORK', () =>
    withServer(
      createServer((_, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"slot":')
        setTimeout(() => response.destroy(), 10)
      }),
      (ao) => assert.rejects(ao.message({ process }), { code: 'HTTP_NETWORK' })
    ))

  test('binary data arrives unchanged', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    let sent
    return withServer(
      createServer((request, response) => {
        const pieces = []
        request
          .on('data', (piece) => pieces.push(piece))
          .on('end', () => {
            sent = Buffer.concat(pieces)
            response.end('{"slot":1}')
          })
      }),
      async (ao) => {
        for (const data of [bytes, new Blob([bytes]), bytes.buffer]) {
          await ao.message({ process, data })
          assert.deepEqual(new Uint8Array(sent.subarray(-256)), bytes)
          assert.ok(await verifies(sent))
        }
      }
    )
  })
})
