/** What every verb takes besides its own options. */
export interface CallOptions {
  /**
   * Ends the call, which then rejects with the signal's reason, as `fetch` does. What was sent before may still arrive.
   * Requests and waits are ended with it, and the signal keeps no listener.
   *
   * @example
   * const controller = new AbortController()
   * cancel.onclick = () => controller.abort()
   * await ao.dryrun({ process, signal: controller.signal })
   */
  signal?: AbortSignal
  /** Milliseconds after which the call rejects with `TIMEOUT`. No limit, when left out. */
  timeout?: number
  /**
   * Whether a request that fails is tried again: how often in all, or in detail. What is sent again is the very same
   * signed item or message. Once, when left out.
   *
   * Schedulers of the legacy network refuse an item that they have. After a retry, that refusal is success.
   *
   * HyperBEAM nodes give a slot to every copy. In mainnet mode a message is sent again only after 425, 429 and connections
   * that never opened, or when the schedule of its process does not show it. If the schedule shows it, the call resolves
   * with its slot; if the schedule cannot be read, it rejects. Until a look at the schedule, a node has the wait between
   * two tries to give the message its slot.
   */
  retry?: number | RetryOptions
  /**
   * Called when the call has signed an item or a message, before that is sent: with its id, and with what a wallet has
   * changed. What it throws is ignored; to keep the item from being sent, abort the `signal`.
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
   * `TAGS_REWRITTEN` when a wallet has changed tags that are none of the protocol; the message names them. An item with
   * another target, anchor, data or protocol tag is refused: `SIGNER`.
   */
  problems: { code: string; message: string }[]
}

export interface RetryOptions {
  /** Tries in all; 1 is no retry. */
  attempts?: number
  /** Milliseconds before the second try; doubles each time, and half of it is left to chance. 500, when left out. */
  backoff?: number
  /** Most milliseconds between two tries; a unit whose `Retry-After` is longer is not asked again. 30,000, when left out. */
  longestWait?: number
  /**
   * Milliseconds after which a try without an answer counts as failed, so that the next one, or the next address, has its
   * turn; it is ended. No limit, when left out: a message's answer may take long. A message that was sent may have arrived:
   * see {@link CallOptions.retry}.
   */
  tryTimeout?: number
  /** Statuses that are worth another try. 408, 425, 429, 500, 502, 503 and 504, when left out. */
  statuses?: readonly number[]
}

/** A request that is about to be made. */
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
