// Requests of the client in HTTP's own form. Fetched by those who make them.

import { run } from './httpsig-load.js'

/** Method, headers and body of a request: what is neither the address, the method nor an option of the call is a field. */
export async function prepare(input, signer, dialect) {
  const { path, method, signer: _, signal, timeout, retry, onSigned, signedReads, ...given } = input
  const fields = { ...given, 'signing-format': 'httpsig' }
  for (const [name, value] of Object.entries(fields)) fields[name] = await unpack(value)
  // A wallet asks a person; it must not do so for a call that has ended.
  signal?.throwIfAborted()
  const message = await run(({ lib }) => lib.encodeMessage(fields, signer, dialect, method, path))
  if (message.id) onSigned?.(message.id, { problems: [] })
  return message
}

/** What a browser must read first. */
export async function unpack(data) {
  return typeof Blob === 'function' && data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data
}
