// Cron tags. In JavaScript, because aoconnect's function returns them at once, without a promise.

import { AoError } from '../errors.js'
import type { Tag } from '../types.js'

const UNITS = ['millisecond', 'second', 'minute', 'hour', 'day', 'month', 'year', 'block']

const fail = (what: string, advice: string): never => {
  throw new AoError('BAD_ARGUMENT', `Encountered Error serializing cron: ${what}. ${advice}`)
}

/**
 * Returns the tags that give a process a cron schedule. Pass them to `spawn`.
 *
 * @param cron `interval` is a number and a unit (`1-minute`, `5-minutes`, `10-blocks`). `tags` are the tags of the message that
 * the process receives each time.
 * @example
 * const tags = serializeCron({ interval: '5-minutes', tags: [{ name: 'Action', value: 'Tick' }] })
 * const process = await ao.spawn({ module, scheduler, signer, tags })
 *
 * @throws {AoError} `BAD_ARGUMENT` for an interval or tags that cannot be written
 */
export function serializeCron(cron: { interval: string; tags?: readonly Tag[] }): Tag[] {
  const { interval, tags } = cron ?? {}
  const [value, unit] = String(interval ?? '')
    .split('-')
    .map((part) => part.trim())
  if (!value || !unit) return fail('invalid interval', 'Write it as a number and a unit, for instance 5-minutes.')
  const number = Number.parseInt(value)
  if (!(number > 0)) fail('invalid interval value', 'It must be a whole number above zero.')
  const known = UNITS.map((name) => (number === 1 ? name : `${name}s`))
  if (!known.includes(unit)) fail('invalid interval type', `With ${number}, write one of ${known.join(', ')}.`)
  if (tags != null && !Array.isArray(tags)) fail('invalid tag structure', 'Tags are an array of { name, value }.')
  return [
    { name: 'Cron-Interval', value: `${value}-${unit}` },
    ...(tags ?? []).map((tag) => {
      const { name, value } = tag ?? {}
      if (!name || !value) fail('invalid tag structure', 'Every tag needs a name and a value.')
      if (typeof name !== 'string' || typeof value !== 'string') {
        fail('invalid interval tag types', 'Names and values of tags are text.')
      }
      return { name: `Cron-Tag-${name}`, value }
    })
  ]
}
