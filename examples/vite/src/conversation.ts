import { AoError, connect, createSigner, generateJwk, type ConnectOptions, type Evaluation, type Jwk } from 'aoxide'

export interface Answer {
  /** The id of the message. */
  id: string
  text: string
  /** The messages that the process sent in response. */
  outbox: Evaluation['Messages']
}

export type Ask = (text: string) => Promise<Answer>

/** Returns a function that signs a message with the key, sends it to the process, and waits for the result. */
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

/** The output of a process can be any value. Usually it is an object with `data`. */
function textOf(output: unknown): string {
  if (typeof output === 'object' && output !== null && 'data' in output) return textOf(output.data)
  return typeof output === 'string' ? output : JSON.stringify(output)
}

/** Returns a text about an error for the user. */
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
