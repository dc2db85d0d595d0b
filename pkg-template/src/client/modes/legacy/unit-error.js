// What to do about errors of the units of the legacy network, by the words of permaweb's messenger, scheduler and compute units.
// Fetched after the first such error.

const ANOTHER = 'Ask another compute unit (`CU_URL`)'

/** Words of units, and what a caller can do. */
const ADVICE = [
  [
    'Message or Process not found',
    'Check the ids. New messages take a while. An assigned message has the id of its assignment'
  ],
  ['HashChain invalid', ANOTHER],
  ['not found cached', ANOTHER],
  ['is in progress', 'Ask again later, or pass `wait`'],
  ['\\"exclude\\"', 'Messenger units do not take `exclude`. Leave it out'],
  ['[object Response]', 'The scheduler unit refused it. Check `message`, `process` and `baseLayer`'],
  ["reading 'tags'", 'Check the id of the process'],
  ['MessageExists', 'The network has this very message already. Change its data or give it an anchor']
]

/** A messenger unit quotes the scheduler unit's refusal: the item did not arrive. */
const quotesRefusal = (body) => body.includes('400: {') && !body.includes('MessageExists')

/** Adds to the message of an error what to do, where the unit does not say it. */
export function advise(error) {
  const { body = '' } = error.details
  if (quotesRefusal(body)) error.message = error.message.replace(/\. The message may have arrived.*$/, '')
  const [, advice] = ADVICE.find(([words]) => body.includes(words)) ?? []
  if (advice) error.message += `. ${advice}`
}
