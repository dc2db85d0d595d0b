// @ts-nocheck: not converted yet.
// Results of devices other than `genesis-wasm@1.0`, such as `lua@5.3a`. Fetched by those who read one.

import { AoError } from '../../../errors.js'
import { isMessage, listOf, messageOf, placesIn, plain } from './reply.js'

/**
 * What a device computed, with names as legacy units have them. `isResult` says that the answer is the result and nothing more:
 * then it counts whatever it has in it.
 */
export function deviceResult(answer, isResult, details) {
  const places = placesIn(answer)
  const decoded = (place) => (place === answer ? messageOf(answer) : plain(place))
  const place = places.find((place) => 'output' in place || 'outbox' in place)
  if (place) return named(decoded(place))
  // Only what a node says is a result: it wraps it, or commits to it.
  const [value] = places
  if (isResult && value && (value !== answer || isMessage(answer.commitments))) {
    const results = decoded(value)
    if (Object.keys(results).length > 0) return named(results)
  }
  const advice = 'The process may not have evaluated the message yet. Read what it publishes with `state`.'
  throw new AoError('BAD_RESPONSE', `The node's answer holds no result. ${advice}`, {
    details: { ...details, body: JSON.stringify(answer) }
  })
}

function named(results) {
  const { output = {}, outbox = [] } = results
  const Output = isMessage(output) && 'body' in output ? output.body : output
  const sent = Array.isArray(outbox) ? outbox : listOf(Object.entries(Object(outbox)))
  const Messages = sent.filter(isMessage).map(outgoing)
  return { Output, Messages, Assignments: [], Spawns: [], Error: undefined, results }
}

/** A message of an outbox. Members that a message has no field for are tags. */
function outgoing(message) {
  const fields = { Target: '', Data: '', Anchor: '' }
  const Tags = []
  for (const [name, value] of Object.entries(message)) {
    const field = name[0]?.toUpperCase() + name.slice(1).toLowerCase()
    if (Object.hasOwn(fields, field)) fields[field] = value
    else Tags.push({ name, value: typeof value === 'object' ? value : String(value) })
  }
  return { ...fields, Tags }
}
