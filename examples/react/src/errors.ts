// What the user reads about an error.

import { AoError } from 'aoxide'
import { RejectedByProcess } from './api'
import { WalletError } from './wallet'

export interface Explanation {
  title: string
  advice: string
  /** The id of a message that may have arrived. Ask for its result before you send another one. */
  mayHaveArrived?: string
}

export function explain(error: unknown): Explanation {
  const id = idOfSent(error)
  if (id !== undefined)
    return {
      title: 'Your transfer may have arrived',
      advice: 'The connection failed after it was signed. Look for its result before you send another one.',
      mayHaveArrived: id
    }
  if (error instanceof RejectedByProcess)
    return /insufficient/i.test(error.message)
      ? { title: 'Your balance is too small', advice: 'The token did not move anything. Send a smaller amount.' }
      : { title: 'The token rejected the message', advice: error.message }
  if (error instanceof WalletError) return { title: 'The wallet is not connected', advice: error.message }
  if (error instanceof DOMException && error.name === 'AbortError')
    return { title: 'Cancelled', advice: 'Nothing was sent.' }
  if (error instanceof AoError) return explainCode(error)
  return { title: 'Something went wrong', advice: error instanceof Error ? error.message : String(error) }
}

function explainCode({ code, message, details }: AoError): Explanation {
  switch (code) {
    case 'SIGNER':
      return { title: 'The wallet did not sign', advice: 'Nothing was sent. Try again, and confirm in your wallet.' }
    case 'HTTP_NETWORK':
      return { title: 'The network cannot be reached', advice: 'Check your connection, then try again.' }
    case 'TIMEOUT':
      return { title: 'The network did not answer in time', advice: 'Try again in a moment.' }
    case 'HTTP_STATUS':
      return { title: `The network answered with status ${details['status']}`, advice: 'Try again in a moment.' }
    default:
      // The message of an AoError says what is wrong and what to change.
      return { title: 'Something went wrong', advice: `${message} (${code})` }
  }
}

/** An error of a message that was signed has its id. After a crash, `sent` says whether it left the page. */
function idOfSent(error: unknown): string | undefined {
  if (!(error instanceof AoError)) return undefined
  const { id, sent } = error.details
  return typeof id === 'string' && sent !== false ? id : undefined
}
