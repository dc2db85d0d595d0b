// Input of the Lua console. Enter runs it. Arrow keys restore what was run before.
import { $ } from './dom.js'
import { isEval } from './console-log.js'
import { LuaField } from './lua-field.js'

/** @param current returns the selected process */
export function startPrompt(run, current) {
  let at
  let draft = ''
  const said = () => {
    const process = current()
    return process ? process.messages.filter((entry) => isEval(entry, process)).map(({ data }) => data) : []
  }
  const recall = (step) => {
    const earlier = said()
    at ??= earlier.length
    if (at === earlier.length) draft = field.value
    const to = at + step
    if (to < 0 || to > earlier.length) return
    at = to
    field.value = earlier[at] ?? draft
  }
  const onKey = ({ key, shiftKey, altKey, ctrlKey, metaKey }) => {
    if (key === 'Enter' && !shiftKey) run()
    else if (altKey || ctrlKey || metaKey || shiftKey) return false
    else if (key === 'ArrowUp' && field.caret.onFirst) recall(-1)
    else if (key === 'ArrowDown' && field.caret.onLast) recall(1)
    else return false
    return true
  }
  const field = new LuaField($('prompt-code'), { onKey, onInput: () => (at = undefined) })
  return {
    focus: () => field.focus(),
    put: (text) => (field.value = text),
    take() {
      const text = field.value
      at = undefined
      field.value = ''
      return text
    }
  }
}
