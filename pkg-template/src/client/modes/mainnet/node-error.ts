// Explains errors of HyperBEAM nodes. A node answers an error with a page of HTML, with JSON that holds the reason in one of
// several places, or with nothing. Fetched after the first such error.

import { AoError } from '../../../errors.js'
import type { Arguments } from './calls.js'

const WRITES = ['spawn', 'message', 'schedule']

/** The details that the messages are made of. */
interface Details {
  status?: number
  body?: string
  url?: string
}

/** The same error with a message that says what the caller can do. `details` holds the node's answer. */
export function explained(error: AoError, verb: string, input: Arguments | undefined): AoError {
  const { code, details, cause } = error
  const words = code === 'HTTP_STATUS' ? statusInWords(details, verb, input) : otherInWords(error, verb)
  if (!words) return error
  // A warning that a write may have arrived stays in the message, unless the node says that it took nothing.
  const [advice] = /The message may have arrived.*$/s.exec(error.message) ?? ['']
  const isKnown = /may have its slot|no_viable_responses/.test(words)
  const message = isKnown || !advice || words.includes(advice) ? words : `${words} ${advice}`
  return new AoError(code, message, { details, cause })
}

function otherInWords({ code, message, details }: AoError, verb: string): string | undefined {
  const { body = '' } = details as Details
  if (code === 'HTTP_NETWORK') {
    // The runtime refuses to read the node's response.
    const reason = reasonIn(body)
    return reason && `${message.split(' It goes on')[0]} The node gave as its reason: ${reason}.${adviceFor(reason)}`
  }
  // Nodes answer 200 to a spawn whose scheduler they cannot find.
  if (verb !== 'spawn' || !body.includes('no_viable_responses')) return undefined
  return 'The node does not know the scheduler of the process (no_viable_responses). Give the address of one that it knows, or leave `scheduler` out: the node schedules then.'
}

function adviceFor(reason: string | undefined): string {
  if (reason?.includes('invalid_byte'))
    return ' The value holds bytes that are not UTF-8, which JSON cannot carry. Read its parts one by one: `state` gives one that is bytes as a Uint8Array.'
  if (reason?.includes('necessary_message_not_found'))
    return ' The node does not know this process or message. Check the id, and that `URL` is the node that has it.'
  return ''
}

function statusInWords(
  { status = 0, body = '', url = '' }: Details,
  verb: string,
  input: Arguments | undefined
): string {
  const path = pathOf(url)
  const reason = reasonIn(body)
  const told = reason ? `${status}: ${reason}.` : `The node answered ${status} without a reason.`
  const advice = adviceFor(reason)
  if (advice) return told + advice
  if (status === 404 && verb === 'state')
    return `${told} There is nothing at ${path}. A process publishes values with patch@1.0, and their names are case-sensitive.`
  if (status === 404) return reason ? told : `${told} There is nothing at ${path}. Check the id and the slot.`
  if (WRITES.includes(verb)) {
    if (status >= 500 && input?.['anchor'] !== undefined)
      return `${told} Nodes of September 2025 answer so to items that have an anchor. Leave \`anchor\` out: each item gets a tag that no other item has.`
    if (status === 400 && !reason)
      return `${told} It answers so when the process fails at a message, which may have its slot all the same, or when an earlier message has stopped the process. Look for the message by its id, \`details.id\`, before you send another.`
    return reason ? told : `${told} Either it could not read or verify what was sent, or it does not know the process.`
  }
  if (status >= 500 && !reason)
    return `${told} Either it does not know the process, or the process cannot be evaluated: an error in its code stops it for good.`
  return told
}

const pathOf = (url: string): string => {
  try {
    return new URL(url).pathname
  } catch {
    return url
  }
}

/** First line of the reason in an answer. `undefined` for pages of HTML, whose text is the same for every error. */
function reasonIn(body: string): string | undefined {
  let answer: unknown = body
  try {
    // The rest of the headers can stand before the JSON.
    answer = JSON.parse(/\{"[^]*\}/.exec(body)?.[0] ?? body)
  } catch {
    if (/^\s*</.test(body)) return undefined
  }
  const members = Object(answer) as Record<string, unknown>
  const { reason, details, error, message } = members
  const inError = (error as { message?: unknown } | null | undefined)?.message ?? error
  const told = [reason, details, inError, message, members[members['ao-result'] as string], answer]
  const text = told.find((each) => typeof each === 'string' && each.trim() !== '') as string | undefined
  return text?.trim().split('\n')[0]?.slice(0, 300).replace(/\.$/, '')
}
