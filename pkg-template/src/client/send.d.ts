/** What takes more than one call: sending and waiting, and following a process. */
import type { CallOptions } from './call-policy.js'
import type { LegacyClient } from './modes/legacy/types.js'

/** How far a {@link LegacyClient.send} is. `id` is that of the message; `slot` is known in mainnet mode. */
export type SendProgress =
  | { stage: 'signed'; id: string }
  | { stage: 'sent'; id: string; slot?: number }
  | { stage: 'done'; id: string; slot?: number }

/** What to follow, and from where. */
export interface StreamInput extends CallOptions {
  process: string
  /** Cursor after which to begin, `''` for the very first result; the results to come, when left out. */
  from?: string
  /** Milliseconds between two looks when there is nothing new; 1000, when left out. */
  interval?: number
}
