// Sends a message and waits for its result. Fetched on first use.

import { AoError } from '../errors.js'
import type { Input } from './call-policy.js'
import type { CallOptions, Signature } from './options.js'

/** The stage that a `send` has reached. `id` is the id of the message; its `slot` is known in mainnet mode. */
export type SendProgress =
  | { stage: 'signed'; id: string }
  | { stage: 'sent'; id: string; slot?: number }
  | { stage: 'done'; id: string; slot?: number }

/** @internal The verbs that `send` calls. */
export interface Verbs {
  MODE: string
  message(input: Input): Promise<unknown>
  result(input: Input): Promise<unknown>
}

type SendInput = CallOptions & { process?: unknown; verify?: unknown; onProgress?: (progress: SendProgress) => void }

/** @internal Sends a message, then waits for its result. */
export async function send(ao: Verbs, given: unknown): Promise<object> {
  const { onProgress, onSigned, ...input }: SendInput = Object(given)
  const { process, signal } = input
  const tell = (event: SendProgress) => {
    try {
      onProgress?.(event)
    } catch {
      // Exceptions of listeners are ignored.
    }
  }
  const signed = (id: string, how: Signature) => {
    onSigned?.(id, how)
    tell({ stage: 'signed', id })
  }
  const mainnet = ao.MODE === 'mainnet'
  const sent = await ao.message({
    ...input,
    onSigned: signed,
    returnMessageId: true,
    returnAssignmentSlot: mainnet,
    opts: undefined
  })
  const place: { id: string; slot?: number; sent?: true } = mainnet
    ? (sent as { id: string; slot: number })
    : { id: sent as string }
  tell({ stage: 'sent', ...place })
  try {
    const which = mainnet ? { slot: place.slot } : { message: place.id }
    // The number of tries is for the message. How long the result is waited for depends on `timeout` alone.
    const { attempts, ...retry } = Object(input.retry)
    const { verify, timeout } = input
    const result = await ao.result({ process, ...which, wait: true, signal, retry, timeout, verify } as Input)
    tell({ stage: 'done', ...place })
    return { ...(result as object), ...place }
  } catch (error) {
    if (!(error instanceof AoError)) throw error
    const { code, message, details, cause } = error
    if (code === 'CRASH') place.sent = true
    const advice = 'The message was sent: ask for its result before you send another.'
    throw new AoError(code, `${message.replace(/\.$/, '')}. ${advice}`, { details: { ...details, ...place }, cause })
  }
}
