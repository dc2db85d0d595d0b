// Field for Lua code: a text area at first, and the editor as soon as it is loaded.
import { h } from './dom.js'

let resolve
/** The module of the editor, once it is loaded. */
const editor = new Promise((settle) => (resolve = settle))

/** Loads the editor. If that fails, the text areas stay. */
export async function loadEditor() {
  try {
    resolve(await import('./lua-editor.js'))
    return true
  } catch {
    return false
  }
}

/** View of Lua code, in colours once the editor is loaded. */
export function luaView(code) {
  const view = h('pre', null, code)
  editor.then(({ coloured }) => view.replaceChildren(...coloured(code)))
  return view
}

/** Text area that grows with its text. */
function plainField(area, { onKey, onInput }) {
  area.addEventListener('keydown', (event) => {
    if (onKey(event)) event.preventDefault()
  })
  area.addEventListener('input', onInput)
  return {
    element: area,
    caret() {
      const { selectionStart, selectionEnd, value } = area
      return {
        onFirst: !value.slice(0, selectionStart).includes('\n'),
        onLast: !value.slice(selectionEnd).includes('\n')
      }
    }
  }
}

export class LuaField {
  #field
  #silent = false

  /**
   * @param area the text area that the editor replaces
   * @param onKey called with each key press outside of an input method; `true` means that it was handled
   * @param onInput called when the user changes the text
   */
  constructor(area, { onKey = () => false, onInput = () => {} } = {}) {
    const handlers = {
      onKey: (event) => !event.isComposing && onKey(event),
      onInput: () => {
        this.#fit()
        if (!this.#silent) onInput()
      }
    }
    this.#field = plainField(area, handlers)
    editor.then(({ replaceByEditor }) => (this.#field = replaceByEditor(area, handlers)))
  }

  get value() {
    return this.#field.element.value
  }

  /** Replaces the text and places the caret at its end. */
  set value(text) {
    this.#silent = true
    const { element } = this.#field
    element.value = text
    element.setSelectionRange?.(text.length, text.length)
    this.#fit()
    this.#silent = false
  }

  /** Whether the caret is in the first and in the last line. */
  get caret() {
    return this.#field.caret()
  }

  focus() {
    this.#field.element.focus()
  }

  #fit() {
    const { element } = this.#field
    if (!(element instanceof HTMLTextAreaElement) || element.rows > 1) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight + 2}px`
  }
}
