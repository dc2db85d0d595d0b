// Lies that the units of this page tell on request, so that the verification can be seen to catch them.
import { session } from './session.js'

/** `[name, label, hint]` */
export const LIES = [
  ['none', 'All units tell the truth', ''],
  ['unit', 'The compute unit changes a result', 'One character of what the newest message gave.'],
  ['message', 'The scheduler changes a message', 'One character of a message’s data.'],
  ['gap', 'The scheduler leaves out a message', 'The ones after it stay as they are.']
]

const LETTER_OR_COLOUR = /\u001b\[[0-9;]*m|[a-z0-9]/gi

/** Changes the last letter or digit of a text. Colour codes of the output stay. */
const bend = (text) => {
  const last = [...text.matchAll(LETTER_OR_COLOUR)].findLast(([found]) => found.length === 1)
  if (!last) return `${text}!`
  const [letter] = last
  const other = { 9: '8', z: 'y', Z: 'Y' }[letter] ?? String.fromCodePoint(letter.codePointAt(0) + 1)
  return text.slice(0, last.index) + other + text.slice(last.index + 1)
}

function bendResult(result) {
  const [message] = result.Messages ?? []
  if (message?.Data) message.Data = bend(message.Data)
  else if (typeof result.Output?.data === 'string' && result.Output.data) result.Output.data = bend(result.Output.data)
  else
    result.Messages = [
      ...(result.Messages ?? []),
      { Target: session.local.address, Data: '1000', Anchor: '0', Tags: [] }
    ]
  return result
}

/** Place of the message that the scheduler lies about: the last but one, so that another follows. */
const placeIn = (edges) => (edges.length > 1 ? edges.length - 2 : -1)

const bendSchedule = {
  message(schedule) {
    const message = schedule.edges[placeIn(schedule.edges)]?.node.message
    if (message) message.data = bend(message.data ?? '')
    return schedule
  },
  gap(schedule) {
    const at = placeIn(schedule.edges)
    return at < 1 ? schedule : { ...schedule, edges: schedule.edges.toSpliced(at, 1) }
  }
}

async function changed(response, change) {
  if (!response.ok) return response
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  const body = JSON.stringify(change(await response.json()))
  return new Response(body, { status: response.status, headers })
}

/**
 * `fetch` of the network in this page that tells the lie `name`.
 *
 * @param message id of the message whose result the compute unit changes
 */
export function lyingFetch(name, message) {
  const { fetch } = session.local
  const { su, cu } = session.units
  return async (input, init) => {
    const request = new Request(input, init)
    const { href, searchParams } = new URL(request.url)
    const response = await fetch(request)
    if (name === 'unit' && href.startsWith(`${cu}/result/${message}`)) return changed(response, bendResult)
    const isSchedule = href.startsWith(`${su}/`) && searchParams.has('process-id')
    if (name in bendSchedule && isSchedule) return changed(response, bendSchedule[name])
    return response
  }
}
