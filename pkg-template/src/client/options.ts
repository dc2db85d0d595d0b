// Options that the clients of all modes take: of `connect`, and of each call.

import type { AbortSignal, Fetch } from '../web-types.js'

/** Options of every verb. */
export interface CallOptions {
  /**
   * Ends the call when aborted. The call then rejects with the signal's reason, as `fetch` does, and its requests and waits
   * end. A request that was sent before may still arrive. No listener stays on the signal.
   *
   * @example
   * const controller = new AbortController()
   * cancel.onclick = () => controller.abort()
   * await ao.dryrun({ process, signal: controller.signal })
   */
  signal?: AbortSignal
  /** Milliseconds after which the call rejects with `TIMEOUT`. No limit by default. */
  timeout?: number
  /**
   * How often a failed request is tried in all, or the details of the retries. Default: 1, which is no retry. A retry sends
   * the very same signed item or message.
   *
   * Schedulers of the legacy network refuse an item that they have. After a retry, that refusal counts as success.
   *
   * HyperBEAM nodes give a slot to every copy of a message. In mainnet mode a message is therefore sent again only after 425,
   * after 429, after a connection that never opened, or when the schedule of its process does not show it. If the schedule
   * shows it, the call resolves with its slot. If the schedule cannot be read, the call rejects. The schedule is read after
   * the delay between two tries, so that the node has this time to assign the slot.
   */
  retry?: number | RetryOptions
  /**
   * Called after an item or a message was signed and before it is sent, with its id, and with what a wallet has changed.
   * Exceptions of this function are ignored. To keep the item from being sent, abort the `signal`.
   *
   * @example
   * const onSigned = (id, { problems }) => problems.length && controller.abort()
   * await ao.message({ process, signer, signal: controller.signal, onSigned })
   */
  onSigned?: (id: string, how: Signature) => void
}

/** How something was signed. */
export interface Signature {
  /**
   * `TAGS_REWRITTEN` when a wallet has changed tags that do not belong to the protocol; the message names them. An item whose
   * target, anchor, data or protocol tags differ is refused with `SIGNER`.
   */
  problems: { code: string; message: string }[]
}

/** When, and how often, a failed request is sent again. */
export interface RetryOptions {
  /** Tries in all; 1 is no retry. */
  attempts?: number
  /** Milliseconds before the second try. The delay doubles each time, and half of it is random. Default: 500. */
  backoff?: number
  /** Most milliseconds between two tries. A unit whose `Retry-After` is longer is not tried again. Default: 30,000. */
  longestWait?: number
  /**
   * Milliseconds after which a try without a response is ended and counts as failed, so that the next try, or the next
   * address, can start. No limit by default, because the response to a message may take long. A message that was sent may
   * have arrived: see {@link CallOptions.retry}.
   */
  tryTimeout?: number
  /** Statuses after which a request is tried again. Default: 408, 425, 429, 500, 502, 503 and 504. */
  statuses?: readonly number[]
}

/** A request that is about to be sent. */
export interface RequestEvent {
  url: string
  method: string
  headers?: Record<string, string>
  /** JSON, the signed item, or the body of the signed message. */
  body?: string | Uint8Array
}

/** How a request ended: with a status, or with what `fetch` threw. */
export interface ResponseEvent extends RequestEvent {
  status?: number
  error?: unknown
  milliseconds: number
}

/** Option of calls that can wait for a result that does not exist yet. */
export interface WaitOption {
  /**
   * Repeats the request at growing intervals until there is a result: while the unit answers with 202, 404, 408, 425, 429 or
   * 5xx, or cannot be reached. Ends after `timeout`; after a minute if there is no `timeout`.
   */
  wait?: boolean
}

/** One address of a unit, or several that can replace each other: see docs/reliability.md. */
export type Addresses = string | readonly string[]

/** Options that every network mode takes. */
export interface CommonOptions extends Pick<CallOptions, 'timeout' | 'retry'> {
  /** Default: `https://arweave.net`. */
  GATEWAY_URL?: Addresses
  /** Default: `graphql` under the gateway's address. */
  GRAPHQL_URL?: Addresses
  /** How often a gateway query is retried. Default: 0. */
  GRAPHQL_MAX_RETRIES?: number
  /** Milliseconds before the first retry. The delay doubles each time. Default: 300. */
  GRAPHQL_RETRY_BACKOFF?: number
  /** The scheduler unit. By default it is looked up through the public router and the gateway. */
  SU_URL?: Addresses
  /** Sends every request. Default: the runtime's own `fetch`. */
  fetch?: Fetch
  /**
   * Most bytes of a response that are read. Default: 64 MiB (67,108,864). A larger response is `BAD_RESPONSE`. There is no
   * limit for the `Response` that `request` returns, since it is not read.
   */
  responseLimit?: number
  /** Called with every request before it is sent, retries included; for logs. Its exceptions are ignored. */
  onRequest?: (event: RequestEvent) => void
  /** Called with every response. */
  onResponse?: (event: ResponseEvent) => void
}
