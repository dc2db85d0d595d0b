// Lua as the editor knows it: the words of Lua and of AO's processes, and the depth of a new line.
import { StreamLanguage, indentService, lua, tagHighlighter, tags } from 'codemirror'

/** Globals of a process. */
const AO = /^(?:ao|msg|json|crypto|Handlers|Inbox|Owner|Name|Balances|Send|Spawn|Receive|Assign|Prompt|Version)(?:\.|$)/

const language = StreamLanguage.define({
  ...lua,
  token(stream, state) {
    const style = lua.token(stream, state)
    return style === 'variable' && AO.test(stream.current()) ? 'atom' : style
  }
})

export const colours = tagHighlighter([
  { tag: tags.keyword, class: 'lua-keyword' },
  { tag: tags.standard(tags.variableName), class: 'lua-builtin' },
  { tag: tags.atom, class: 'lua-ao' },
  { tag: tags.string, class: 'lua-string' },
  { tag: tags.number, class: 'lua-number' },
  { tag: tags.comment, class: 'lua-comment' }
])

const QUOTED = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|--.*$/g
const OPENING = /\b(?:function|then|do|repeat|else)\b|[({]/g
const CLOSING = /\b(?:end|until|else|elseif)\b|[)}]/g
const LEADING = /^\s*(?:(?:\b(?:end|until|elseif)\b|[)}])[\s,;]*)+/
const DEDENT = /^\s*(?:(?:end|until|else|elseif)\b|[)}])/

const count = (text, pattern) => text.match(pattern)?.length ?? 0

/** By how many steps the line after `line` is deeper. `Handlers.add('name', function (msg)` opens two, which is one step. */
function stepAfter(line) {
  const code = line.replace(QUOTED, '""').replace(LEADING, '')
  const opened = count(code, OPENING) - count(code, CLOSING) + (/^\s*else\b/.test(code) ? 1 : 0)
  return Math.sign(opened)
}

const indentation = indentService.of((context, position) => {
  const { doc } = context.state
  const below = context.lineAt(position).text
  let above = ''
  // A new line is not in the document yet: the line above it is the text before the caret.
  const isBreak = context.options.simulateBreak === position
  if (isBreak) above = context.lineAt(position, -1).text
  else for (let at = doc.lineAt(position).number - 1; at > 0 && above.trim() === ''; at--) above = doc.line(at).text
  const step = stepAfter(above)
  // After `function (msg)`, a bracket that the editor has closed follows the caret.
  const isWithin = isBreak && step > 0
  const back = DEDENT.test(below) && !isWithin ? 1 : 0
  const depth = /^ */.exec(above)[0].length
  return Math.max(0, depth + context.unit * (step - back))
})

// The first service with an answer counts. The language has one too, which adds a step for each opening word of a line.
export const luaLanguage = [indentation, language]

/** Parses a text, for views that show code without an editor. */
export const parse = (text) => language.parser.parse(text)
