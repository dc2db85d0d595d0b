import { AoError, connect, createSigner, generateJwk, type ConnectOptions, type Evaluation, type Jwk } from 'aoxide'

export interface Answer {
  /** Id of the message that was sent. */
  id: string
  text: string
  /** Messages that the process sent on because of it. */
  outbox: Evaluation['Messages']
}

export type Ask = (text: string) => Promise<Answer>

/** A function that sends messages to the process, signed with the key, and waits for what it answers. */
export async function startConversation(process: string, options: ConnectOptions, key?: Jwk): Promise<Ask> {
  const ao = connect({ MODE: 'legacy', ...options })
  const signer = createSigner(key ?? (await generateJwk()))

  return async (text) => {
    const tags = [{ name: 'Action', value: 'Chat' }]
    const id = await ao.message({ process, signer, tags, data: text })
    const { Output, Messages, Error: failure } = await ao.result({ process, message: id })
    if (failure) throw new Error(`The process failed: ${String(failure)}`)
    return { id, text: textOf(Output), outbox: Messages }
  }
}

/** A process may put anything into its output; by custom it is an object with `data`. */
function textOf(output: unknown): string {
  if (typeof output === 'object' && output !== null && 'data' in output) return textOf(output.data)
  return typeof output === 'string' ? output : JSON.stringify(output)
}

/** What went wrong, for people. */
export function explain(error: unknown): string {
  if (!(error instanceof AoError)) return String(error)
  switch (error.code) {
    case 'BAD_KEY':
      return 'This is not the key file of a wallet.'
    case 'HTTP_NETWORK':
      return 'The network cannot be reached. Try again.'
    default:
      return error.message
  }
}
