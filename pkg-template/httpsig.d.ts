/** AO-Core messages on HTTP, signed (RFC 9421): HyperBEAM's `httpsig@1.0`. The first call fetches the code for it. */
import type { AoError } from './error.js'
import type { Bytes, Data } from './index.js'
import type { Signer } from './signer.js'

/**
 * What a message holds under a name. Text is sent as UTF-8. Whole numbers and `bigint` are integers on the wire, other
 * numbers floats, booleans the atoms `true` and `false`, a symbol the atom of its description.
 */
export type MessageValue =
  string | number | bigint | boolean | symbol | Uint8Array | ArrayBuffer | readonly MessageValue[] | MessageFields

/**
 * Values by name. Names are case-insensitive and sent in lower case, unless they are ids. What is `undefined` or `null` is
 * left out.
 */
export interface MessageFields {
  readonly [name: string]: MessageValue | null | undefined
}

/** The age of the node that is to verify. `'current'`, when left out, is HyperBEAM's main branch of 2026. */
export type Dialect = 'current' | '2025-09'

export interface RequestInput {
  /** Address of the node. */
  url: string
  /** Appended to the address. */
  path?: string
  /** `POST` for a message with a body, `GET` for one without, when left out. */
  method?: string
  /**
   * What the message says. Names are those that headers may have; not `date`, `host` and others that browsers keep to
   * themselves, not `__proto__`, which runtimes drop, and not those of the encoding, such as `signature`, or `priv` and
   * what begins with it.
   */
  fields?: MessageFields
  /** The value `data` of the message, which travels as the body. */
  data?: Data
  /** The message is not signed when there is none. */
  signer?: Signer
  dialect?: Dialect
}

/** What `fetch` wants: `fetch(request.url, request)`. */
export interface EncodedRequest {
  url: string
  method: string
  /** A character for each byte, as `fetch` has them. */
  headers: Record<string, string>
  body?: Bytes
  /** Of the signature, and so of the message; base64url. Only where there is a signer. */
  id?: string
}

/**
 * Writes a message as a request, and has it signed. What the signer returns is verified first.
 *
 * A signature covers all the fields and the body; it does not cover the method and the path.
 *
 * @example
 * const request = await encodeRequest({ url, path: '/~meta@1.0/info', fields: { key: 'value' }, signer })
 * const response = await fetch(request.url, request)
 *
 * @throws {AoError} `BAD_ARGUMENT` for values that have no form on the wire, and with a signer also for those that nodes
 * could not verify (fields named `path` or `query`, nested text with line ends, more than 31 values in a nested message,
 * white space at the ends of a field): the message says which;
 * `SIGNER` when the signer fails, `BAD_SIGNATURE` when what it returns does not verify, `BAD_KEY`; `UNSUPPORTED` for
 * wallets that hash the message before they sign it, as Wander does: they can only sign the ANS-104 form.
 */
export function encodeRequest(request: RequestInput): Promise<EncodedRequest>

/**
 * A value of a message that was received: text where the bytes are UTF-8, and bytes where they are not; `bigint` for
 * integers beyond 2^53; booleans and `null` for the atoms of these names, text for other atoms.
 */
export type ReceivedValue =
  string | number | bigint | boolean | null | Bytes | ReceivedValue[] | { [name: string]: ReceivedValue }

/** The stable name of what is wrong. */
export type ProblemCode =
  /** The signature was not made with the key that it names, over what it covers. */
  | 'SIGNATURE'
  /** The body is not the one that was signed. */
  | 'DIGEST'
  | 'UNKNOWN_DIGEST'
  /** `keyid` holds no key. */
  | 'UNKNOWN_KEY'
  | 'UNKNOWN_ALGORITHM'
  /** The signature covers what is not there. */
  | 'MISSING_COMPONENT'
  | 'DUPLICATE_COMPONENT'
  /** Several signatures have the same label; none of them is looked at. */
  | 'DUPLICATE_LABEL'
  /** A signature without `signature-input`, or the other way round. */
  | 'UNPAIRED'
  /** The signature does not cover the body. It may be valid all the same. */
  | 'UNCOVERED_BODY'
  /** The body could be text or parts, and neither its type nor anything else that is signed says which. */
  | 'AMBIGUOUS_BODY'
  /** `expires` has passed, or is not a time in whole seconds. */
  | 'EXPIRED'
  /** A field cannot be read. */
  | 'BAD_FIELD'
  /** A value is not of the type that `ao-types` says; it stays text. */
  | 'BAD_TYPE'
  /** Two values have the same name. The signed one is kept, else the one in the body. */
  | 'CONFLICT'

export interface ReplyProblem {
  code: ProblemCode
  message: string
}

/** One signature of a reply, verified. */
export interface ReplySignature {
  /** Whether the signature is right, for what it covers. Look at `address` and `covered` as well. */
  valid: boolean
  /** Its name in the message. */
  label: string
  /** `rsa-pss-sha512`; or `hmac-sha256`, a hash that everyone can make and that proves no origin. */
  algorithm: string
  /** `keyid`: `publickey:` and the modulus in base64. */
  keyId: string
  /** Address of the signer. None for a hash, and where `keyId` holds no key. */
  address?: string
  /** Of the signature; base64url. */
  id: string
  /**
   * Names in the message whose values this signature covers as they are there: with their types, and with everything that
   * is nested in them. `ao-types` is among them if the types are signed. Empty when the signature is not valid. Values
   * under other names may have been added by anyone.
   */
  covered: string[]
  problems: ReplyProblem[]
}

export interface Reply {
  /**
   * What was said; headers that HTTP itself needs are left out. Of several values with the same name, the one that a valid
   * signature covers is here. Values that no valid signature covers are here as well: look at `covered`.
   */
  message: { [name: string]: ReceivedValue }
  signatures: ReplySignature[]
  /** What could not be read as it was meant. */
  problems: ReplyProblem[]
}

/** What a signature of a reply may cover besides the reply. */
export interface ReplyContext {
  /** Of the reply; that of the response, when left out. */
  status?: number
  /** What was asked. */
  request?: { method?: string; url?: string; headers?: HeadersLike }
}

/** `Headers`, or names and values in another form. */
export type HeadersLike = Iterable<readonly [string, string]> | Readonly<Record<string, string>>

/**
 * Reads a reply, and verifies its signatures: a `Response` that nobody has read, as `request` of a mainnet client gives it,
 * or headers and bytes.
 *
 * @example
 * const { message, signatures } = await decodeReply(await ao.request({ path: `/${process}~process@1.0/now` }))
 * const trusted = signatures.some(({ valid, address, covered }) =>
 *   valid && address === node && covered.includes('balance'))
 *
 * @throws {AoError} `BAD_RESPONSE` for a body that is not what its content type says; `HTTP_NETWORK` when the response
 * breaks off; `BAD_ARGUMENT`, also for a response that was read before
 */
export function decodeReply(response: Response, context?: ReplyContext): Promise<Reply>
export function decodeReply(
  headers: HeadersLike,
  bytes?: Uint8Array | ArrayBuffer | Blob | string,
  context?: ReplyContext
): Promise<Reply>
