// Results of devices other than `genesis-wasm@1.0`, such as `lua@5.3a`. Fetched with the first such result.

import { AoError } from '../../../errors.js'
import { isMessage, listOf, messageOf, placesIn, plain, type ReplyMap } from './reply.js'
import type { MainnetResult, StateValue } from './types.js'

/**
 * The result of a device, with the names of legacy units. `isResult`: the answer is the result and contains nothing else. Then
 * it counts as a result whatever its members are.
 */
export function deviceResult(answer: unknown, isResult: boolean, details?: object): MainnetResult {
  const places = placesIn(answer)
  const decoded = (place: ReplyMap) => (place === answer ? messageOf(place) : plain(place)) as ReplyMap
  const place = places.find((place) => 'output' in place || 'outbox' in place)
  if (place) return named(decoded(place))
  // It must be a result by the node's own word: the node wraps it, or commits to it.
  const [value] = places
  if (isResult && value && (value !== answer || isMessage(value['commitments']))) {
    const results = decoded(value)
    if (Object.keys(results).length > 0) return named(results)
  }
  const advice = 'The process may not have evaluated the message yet. Read what it publishes with `state`.'
  throw new AoError('BAD_RESPONSE', `The node's answer holds no result. ${advice}`, {
    details: { ...details, body: JSON.stringify(answer) }
  })
}

function named(results: ReplyMap): MainnetResult {
  const { output = {}, outbox = [] } = results
  const Output = isMessage(output) && 'body' in output ? output['body'] : output
  const sent = Array.isArray(outbox) ? outbox : listOf(Object.entries(Object(outbox) as ReplyMap))
  const Messages = sent.filter(isMessage).map(outgoing)
  return {
    Output,
    Messages: Messages as MainnetResult['Messages'],
    Assignments: [],
    Spawns: [],
    Error: undefined,
    results: results as { [name: string]: StateValue }
  }
}

/** A message of an outbox. Members without a field of their own become tags. */
function outgoing(message: ReplyMap) {
  const fields: ReplyMap = { Target: '', Data: '', Anchor: '' }
  const Tags = []
  for (const [name, value] of Object.entries(message)) {
    const field = `${name[0]?.toUpperCase()}${name.slice(1).toLowerCase()}`
    if (Object.hasOwn(fields, field)) fields[field] = value
    else Tags.push({ name, value: typeof value === 'object' ? value : String(value) })
  }
  return { ...fields, Tags }
}
