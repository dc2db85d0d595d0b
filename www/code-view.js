// Source code of the selected call.
import { copyButton, h } from './dom.js'
import { session } from './session.js'
import { addresses } from './units.js'

const quote = (text) =>
  text.includes('\n') ? `\`${text.replace(/[\\`]|\$\{/g, '\\$&')}\`` : `'${text.replace(/[\\']/g, '\\$&')}'`

/** Formats a value as a JavaScript literal. */
function literal(value, indent = '') {
  if (typeof value === 'string') return quote(value)
  const inner = `${indent}  `
  const list = Array.isArray(value)
  const parts = list
    ? value.map((each) => literal(each, inner))
    : Object.entries(value).map(([name, each]) => (name === each.shorthand ? name : `${name}: ${literal(each, inner)}`))
  if (parts.length === 0) return list ? '[]' : '{}'
  const line = list ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`
  if (line.length + indent.length < 76 && !line.includes('\n')) return line
  const [open, close] = list ? ['[', ']'] : ['{', '}']
  return `${open}\n${parts.map((each) => inner + each).join(',\n')}\n${indent}${close}`
}

/** Placeholder that is printed as an identifier, such as `signer`. */
const variable = (name) => ({ shorthand: name })

const CALLS = {
  spawn: (input) => [`const process = await ao.spawn(${literal({ ...input, signer: variable('signer') })})`],
  message: (input) => [
    `const process = ${quote(input.process)}`,
    `const message = await ao.message(${literal({ ...input, process: variable('process'), signer: variable('signer') })})`,
    `const { Output, Messages, Error } = await ao.result({ process, message })`
  ],
  dryrun: (input) => [`const { Output, Messages, Error } = await ao.dryrun(${literal(input)})`]
}

export function programOf({ kind, input }) {
  const signs = kind !== 'dryrun'
  return [
    `import { connect${signs ? ', createSigner' : ''} } from 'aoxide'`,
    '',
    `const ao = connect(${literal(session.local ? { MODE: 'local' } : { MODE: 'legacy', ...addresses() })})`,
    ...(signs ? ['const signer = createSigner(jwk) // or createSigner(window.arweaveWallet)'] : []),
    '',
    ...(CALLS[kind] ?? CALLS.message)(input),
    ''
  ].join('\n')
}

export function codeView(entry) {
  if (!entry) return h('p', { class: 'empty' }, 'The same call as JavaScript, to take with you.')
  const program = programOf(entry)
  return h(
    'div',
    { class: 'raw' },
    copyButton(program, 'program'),
    h('pre', { tabindex: '0', 'data-testid': 'program' }, program)
  )
}
