// Signs and verifies HTTP messages on a plain page, with SubtleCrypto and without.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { address, jwk } from '../js/support/key.mjs'
import { browserNames, launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { gzipOf } from './support/sizes.mjs'
import { startSite } from './support/site.mjs'
import { packageFiles, visit } from './support/visit.mjs'

let app
before(async () => {
  app = await install('examples/html', 'httpsig-html')
  app.write('blank.html', '<!doctype html><title>httpsig</title><link rel="icon" href="data:," />')
})

/** Runs on the page. */
async function signAndVerify(jwk) {
  const { createSigner } = await import('/node_modules/aoxide/index.js')
  const { decodeReply, encodeRequest } = await import('/node_modules/aoxide/httpsig/index.js')
  const fields = { action: 'é', map: { list: [1, true], bytes: Uint8Array.of(255, 0) } }
  const request = await encodeRequest({ url: location.origin, fields, data: 'hello', signer: createSigner(jwk) })
  // The headers pass through the browser's own checks.
  const { headers } = new Request(request.url, request)
  const { message, signatures, problems } = await decodeReply(headers, request.body)
  message.map.bytes = [...message.map.bytes]
  headers.set('action', 'x')
  const forged = await decodeReply(headers, request.body)
  return {
    subtle: crypto.subtle !== undefined,
    id: request.id,
    message,
    signatures,
    problems,
    forged: forged.signatures
  }
}

/** Header names that browsers or proxies interpret. */
const KNOWN_NAMES = [
  'accept accept-language authorization cache-control content-encoding content-language dpr',
  'device-memory downlink early-data ect expires forwarded from if-modified-since if-range if-match',
  'if-none-match if-unmodified-since last-modified link max-forwards pragma priority purpose range rtt',
  'save-data server upgrade-insecure-requests vary viewport-width warning width x-forwarded-for',
  'x-http-method-override'
].flatMap((line) => line.split(' '))

/** Runs on the page: the signed headers as sent and as received, and why `user-agent` cannot be signed. */
async function sendNames({ jwk, names }) {
  const { createSigner } = await import('/node_modules/aoxide/index.js')
  const { encodeRequest } = await import('/node_modules/aoxide/httpsig/index.js')
  const signer = createSigner(jwk)
  const sent = {}
  const arrived = {}
  // Nodes verify no more than 32 fields.
  for (let at = 0; at < names.length; at += 30) {
    const some = names.slice(at, at + 30)
    const fields = Object.fromEntries(some.map((name) => [name, `of ${name}`]))
    const request = await encodeRequest({ url: `${location.origin}/echo`, fields, signer })
    const echoed = await (await fetch(request.url, request)).json()
    for (const name of some) [sent[name], arrived[name]] = [request.headers[name], echoed[name]]
    // The other headers are the signature and those that describe the encoding.
    for (const [name, value] of Object.entries(request.headers)) {
      if (echoed[name] !== value) throw new Error(`${name}: ${echoed[name]} in place of ${value}`)
    }
  }
  const agent = { url: location.origin, fields: { 'user-agent': 'aoxide' }, signer }
  const refusal = await encodeRequest(agent).catch(({ code }) => code)
  return { sent, arrived, refusal }
}

for (const name of browserNames) {
  describe(`an HTTP message on a plain page in ${name}`, () => {
    let browser
    before(async () => {
      browser = await launch(name)
    })
    after(() => browser?.close())

    async function onPage(address, check, run = signAndVerify, given = jwk) {
      const site = await startSite(app.home)
      const [url, options] = address(site)
      const { page, faults, close } = await visit(browser, `${url}blank.html`, options)
      try {
        check(await page.evaluate(run, given), packageFiles(site))
        assert.deepEqual(faults, [])
      } finally {
        await close()
        await site.stop()
      }
    }

    function assertSigned({ id, message, signatures, problems, forged }) {
      assert.deepEqual(message, { action: 'é', data: 'hello', map: { list: [1, true], bytes: [255, 0] } })
      assert.deepEqual(problems, [])
      const [{ valid, covered, ...signature }] = signatures
      assert.ok(valid, JSON.stringify(signature.problems))
      assert.deepEqual([signature.id, signature.address], [id, address])
      assert.deepEqual(covered, ['action', 'data', 'map'])
      assert.equal(forged[0].valid, false)
    }

    test('loads the artefact httpsig and no other', async () => {
      await onPage(
        (site) => [site.url],
        (seen, files) => {
          assert.ok(seen.subtle)
          assertSigned(seen)
          // Only `rsa` verifies every salt length, so the page loads it to check the forged signature.
          const modules = files.filter((file) => file.endsWith('.bytes.js'))
          assert.deepEqual(modules, ['wasm/httpsig.bytes.js', 'wasm/rsa.bytes.js'])
        }
      )
    })

    test('arrives with the fields that were signed', async () => {
      const check = ({ sent, arrived, refusal }) => {
        for (const name of KNOWN_NAMES) assert.equal(sent[name], `of ${name}`)
        for (const [name, value] of Object.entries(sent)) assert.equal(arrived[name], value, name)
        assert.equal(refusal, 'BAD_ARGUMENT')
      }
      await onPage((site) => [site.url], check, sendNames, { jwk, names: KNOWN_NAMES })
    })

    test('is signed and verified without SubtleCrypto', async () => {
      await onPage(
        (site) => ['http://insecure.test/', { proxy: site.proxy }],
        (seen) => {
          assert.ok(!seen.subtle)
          assertSigned(seen)
        }
      )
    })
  })
}

test('httpsig.wasm has at most 135 KB as gzip', (t) => {
  const bytes = readFileSync(`${app.home}/node_modules/aoxide/wasm/httpsig.wasm`)
  const gzip = gzipOf(bytes)
  t.diagnostic(`${gzip} bytes as gzip, ${bytes.length} raw`)
  assert.ok(gzip <= 135_000)
})
