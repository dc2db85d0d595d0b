// Requests of the client in HTTP's own form. Fetched by those who make them.

import { run } from './module.js'

/** The ages of nodes, by their addresses. */
const ages = new Map()

/**
 * Method, headers and body of a request: what is neither the address, the method nor an option of the call is a field. What is
 * not signed has the same form for nodes of every age.
 */
export async function prepare(input, signer, read, options) {
  const dialect = signer && options.dialect === undefined ? await ageOf(input, read, options) : options.dialect
  const { path, method, signer: _, signal, timeout, retry, onSigned, signedReads, ...given } = input
  const fields = { ...given, 'signing-format': 'httpsig' }
  for (const [name, value] of Object.entries(fields)) fields[name] = await unpack(value)
  // A wallet asks a person; it must not do so for a call that has ended.
  signal?.throwIfAborted()
  const message = await run(({ lib }) => lib.encodeMessage(fields, signer, dialect, method, path))
  if (message.id) onSigned?.(message.id, { problems: [] })
  return message
}

/**
 * The age of the node, as a dialect. Nodes of September 2025 list what a signature covers as an object, later ones as an array. A
 * node that says nothing of it counts as one of November.
 */
async function ageOf({ signal, retry }, read, { URL }) {
  const node = String(URL)
  if (!ages.has(node)) {
    try {
      const { commitments } = JSON.parse(await read('read', { path: '~meta@1.0/info/address', signal, retry }))
      const [{ committed } = {}] = Object.values(Object(commitments))
      ages.set(node, committed && !Array.isArray(committed) ? '2025-09' : '2025-11')
    } catch (error) {
      if (!['HTTP_STATUS', 'BAD_RESPONSE'].includes(error?.code)) throw error
    }
  }
  return ages.get(node) ?? '2025-11'
}

/** What a browser must read first. */
export async function unpack(data) {
  return typeof Blob === 'function' && data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data
}
