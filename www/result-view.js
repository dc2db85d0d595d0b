// Result of a message: output, outbox, spawns, error and gas, or raw JSON.
import { copyButton, h, idText, oneLine, pretty } from './dom.js'
import { EXAMPLE, regionBar } from './hex-view.js'
import { errorView } from './async-status.js'

/** ANSI colour codes, which aos writes into its output. */
const COLOURS = /\u001b\[[0-9;]*m/g

/** Text of an `Output` or `Error`: a string, `{ data }` or `{ data: { output } }`. */
export function answerText(value) {
  if (value == null) return ''
  if (typeof value === 'string') return value.replace(COLOURS, '').trim()
  if (typeof value !== 'object') return String(value)
  const inner = value.data?.output ?? value.data ?? value.output
  if (inner !== undefined && inner !== '') return answerText(inner)
  return Object.keys(value).length === 0 || inner === '' ? '' : JSON.stringify(value, null, 2)
}

/** Summary of a result in one line: its error, its output, or the number of messages it sends. */
export function answerOf({ Error: failure, Output, Messages = [] }) {
  const text = answerText(failure) || answerText(Output)
  const outbox = Messages.length === 1 ? '1 message out' : `${Messages.length} messages out`
  return oneLine(text || (Messages.length ? outbox : 'no output'), 400)
}

export const tagTable = (tags) =>
  h(
    'dl',
    { class: 'facts tags', 'data-testid': 'tags' },
    tags.map(({ name, value }) => [h('dt', null, name), h('dd', null, h('code', null, value))])
  )

const part = (title, count, ...content) =>
  h(
    'section',
    { class: 'part' },
    h('h3', null, title, count !== '' && h('span', { class: 'count' }, String(count))),
    content
  )

const outMessage = (message, at, label) =>
  h(
    'li',
    { class: 'out', 'data-testid': `${label}-${at}` },
    message.Target &&
      h('div', { class: 'out-target' }, h('span', { class: 'subject-name' }, 'To'), idText(message.Target, 'target')),
    message.Data && h('pre', { class: 'out-data', tabindex: '0' }, pretty(String(message.Data).replace(COLOURS, ''))),
    h(
      'details',
      { class: 'more' },
      h('summary', null, `${message.Tags?.length ?? 0} tags`),
      tagTable(message.Tags ?? [])
    )
  )

export function prettyView(result) {
  const output = answerText(result.Output)
  const failure = answerText(result.Error)
  const messages = result.Messages ?? []
  const spawns = result.Spawns ?? []
  const nothing = (text) => h('p', { class: 'hint' }, text)
  return h(
    'div',
    { class: 'parts' },
    failure !== '' &&
      part('Error', '', h('pre', { class: 'output bad', tabindex: '0', 'data-testid': 'result-error' }, failure)),
    part(
      'Output',
      '',
      output === ''
        ? nothing('No output.')
        : h('pre', { class: 'output', tabindex: '0', 'data-testid': 'output' }, pretty(output))
    ),
    part(
      'Messages',
      messages.length,
      messages.length
        ? h(
            'ol',
            { class: 'outs' },
            messages.map((message, at) => outMessage(message, at, 'message'))
          )
        : nothing('The outbox is empty.')
    ),
    part(
      'Spawns',
      spawns.length,
      spawns.length
        ? h(
            'ol',
            { class: 'outs' },
            spawns.map((spawn, at) => outMessage(spawn, at, 'spawn'))
          )
        : nothing('None.')
    ),
    result.Assignments?.length > 0 &&
      part('Assignments', result.Assignments.length, h('pre', null, JSON.stringify(result.Assignments, null, 2))),
    part('Gas used', '', h('p', { class: 'figure', 'data-testid': 'gas' }, result.GasUsed?.toLocaleString('en') ?? '–'))
  )
}

const toggle = (label, name, checked, onchange) =>
  h(
    'label',
    null,
    h('input', { type: 'radio', name: 'result-form', value: name, checked, onchange }),
    h('span', null, label)
  )

/** Introduction, shown until there is a result. */
const introduction = () =>
  h(
    'div',
    { class: 'introduction' },
    h(
      'ol',
      { class: 'plan' },
      h('li', null, h('b', null, 'Create a key.'), ' The browser creates it and stores it.'),
      h('li', null, h('b', null, 'Spawn a process.'), ' It runs a module that the network has.'),
      h(
        'li',
        null,
        h('b', null, 'Evaluate Lua in it.'),
        ' This panel shows the result, the signed item and each request.'
      )
    ),
    h('h3', null, 'What you will sign: a data item, to scale'),
    regionBar(EXAMPLE),
    h('p', { class: 'hint' }, 'Most of a small message is its signature and the public key that checks it.')
  )

/** @param form `pretty` or `raw` @param onForm called when the user chooses the other form */
export function resultView(entry, form, onForm) {
  if (!entry) return introduction()
  const { error, result } = entry
  const json = result && JSON.stringify(result, null, 2)
  return h(
    'div',
    { class: 'stack' },
    error && errorView(error),
    entry.kind === 'spawn' &&
      entry.id &&
      h(
        'div',
        { class: 'subject' },
        h('span', { class: 'subject-name' }, 'Process id'),
        idText(entry.id, 'process id')
      ),
    entry.kind === 'spawn' && entry.id && !result && h('p', { class: 'hint' }, 'Messages can go to this process now.'),
    entry.kind !== 'spawn' &&
      entry.id &&
      h(
        'div',
        { class: 'subject' },
        h('span', { class: 'subject-name' }, 'Message id'),
        idText(entry.id, 'message id')
      ),
    entry.state === 'busy' && h('p', { class: 'hint' }, 'Under way…'),
    result &&
      h(
        'fieldset',
        { class: 'segments small' },
        h('legend', { class: 'visually-hidden' }, 'Form of the result'),
        toggle('Pretty', 'pretty', form === 'pretty', () => onForm('pretty')),
        toggle('Raw JSON', 'raw', form === 'raw', () => onForm('raw'))
      ),
    result && form === 'pretty' && prettyView(result),
    result &&
      form === 'raw' &&
      h(
        'div',
        { class: 'raw' },
        copyButton(json, 'result'),
        h('pre', { tabindex: '0', 'data-testid': 'raw-json' }, json)
      )
  )
}
