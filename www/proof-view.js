// The outcome of a verification: the verdict, the proof in words and in detail, and one slot.
import { CAUGHT, CHECKS, PARTIES, STATES, UNIT, UNVERIFIABLE } from './checks.js'
import { copyButton, duration, h, idText } from './dom.js'
import { answerText, prettyView } from './result-view.js'

const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

const ageText = (age) => {
  if (age < 60_000) return duration(Math.max(age, 0))
  const [unit, size] = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000]
  ].find(([, length]) => age >= length)
  const count = Math.floor(age / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** @param subject what the verdict is about, such as "Slots 0 to 12" */
export function verdictView({ proof, error }, subject) {
  const style = error ? 'bad' : proof?.verified ? 'good' : 'partly'
  const title = { bad: 'Caught', good: 'Verified', partly: 'Verified in part' }[style]
  const words = error
    ? CAUGHT[error.code]
    : proof?.verified
      ? `${subject}: each result follows from the signed schedule.`
      : `${subject} were replayed. The proof says what cannot be verified.`
  const [unit, unitStyle] = UNIT[proof?.unit] ?? []
  return h(
    'div',
    { class: `verdict verdict-${style}`, 'data-testid': 'verdict' },
    h('span', { class: 'verdict-sign', 'aria-hidden': 'true' }, { bad: '!', good: '✓', partly: '~' }[style]),
    h(
      'div',
      { class: 'verdict-words' },
      h('h3', { 'data-testid': 'verdict-title' }, title),
      h('p', null, words),
      error &&
        h(
          'p',
          { class: 'verdict-error' },
          h('code', { class: 'code-chip', 'data-testid': 'verdict-code' }, error.code),
          ' ',
          error.message
        ),
      unit && !error && h('p', { class: `verdict-unit ${unitStyle}`, 'data-testid': 'verdict-unit' }, unit)
    )
  )
}

const nameView = ({ name }) => (/^[\w-]{43}$/.test(name) ? idText(name, 'address') : h('code', null, String(name)))

function anchorView({ anchor, checkpoint, slot }) {
  if (anchor === 'genesis')
    return `It begins before slot 0 and ends with slot ${slot}. Nothing was taken from a checkpoint.`
  if (anchor === 'checkpoint')
    return [
      `It begins with the checkpoint of slot ${checkpoint.slot} and ends with slot ${slot}. `,
      nameView(checkpoint)
    ]
  return `It begins with a state that was kept, and ends with slot ${slot}.`
}

/** The proof in words. */
export function proofView(proof) {
  if (!proof) return h('p', { class: 'empty' }, 'No slot is verified, so that there is no proof.')
  const json = JSON.stringify(proof, null, 2)
  const words = ([party, ...rest]) => [h('b', null, party), ' ', rest.join(' '), '.']
  return h(
    'div',
    { class: 'stack', 'data-testid': 'proof' },
    h('p', null, anchorView(proof)),
    h('p', null, `The newest slot was assigned ${ageText(proof.age)} ago, on ${time.format(proof.timestamp)}.`),
    h(
      'section',
      { class: 'part' },
      h('h3', null, 'What you still trust'),
      h(
        'ul',
        { class: 'trusted' },
        proof.trusted.map((trusted) => h('li', null, h('p', null, words(PARTIES[trusted.party])), nameView(trusted)))
      )
    ),
    h(
      'section',
      { class: 'part' },
      h('h3', null, 'What cannot be verified'),
      proof.unverifiable.length === 0
        ? h('p', { class: 'hint' }, 'Nothing: everything else follows from signatures, hashes and the module.')
        : h(
            'ul',
            { class: 'trusted' },
            proof.unverifiable.map(({ subject, slot, count }) =>
              h('li', null, `${count} ${UNVERIFIABLE[subject]}, first in slot ${slot}`)
            )
          )
    ),
    h(
      'details',
      { class: 'more' },
      h('summary', null, 'The proof in detail'),
      h(
        'div',
        { class: 'raw' },
        copyButton(json, 'proof'),
        h('pre', { tabindex: '0', 'data-testid': 'proof-json' }, json)
      )
    )
  )
}

const checkView = ([name, label, rule], state) =>
  h(
    'li',
    { class: 'check-line', 'data-check': name, 'data-state': state },
    h('span', { class: `mark mark-${state}`, 'aria-hidden': 'true' }, STATES[state][0]),
    h('div', null, h('b', null, label), ' ', STATES[state][1], h('p', { class: 'hint' }, rule))
  )

/** A text of which the part that another text has not is marked. */
function marked(text, other) {
  let start = 0
  while (start < text.length && text[start] === other[start]) start++
  let end = 0
  const most = Math.min(text.length, other.length) - start
  while (end < most && text.at(-1 - end) === other.at(-1 - end)) end++
  const until = text.length - end
  return [text.slice(0, start), h('mark', null, text.slice(start, until)), text.slice(until)]
}

const difference = (computed, claimed) =>
  h(
    'dl',
    { class: 'difference' },
    h(
      'div',
      null,
      h('dt', null, 'Computed here'),
      h('dd', null, h('pre', { tabindex: '0' }, marked(computed, claimed)))
    ),
    h(
      'div',
      { class: 'bad' },
      h('dt', null, 'The unit says'),
      h('dd', null, h('pre', { tabindex: '0', 'data-testid': 'claimed' }, marked(claimed, computed)))
    )
  )

/** Text of a result, for a comparison by eye. */
const briefly = ({ Output, Messages = [], Error: failure }) =>
  [answerText(failure) || answerText(Output), ...Messages.map(({ Target, Data }) => `→ ${Target}\n  ${Data}`)]
    .filter(Boolean)
    .join('\n')

/** @param claimed what the unit says, where it says something else */
export function slotView({ report, states, error }, claimed) {
  const fact = (name, ...value) => [h('dt', null, name), h('dd', null, value)]
  return [
    error &&
      h('p', { class: 'failure' }, h('span', null, h('code', { class: 'code-chip' }, error.code), ' ', error.message)),
    claimed && report.result && difference(briefly(report.result), briefly(claimed)),
    h(
      'ul',
      { class: 'check-lines', 'data-testid': 'slot-checks' },
      CHECKS.map((check) => checkView(check, states[check[0]]))
    ),
    report.message &&
      h(
        'dl',
        { class: 'facts' },
        report.action && fact('Action', h('b', null, report.action)),
        fact('Message', idText(report.message, 'message id')),
        report.from && fact('Signed by', idText(report.from, 'address')),
        fact('Time', time.format(report.timestamp)),
        report.checks.includes('gateway') && fact('Bytes', 'from the gateway')
      ),
    report.result && report.outcome !== 'skipped' && prettyView(report.result)
  ].filter(Boolean)
}
