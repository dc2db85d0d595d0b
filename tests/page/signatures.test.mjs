// Items of the types 2 to 7 in real browsers: those of arbundles, @noble/curves and viem verify there, and what is signed there is
// accepted by these libraries.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { ed25519 } from '@noble/curves/ed25519.js'
import { installed } from '../js/support/package.mjs'
import {
  PEERS,
  assertAccepted,
  ethereumKey,
  itemOf,
  publicKeys,
  seeds,
  tags,
  target
} from '../js/support/signature-peers.mjs'
import { arbundles } from '../js/support/peers.mjs'
import { startSite } from '../packaging/support/site.mjs'
import { browserNames, launch } from './driver.mjs'

const recorded = JSON.parse(readFileSync(new URL('../vectors/signatures.json', import.meta.url), 'utf8'))
const base64 = (bytes) => Buffer.from(bytes).toString('base64')
const hex = (bytes) => Buffer.from(bytes).toString('hex')

/** What runs in the page. Puppeteer passes only JSON. */
async function verifyIn(page, raw) {
  return page.evaluate(async (raw) => {
    const { DataItem } = await import('/ans104/index.js')
    const bytes = Uint8Array.from(atob(raw), (letter) => letter.charCodeAt(0))
    const item = await DataItem.parse(bytes)
    const { valid, problems } = await item.verify()
    const changed = Uint8Array.from(bytes)
    changed[changed.length - 1] ^= 1
    // The last byte of an item without data belongs to its tags, and it may not even parse.
    const other = await DataItem.parse(changed).then(
      (item) => item.verify({ strict: false }),
      ({ code }) => ({ valid: code !== 'BAD_ITEM' })
    )
    return { type: item.signatureType, id: item.id, valid, problems, isForgeryValid: other.valid }
  }, base64(raw))
}

/** Signs in the page. The wallets of Aptos get their signatures from @noble/curves, outside of the page. */
async function signIn(page, given, type) {
  const raw = await page.evaluate(
    async ({ key, wallet, publicKeys, type, tags, target }) => {
      const { createSigner } = await import('/index.js')
      const { DataItem } = await import('/ans104/index.js')
      const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
      const fromHex = (text) => Uint8Array.from(text.match(/../g), (digits) => parseInt(digits, 16))
      const wallets = {
        aptos: {
          account: async () => ({ publicKey: `0x${publicKeys[0]}` }),
          async signMessage({ message, nonce }) {
            const fullMessage = `APTOS\nmessage: ${message}\nnonce: ${nonce}`
            const signature = await globalThis.signOutside(0, toHex(new TextEncoder().encode(fullMessage)))
            return { signature: `0x${signature}`, fullMessage }
          }
        },
        aptosKeys: {
          publicKeys: publicKeys.map(fromHex),
          threshold: 2,
          collectSignatures: async (hash) => ({
            signatures: (await Promise.all([0, 2].map((index) => globalThis.signOutside(index, toHex(hash))))).map(
              fromHex
            ),
            bitmap: [0, 2]
          })
        }
      }
      const options = type === 4 || type === 7 ? { type } : undefined
      const signer = createSigner(wallet ? wallets[wallet] : Array.isArray(key) ? Uint8Array.from(key) : key, options)
      const item = await DataItem.create({ data: 'from a browser', tags, target }).sign(signer)
      return Array.from(item.raw)
    },
    { ...given, publicKeys: publicKeys.map(hex), type, tags, target }
  )
  return Uint8Array.from(raw)
}

const secretKey = [...seeds[0], ...publicKeys[0]]
const OURS = [
  [2, 'an Ed25519 key', { key: secretKey }],
  [3, 'an Ethereum key', { key: ethereumKey }],
  [4, 'an Ed25519 key for text', { key: secretKey }],
  [5, 'a wallet of Aptos', { wallet: 'aptos' }],
  [6, 'several keys of Aptos', { wallet: 'aptosKeys' }],
  [7, 'an Ethereum key for typed data', { key: ethereumKey }]
]

let site
before(async () => {
  site = await startSite(installed)
})
after(() => site?.stop())

for (const browserName of browserNames) {
  describe(`signature types 2 to 7 in ${browserName}`, () => {
    let browser, page
    before(async () => {
      browser = await launch(browserName)
      page = await browser.newPage()
      await page.exposeFunction('signOutside', (index, message) =>
        hex(ed25519.sign(Uint8Array.from(Buffer.from(message, 'hex')), seeds[index]))
      )
      // Any page of the same origin.
      await page.goto(`${site.url}nothing`)
    })
    after(() => browser?.close())

    for (const { type, id, raw } of recorded)
      test(`an item of type ${type} that arbundles signed verifies, and changed it does not (${id})`, async () => {
        const expected = { type, id, valid: true, problems: [], isForgeryValid: false }
        assert.deepEqual(await verifyIn(page, Buffer.from(raw, 'base64')), expected)
      })

    for (const peer of PEERS)
      test(`an item of type ${peer[0]} that ${peer[1]} signed verifies, and changed it does not`, async () => {
        const raw = await itemOf(peer)
        const { id } = new arbundles.DataItem(raw)
        const expected = { type: peer[0], id, valid: true, problems: [], isForgeryValid: false }
        assert.deepEqual(await verifyIn(page, raw), expected)
      })

    for (const [type, what, given] of OURS)
      test(`an item of type ${type} that ${what} signs is accepted by arbundles and the other libraries`, async () => {
        const raw = await signIn(page, given, type)
        assert.equal(await arbundles.DataItem.verify(Buffer.from(raw)), true)
        await assertAccepted(type, raw)
      })
  })
}
