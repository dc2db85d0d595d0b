// What the files of the mainnet mode share: how they call the WebAssembly module.

/** Arguments of a verb as the caller gave them. The WebAssembly module checks their types. */
export type Arguments = Readonly<Record<string, unknown>> & {
  readonly signal?: AbortSignal | undefined
}

/** Encodes a message in HTTP's own form, and signs it if there is a signer. */
export type Encode = (signer: unknown) => Promise<unknown>

/** Calls of the module's `MainnetClient`, by verb. */
export interface Calls {
  /** Equal reads that are pending at the same time share one request. */
  read(verb: string, input: Arguments | undefined): Promise<unknown>
  write(verb: string, input: Arguments | undefined, encode?: Encode): Promise<unknown>
}

/** What `message` returns with `opts: { fullResponse: true }`. */
export interface Receipt {
  id: string
  slot?: number
  /** The body of the node's response, as JSON. Missing if the response was lost and the schedule shows the message. */
  body?: string
}
