// Bundles the libraries of the playground. Its modules are served as they are written; a library is one module of its own.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const D3 = ['d3-axis', 'd3-scale', 'd3-selection', 'd3-shape'].map((part) => `export * from '${part}'`)

const CODEMIRROR = [
  `export { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'`,
  `export { defaultKeymap, history, historyKeymap, isolateHistory } from '@codemirror/commands'`,
  `export { StreamLanguage, bracketMatching, indentService, indentUnit, syntaxHighlighting } from '@codemirror/language'`,
  `export { lua } from '@codemirror/legacy-modes/mode/lua'`,
  `export { EditorState, Prec } from '@codemirror/state'`,
  `export { EditorView, drawSelection, keymap } from '@codemirror/view'`,
  `export { highlightCode, tagHighlighter, tags } from '@lezer/highlight'`
]

async function bundle(lines) {
  const stdin = { contents: lines.join('\n'), resolveDir: fileURLToPath(new URL('../..', import.meta.url)) }
  const { outputFiles } = await build({ stdin, bundle: true, minify: true, format: 'esm', write: false })
  return outputFiles[0].text
}

/** The libraries by their paths on the server: D3 for the diagrams, CodeMirror for the editor. */
export async function bundleVendors() {
  const [d3, codemirror] = await Promise.all([bundle(D3), bundle(CODEMIRROR)])
  return { '/vendor/d3.js': d3, '/vendor/codemirror.js': codemirror }
}
