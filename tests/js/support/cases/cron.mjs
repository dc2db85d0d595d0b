// serializeCron: synchronous, without a network.

const units = ['millisecond', 'second', 'minute', 'hour', 'day', 'month', 'year', 'block']
const unknown = ['week', 'decade', 'ms', 'min', 's', 'cron', '']
const tag = { name: 'Action', value: 'Tick' }

const good = [
  ...units.flatMap((unit) => [`1-${unit}`, `2-${unit}s`, `100-${unit}s`]),
  ' 5-minutes',
  '5 - minutes ',
  '05-minutes',
  '+5-minutes',
  '5-blocks-x'
].map((interval) => ({ interval }))

const lists = [[], [tag], [tag, tag, { name: 'B', value: 'é' }], [{ ...tag, extra: 1 }]]

const bad = [
  ...units.flatMap((unit) => [`1-${unit}s`, `2-${unit}`, `2-${unit.toUpperCase()}S`]),
  ...unknown.flatMap((unit) => [`1-${unit}`, `2-${unit}s`]),
  '0-minutes',
  '-5-minutes',
  '5--minutes',
  'x-minutes',
  'Infinity-minutes',
  '5',
  'minutes',
  '-',
  '',
  undefined,
  null,
  5,
  {}
].map((interval) => ({ interval }))

const badLists = [
  'x',
  ['x'],
  [{ name: 'A' }],
  [{ value: 'A' }],
  [{ name: '', value: '' }],
  [{ name: 'A', value: '' }],
  [{ name: 'A', value: 5 }],
  [{ name: 5, value: 'x' }],
  [tag, { name: 'A' }]
]

export const crons = [
  ...good,
  ...lists.map((tags) => ({ interval: '10-minutes', tags })),
  ...bad,
  ...badLists.map((tags) => ({ interval: '10-minutes', tags })),
  { interval: 'x-minutes', tags: 'x' },
  { tags: [tag] }
]

/** aoconnect throws internal errors for these, or returns a list with a hole. */
export const broken = [
  { interval: '10-minutes', tags: {} },
  { interval: '10-minutes', tags: 5 },
  { interval: '10-minutes', tags: true },
  { interval: '10-minutes', tags: [null] },
  null,
  undefined
]
