// Adds advice to errors of the legacy network's units, by the texts of permaweb's messenger, scheduler and compute units.
// Fetched after the first such error.

import type { AoError } from '../../../errors.js'

const ANOTHER_UNIT = 'Ask another compute unit (`CU_URL`)'

/** Texts of units, and what the caller can do. */
const ADVICE: readonly (readonly [text: string, advice: string])[] = [
  [
    'Message or Process not found',
    'Check the ids. New messages take a while. An assigned message has the id of its assignment'
  ],
  ['HashChain invalid', ANOTHER_UNIT],
  ['not found cached', ANOTHER_UNIT],
  ['is in progress', 'Ask again later, or pass `wait`'],
  ['\\"exclude\\"', 'Messenger units do not take `exclude`. Leave it out'],
  ['[object Response]', 'The scheduler unit refused it. Check `message`, `process` and `baseLayer`'],
  ["reading 'tags'", 'Check the id of the process'],
  ['MessageExists', 'The network has this very message already. Change its data or give it an anchor']
]

/** Whether a messenger unit quotes the scheduler unit's refusal. Then the item did not arrive. */
const quotesRefusal = (body: string) => body.includes('400: {') && !body.includes('MessageExists')

/** Adds to the message of an error what the caller can do, where the unit does not say it. */
export function advise(error: AoError): void {
  const { body = '' } = error.details as { body?: string }
  if (quotesRefusal(body)) error.message = error.message.replace(/\. The message may have arrived.*$/, '')
  const [, advice] = ADVICE.find(([text]) => body.includes(text)) ?? []
  if (advice) error.message += `. ${advice}`
}
