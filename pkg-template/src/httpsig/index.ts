/** AO-Core messages on HTTP, signed (RFC 9421): HyperBEAM's `httpsig@1.0`. Its code is fetched on the first call. */

import { AoError } from '../errors.js'
import { run } from './module.js'
import { unpack } from './node-request.js'
import type { EncodedRequest, HeadersLike, Reply, ReplyContext, RequestInput } from './types.js'
import type { Blob, Response } from '../web-types.js'

export type {
  Dialect,
  EncodedRequest,
  HeadersLike,
  MessageFields,
  MessageValue,
  ProblemCode,
  ReceivedValue,
  Reply,
  ReplyContext,
  ReplyProblem,
  ReplySignature,
  RequestInput
} from './types.js'

/**
 * Encodes a message as an HTTP request, and has it signed. The signature is verified before this resolves.
 *
 * A signature covers all fields and the body. It does not cover the method and the path.
 *
 * @example
 * const request = await encodeRequest({ url, path: '/~meta@1.0/info', fields: { key: 'value' }, signer })
 * const response = await fetch(request.url, request)
 *
 * @throws {AoError} `BAD_ARGUMENT` for values that cannot be encoded. `UNSUPPORTED`, before anything is signed, for messages
 * that nodes of this release cannot verify; the error's message says what is wrong, and why. These are: text with line ends in
 * a field of its own, integers of more than 15 digits, white space at the ends of a field, fields named `path` or `query`, more
 * than 32 fields, or about 30 values in a nested message; with `'2025-09'` also ids as names. The same goes for a field named
 * `body` at `/schedule` and `/push`, where nodes take it for the message itself: name it `data`. `UNSUPPORTED` also for wallets
 * that hash the message before they sign it, as Wander does: they can only sign the ANS-104 form. `SIGNER` when the signer
 * fails, `BAD_SIGNATURE` when its signature does not verify, `BAD_KEY`.
 */
export async function encodeRequest(request: RequestInput): Promise<EncodedRequest> {
  if (typeof request !== 'object' || request === null) throw expected('request', 'object', request)
  const { url, path, method, fields, data, signer, dialect } = request
  const address = join(url, path)
  const values = data === undefined ? { ...fields } : { ...fields, data: await unpack(data) }
  if (typeof (method ?? '') !== 'string') throw expected('method', 'string', method)
  const { headers, body, id, ...message } = (await run(({ lib }) =>
    lib.encodeMessage(values, signer, dialect, method, address)
  )) as Omit<EncodedRequest, 'url'>
  return { url: address, method: message.method, headers, body, id } as EncodedRequest
}

/**
 * Decodes a reply and verifies its signatures. Pass a `Response` whose body was not read, as `request` of a mainnet client
 * returns it, or headers and bytes.
 *
 * @example
 * const { message, signatures } = await decodeReply(await ao.request({ path: `/${process}~process@1.0/now` }))
 * const trusted = signatures.some(({ valid, address, covered }) =>
 *   valid && address === node && covered.includes('balance'))
 *
 * @throws {AoError} `BAD_RESPONSE` for a body that does not match its content type; `HTTP_NETWORK` when the response breaks
 * off; `BAD_ARGUMENT`, also for a response whose body was read before
 */
export function decodeReply(response: Response, context?: ReplyContext): Promise<Reply>
export function decodeReply(
  headers: HeadersLike,
  bytes?: Uint8Array | ArrayBuffer | Blob | string,
  context?: ReplyContext
): Promise<Reply>
export async function decodeReply(
  reply: Response | HeadersLike,
  second?: Uint8Array | ArrayBuffer | Blob | string | ReplyContext,
  third: ReplyContext = {}
): Promise<Reply> {
  if (typeof reply !== 'object' || reply === null) throw expected('headers', 'Headers', reply)
  if (!isResponse(reply)) return decode(reply, await unpack(second ?? ''), third)
  const body = await read(reply)
  return decode(reply.headers as unknown as HeadersLike, body, { status: reply.status, ...(second as ReplyContext) })
}

const isResponse = (reply: Response | HeadersLike): reply is Response =>
  typeof (reply as Response).arrayBuffer === 'function'

function decode(headers: HeadersLike, body: unknown, { status, request }: ReplyContext): Promise<Reply> {
  const answered = request && { method: request.method, url: request.url, headers: lines(request.headers ?? {}) }
  const now = Date.now() / 1000
  return run(({ lib }) => lib.decodeMessage(lines(headers), body, now, status, answered)) as Promise<Reply>
}

/** `[name, value]` of each header. */
const lines = (headers: HeadersLike): (readonly [string, string])[] =>
  Symbol.iterator in headers ? [...(headers as Iterable<readonly [string, string]>)] : Object.entries(headers)

/** The path is appended to that of the address, as aoconnect does. */
function join(url: string, path: string | undefined): string {
  if (typeof url !== 'string') throw expected('url', 'string', url)
  if (path === undefined) return url
  if (typeof path !== 'string') throw expected('path', 'string', path)
  return `${url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
}

async function read(response: Response): Promise<ArrayBuffer> {
  const { url } = response
  if (response.bodyUsed)
    throw new AoError('BAD_ARGUMENT', "The response's body has been read already. Give its headers, and what was read.")
  try {
    return await response.arrayBuffer()
  } catch (cause) {
    throw new AoError('HTTP_NETWORK', `The reply of ${url} broke off: ${(cause as Error)?.message ?? cause}`, {
      details: { url },
      cause
    })
  }
}

function expected(name: string, type: string, value: unknown): AoError {
  return new AoError('BAD_ARGUMENT', `'${name}': Expected ${type}, received ${value === null ? 'null' : typeof value}.`)
}
