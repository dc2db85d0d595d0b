// Verifies recorded replies of two HyperBEAM nodes with WebCrypto. The verdicts must equal those of the nodes.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { subpath } from './support/package.mjs'

const { decodeReply } = await subpath('httpsig')
const file = new URL('../vectors/hyperbeam/recordings.json.gz', import.meta.url)
const recordings = JSON.parse(gunzipSync(await readFile(file)))

/** The body of replies in which the node returned an HTML page. Its content does not matter. */
const bodyOf = ({ body, page }) => (page ? '<html></html>' : Buffer.from(body ?? '', 'base64'))

describe('signed replies', () => {
  for (const [node, count, own] of [
    ['2025-11', 460, ['nov-patch-map-now']],
    ['2025-09', 417, []]
  ])
    test(`replies of a node of ${node} are valid where the node's verifier accepts them`, async () => {
      let valid = 0
      const others = new Set()
      for (const { id, node: of, reply, verdict } of recordings) {
        const commitments = Object.entries(verdict?.reply?.commitments ?? {})
        if (of !== node || commitments.length === 0) continue
        const { signatures } = await decodeReply(reply.headers, bodyOf(reply), { status: reply.status })
        for (const [commitment, { valid: theirs, type, committer }] of commitments) {
          const signature = signatures.find((each) => each.id === commitment)
          if (theirs && signature.valid) valid++
          if (theirs !== signature.valid) others.add(id)
          assert.ok(signature.algorithm.endsWith(type), id)
          assert.equal(signature.address ?? 'none', committer, id)
        }
      }
      assert.equal(valid, count)
      // These bytes are valid as they were signed. The node removes a part before it verifies them.
      assert.deepEqual([...others], own)
    })

  test("a reply that contains a data item has the item's signatures", async () => {
    for (const id of ['nov-item-message-plain', 'sep-item-message-plain']) {
      const { reply } = recordings.find((each) => each.id === id)
      const { message, signatures } = await decodeReply(reply.headers, bodyOf(reply))
      const item = signatures.find(({ algorithm }) => algorithm === 'ans104@1.0/rsa-pss-sha256')
      const names = ['action', 'data', 'data-protocol', 'r', 'target', 'type', 'variant']
      assert.deepEqual(item.covered.toSorted(), names)
      assert.equal(message.data, 'first')
    }
  })
})
