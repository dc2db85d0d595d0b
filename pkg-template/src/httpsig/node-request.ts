// Requests of the mainnet client in HTTP's own form. Fetched on first use.

import { AoError } from '../errors.js'
import type { Dialect } from './types.js'
import { run } from './module.js'

/** A request whose fields are those of the message, besides the options of the call. */
interface NodeRequestInput {
  path?: string
  method?: string
  signer?: unknown
  signal?: AbortSignal
  timeout?: number
  retry?: unknown
  onSigned?: (id: string, how: { problems: [] }) => void
  signedReads?: boolean
}

/** Reads from a node; the response as text. */
type Read = (verb: string, input: object) => Promise<unknown>

/** The dialects of nodes, by their addresses. */
const dialects = new Map<string, Dialect>()

/**
 * Encodes a request: its method, headers and body. Input that is neither the path, the method nor an option of the call is a
 * field of the message. An unsigned message is the same in every dialect.
 */
export async function prepare(
  input: NodeRequestInput,
  signer: unknown,
  read: Read,
  options: { dialect?: Dialect; URL?: unknown }
): Promise<unknown> {
  const dialect = signer && options.dialect === undefined ? await dialectOf(input, read, options) : options.dialect
  const { path, method, signer: _, signal, timeout, retry, onSigned, signedReads, ...given } = input
  const fields: Record<string, unknown> = { ...given, 'signing-format': 'httpsig' }
  for (const [name, value] of Object.entries(fields)) fields[name] = await unpack(value)
  // A wallet asks its user, which it must not do for a call that has ended.
  signal?.throwIfAborted()
  const message = (await run(({ lib }) => lib.encodeMessage(fields, signer, dialect, method, path))) as { id?: string }
  if (message.id) onSigned?.(message.id, { problems: [] })
  return message
}

/**
 * The dialect of the node. Nodes of September 2025 list what a signature covers as an object, later ones as an array. Without
 * such a list in its response, a node counts as one of November.
 */
async function dialectOf(
  { signal, retry }: NodeRequestInput,
  read: Read,
  { URL }: { URL?: unknown }
): Promise<Dialect> {
  const node = String(URL)
  if (!dialects.has(node)) {
    try {
      const { commitments } = JSON.parse(
        (await read('read', { path: '~meta@1.0/info/address', signal, retry })) as string
      )
      const [{ committed } = {}] = Object.values(Object(commitments)) as { committed?: unknown }[]
      dialects.set(node, committed && !Array.isArray(committed) ? '2025-09' : '2025-11')
    } catch (error) {
      if (!(error instanceof AoError) || !['HTTP_STATUS', 'BAD_RESPONSE'].includes(error.code)) throw error
    }
  }
  return dialects.get(node) ?? '2025-11'
}

/** Reads a `Blob`, which only JavaScript can do. Other values stay as they are. */
export async function unpack(data: unknown): Promise<unknown> {
  return typeof Blob === 'function' && data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data
}
