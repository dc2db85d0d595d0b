// Types of `aoxide/httpsig`.

import type { Signer } from '../signers/types.js'
import type { Bytes, Data } from '../types.js'

/**
 * A value of a message. Text is sent as UTF-8. Whole numbers and `bigint` are integers on the wire, other
 * numbers floats, booleans the atoms `true` and `false`, a symbol the atom of its description.
 */
export type MessageValue =
  string | number | bigint | boolean | symbol | Uint8Array | ArrayBuffer | readonly MessageValue[] | MessageFields

/**
 * The fields of a message. Names are case-insensitive and sent in lower case, unless they are ids. Fields that are `undefined`
 * or `null` are left out.
 */
export interface MessageFields {
  readonly [name: string]: MessageValue | null | undefined
}

/**
 * The release of the node that will verify the message. The releases differ in nested values, and in names that are ids. A
 * message without these is the same in both.
 *
 * - `'2025-11'`: HyperBEAM of November 2025. Nested values are sent with their hashes. Nodes of September 2025 verify this form
 *   too, except for ids as names.
 * - `'2025-09'`: HyperBEAM of September 2025. Nested values are sent without hashes.
 * - `'current'`, the default: the form that most nodes are known to verify, today that of `'2025-11'`. By its source,
 *   HyperBEAM of 2026 leaves the hashes of nested values out. If such a node refuses a nested value, pass `'2025-09'`.
 */
export type Dialect = 'current' | '2025-11' | '2025-09'

/** Input of `encodeRequest`. */
export interface RequestInput {
  /** Address of the node. */
  url: string
  /** Appended to the address. */
  path?: string
  /** Default: `POST` for a message with a body, `GET` for one without. */
  method?: string
  /**
   * The fields of the message. Names must be valid names of headers. Not allowed are `date`, `host` and others that browsers
   * set themselves; `__proto__`, which runtimes drop; those of the encoding, such as `signature`; and names that start with
   * `priv`.
   */
  fields?: MessageFields
  /** The value `data` of the message, which is sent as the body. */
  data?: Data
  /** Without a signer the message is not signed. */
  signer?: Signer
  dialect?: Dialect
}

/** A request for `fetch`: `fetch(request.url, request)`. */
export interface EncodedRequest {
  url: string
  method: string
  /** Values have a character for each byte, as `fetch` takes them. */
  headers: Record<string, string>
  body?: Bytes
  /** Id of the signature, which is also that of the message; base64url. Only with a signer. */
  id?: string
}

/**
 * A value of a received message: text where the bytes are UTF-8, and bytes where they are not; `bigint` for integers beyond
 * 2^53; booleans and `null` for the atoms of these names, text for other atoms.
 */
export type ReceivedValue =
  string | number | bigint | boolean | null | Bytes | ReceivedValue[] | { [name: string]: ReceivedValue }

/** The stable name of a problem. */
export type ProblemCode =
  /** The signature was not made with the key that it names, over what it covers. */
  | 'SIGNATURE'
  /** The body is not the one that was signed. */
  | 'DIGEST'
  | 'UNKNOWN_DIGEST'
  /** `keyid` holds no key. */
  | 'UNKNOWN_KEY'
  | 'UNKNOWN_ALGORITHM'
  /** The signature covers a component that is missing. */
  | 'MISSING_COMPONENT'
  | 'DUPLICATE_COMPONENT'
  /** Several signatures have the same label. None of them is verified. */
  | 'DUPLICATE_LABEL'
  /** A signature without `signature-input`, or `signature-input` without a signature. */
  | 'UNPAIRED'
  /** The signature does not cover the body. It may be valid all the same. */
  | 'UNCOVERED_BODY'
  /** The body may be text or parts, and no signed field says which. */
  | 'AMBIGUOUS_BODY'
  /** `expires` has passed, or is not a time in whole seconds. */
  | 'EXPIRED'
  /** A field cannot be read. */
  | 'BAD_FIELD'
  /** A value is not of the type that `ao-types` says; it stays text. */
  | 'BAD_TYPE'
  /** Two values have the same name. The signed one is kept, else the one in the body. */
  | 'CONFLICT'

/** What is wrong with a reply, or with one of its signatures. */
export interface ReplyProblem {
  code: ProblemCode
  message: string
}

/** One signature of a reply, verified. */
export interface ReplySignature {
  /** Whether the signature is valid for what it covers. Check `address` and `covered` as well. */
  valid: boolean
  /** Its name in the message. */
  label: string
  /**
   * `rsa-pss-sha512`; `ans104@1.0/rsa-pss-sha256` where the message is a data item, whose signature this is; or
   * `hmac-sha256`, a hash that everyone can compute and that proves no origin.
   */
  algorithm: string
  /** `keyid`: `publickey:` and the modulus in base64. */
  keyId: string
  /** Address of the signer. Absent for a hash, and where `keyId` holds no key. */
  address?: string
  /** Id of the signature; base64url. */
  id: string
  /**
   * The names in `message` whose values this signature covers, with their types and all nested values. `ao-types` is among
   * them if the types are signed. Empty when the signature is not valid. Values under other names may have been added by
   * anyone.
   *
   * Nodes sign bundles by the ids of the nested values. Where such an id does not follow from the value, as with a nested
   * message that is signed itself, the signature is valid and the value is not covered.
   */
  covered: string[]
  problems: ReplyProblem[]
}

/** A received message. */
export interface Reply {
  /**
   * The values of the message; headers that HTTP itself needs are left out. Of several values with the same name, this is the
   * one that a valid signature covers. Values that no valid signature covers are here as well: check `covered`. Hashes that
   * nodes write into nested values are left out where they follow from the values.
   */
  message: { [name: string]: ReceivedValue }
  signatures: ReplySignature[]
  /** Parts that could not be decoded as they were meant. */
  problems: ReplyProblem[]
}

/** What a signature of a reply can cover besides the reply itself. */
export interface ReplyContext {
  /** Status of the reply. Default: that of the response. */
  status?: number
  /** The request. */
  request?: { method?: string; url?: string; headers?: HeadersLike }
}

/** `Headers`, or names and values in another form. */
export type HeadersLike = Iterable<readonly [string, string]> | Readonly<Record<string, string>>
