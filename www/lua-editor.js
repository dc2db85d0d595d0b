// The editor for Lua: CodeMirror. Loaded after the page has started; until then, code is written into text areas.
import {
  EditorState,
  EditorView,
  Prec,
  bracketMatching,
  closeBrackets,
  closeBracketsKeymap,
  defaultKeymap,
  drawSelection,
  highlightCode,
  history,
  historyKeymap,
  indentUnit,
  isolateHistory,
  keymap,
  syntaxHighlighting
} from 'codemirror'
import { colours, luaLanguage, parse } from './lua-language.js'

/** Nodes of a Lua text in colours, for code outside the editor. */
export function coloured(text) {
  const nodes = []
  const put = (code, classes) => {
    if (!classes) return nodes.push(code)
    const span = document.createElement('span')
    span.className = classes
    span.textContent = code
    nodes.push(span)
  }
  highlightCode(text, parse(text), colours, put, () => put('\n'))
  return nodes
}

const selectionOf = (area) => {
  // A caret beyond the end of the document would be an error.
  const bound = (place) => Math.min(place, area.value.length)
  return { anchor: bound(area.selectionStart), head: bound(area.selectionEnd) }
}

/**
 * Replaces a text area by an editor with the same id, label, description, text and caret.
 *
 * Like a text area, the element of the editor has a `value`.
 *
 * @param onKey called with each key press; `true` keeps the editor from handling it
 * @param onInput called after the text has changed
 */
export function replaceByEditor(area, { onKey, onInput }) {
  const { id } = area
  const label = document.querySelector(`label[for="${id}"]`)
  label.id ||= `${id}-label`
  const attributes = { id, 'aria-labelledby': label.id, 'data-testid': 'editor', spellcheck: 'false' }
  const described = area.getAttribute('aria-describedby')
  if (described) attributes['aria-describedby'] = described
  const state = EditorState.create({
    doc: area.value,
    selection: selectionOf(area),
    extensions: [
      Prec.highest(EditorView.domEventHandlers({ keydown: onKey })),
      EditorView.contentAttributes.of(attributes),
      EditorView.lineWrapping,
      EditorView.updateListener.of(({ docChanged }) => docChanged && onInput()),
      EditorState.tabSize.of(2),
      indentUnit.of('  '),
      ...[history(), drawSelection(), bracketMatching(), closeBrackets()],
      ...[luaLanguage, syntaxHighlighting(colours)],
      // The Tab key is not bound: it leaves the editor.
      keymap.of([...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap])
    ]
  })
  const focused = document.activeElement === area
  const view = new EditorView({ state })
  view.dom.classList.add(...area.classList)
  area.replaceWith(view.dom)
  if (focused) view.focus()
  label.addEventListener('click', () => view.focus())
  Object.defineProperty(view.contentDOM, 'value', {
    get: () => view.state.doc.toString(),
    set(text) {
      const changes = { from: 0, to: view.state.doc.length, insert: text }
      // A step of its own: undo restores the text that was replaced.
      const annotations = isolateHistory.of('full')
      view.dispatch({ changes, annotations, selection: { anchor: text.length }, scrollIntoView: true })
    }
  })
  return {
    element: view.contentDOM,
    caret() {
      const { doc, selection } = view.state
      const { from, to } = selection.main
      return { onFirst: doc.lineAt(from).number === 1, onLast: doc.lineAt(to).number === doc.lines }
    }
  }
}
