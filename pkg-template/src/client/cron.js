// Cron tags. In JavaScript, because aoconnect's function answers at once and not with a promise.

import { AoError } from '../errors.js'

const UNITS = ['millisecond', 'second', 'minute', 'hour', 'day', 'month', 'year', 'block']

const fail = (what, advice) => {
  throw new AoError('BAD_ARGUMENT', `Encountered Error serializing cron: ${what}. ${advice}`)
}

export function serializeCron(cron) {
  const { interval, tags } = cron ?? {}
  const [value, unit] = String(interval ?? '')
    .split('-')
    .map((part) => part.trim())
  if (!value || !unit) fail('invalid interval', 'Write it as a number and a unit, for instance 5-minutes.')
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
