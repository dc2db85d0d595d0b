/** AO-Core messages on HTTP, signed (RFC 9421): HyperBEAM's `httpsig@1.0`. The first call fetches the code for it. */
import type { AoError } from '../errors.js'
import type { Bytes, Data } from '../index.js'
import type { Signer } from '../signers/create-signer.js'

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

/**
 * The age of the node that is to verify. They differ in nested values, and in names that are ids; a message without these is
 * the same in both.
 *
 * - `'2025-11'`: HyperBEAM of November 2025. Nested values come with their hashes. Nodes of September 2025 verify this form
 *   too, but for ids as names.
 * - `'2025-09'`: HyperBEAM of September 2025. Nested values come alone.
 * - `'current'`, when left out: the form that most nodes are known to verify, today that of `'2025-11'`. By its source,
 *   HyperBEAM of 2026 leaves the hashes of nested values out. If such a node refuses a nested value, name `'2025-09'`.
 */
export type Dialect = 'current' | '2025-11' | '2025-09'

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
 * @throws {AoError} `BAD_ARGUMENT` for values that have no form on the wire. `UNSUPPORTED`, before anything is signed, for
 * what nodes of this age cannot verify: the message says what, and why. Such are text with line ends in a field of its own,
 * integers of more than 15 digits, white space at the ends of a field, fields named `path` or `query`, more than 32 fields,
 * or about 30 values in a nested message; with `'2025-09'` also ids as names. So is a field named `body` at `/schedule` and
 * `/push`, where nodes take it for the message itself: name it `data`. `UNSUPPORTED` also for wallets that hash the message
 * before they sign it, as Wander does: they can only sign the ANS-104 form. `SIGNER` when the signer fails, `BAD_SIGNATURE`
 * when what it returns does not verify, `BAD_KEY`.
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
  /**
   * `rsa-pss-sha512`; `ans104@1.0/rsa-pss-sha256` where the message is a data item, whose signature this is; or
   * `hmac-sha256`, a hash that everyone can make and that proves no origin.
   */
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
   *
   * Nodes sign bundles by the ids of the nested values. Where such an id does not follow from the value, as with a nested
   * message that is signed itself, the signature is valid, and the value is not covered.
   */
  covered: string[]
  problems: ReplyProblem[]
}

export interface Reply {
  /**
   * What was said; headers that HTTP itself needs are left out. Of several values with the same name, the one that a valid
   * signature covers is here. Values that no valid signature covers are here as well: look at `covered`. Hashes that nodes
   * write into nested values are left out where they say no more than the values do.
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
