// Console log of one process: the Lua that its owner sent, and the output.
import { h, oneLine } from './dom.js'
import { luaView } from './lua-field.js'
import { networkStore } from './network-store.js'
import { answerText } from './result-view.js'

const COLOURS = /\u001b\[[0-9;]*m/g
const gas = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })

export const plain = (text) => String(text).replace(COLOURS, '')

/** Formats an amount of gas compactly. */
export const gasText = (used) => `${gas.format(used)} gas`

/** Whether the entry is an Eval message from the owner of the process. */
export const isEval = (entry, process) =>
  entry.kind === 'message' && entry.action === 'Eval' && entry.from === process.owner

/** Prompt of the process: it returns it with each output. */
export const promptOf = (process) => {
  const last = process?.messages.findLast(({ result }) => result?.Output?.prompt)
  return last ? plain(last.result.Output.prompt).trim() : 'Lua>'
}

/** View of the code that was sent, with its prompt. */
export const saidView = (prompt, code) =>
  h('div', { class: 'said' }, h('span', { class: 'said-prompt' }, prompt), luaView(code))

const answerView = ({ result }) => {
  const error = answerText(result?.Error)
  const output = answerText(result?.Output)
  return [
    output !== '' && h('pre', { class: 'came', 'data-testid': 'came' }, output),
    error !== '' && h('pre', { class: 'came bad', 'data-testid': 'came-bad' }, error)
  ]
}

const effectsOf = ({ Messages = [], Spawns = [] }) => {
  const count = (number, what) => number > 0 && `${number} ${what}${number === 1 ? '' : 's'} out`
  return [count(Messages.length, 'message'), count(Spawns.length, 'spawn')]
}

function evalView(entry, prompt, open) {
  const facts = [...effectsOf(entry.result ?? {}), gasText(entry.result?.GasUsed ?? 0)].filter(Boolean)
  const more = h('button', { type: 'button', class: 'said-facts', onclick: () => open(entry) }, facts.join(' · '))
  more.setAttribute('aria-label', `Message ${entry.slot}: ${facts.join(', ')}. Show it`)
  return h('li', { class: 'turn', 'data-testid': 'turn' }, saidView(prompt, entry.data), answerView(entry), more)
}

/** View of a message from another sender whose handler printed something. */
function heardView(entry, open) {
  const title = `${entry.action || entry.kind} from ${networkStore.nameOf(entry.from)}`
  const head = h('button', { type: 'button', class: 'heard', onclick: () => open(entry) }, oneLine(title))
  return h('li', { class: 'turn', 'data-testid': 'heard' }, head, answerView(entry))
}

/** Elements of a process's console log. Elements of known entries are reused. */
export class ConsoleLog {
  #views = new Map()
  #open

  /** @param open called with the entry that the user selects */
  constructor(open) {
    this.#open = open
  }

  of(process) {
    let prompt = 'Lua>'
    const views = []
    for (const entry of process.messages) {
      const view = this.#viewOf(entry, process, prompt)
      if (view) views.push(view)
      if (entry.result?.Output?.prompt) prompt = plain(entry.result.Output.prompt).trim()
    }
    return views
  }

  #viewOf(entry, process, prompt) {
    if (!entry.result) return undefined
    if (!this.#views.has(entry)) {
      const said = answerText(entry.result.Error) || answerText(entry.result.Output)
      if (isEval(entry, process)) this.#views.set(entry, evalView(entry, prompt, this.#open))
      else this.#views.set(entry, said === '' ? undefined : heardView(entry, this.#open))
    }
    return this.#views.get(entry)
  }
}
