// Step 3: composes a message or Lua code, and sends it or runs it as a dryrun.
import { AoError } from 'aoxide'
import { freshAnchor } from './anchor.js'
import { awaitResult, runCall } from './call.js'
import { $, h, oneLine } from './dom.js'
import { LuaField } from './lua-field.js'
import { answerOf } from './result-view.js'
import { session } from './session.js'
import { TagsEditor } from './tags-editor.js'
import { AsyncStatus } from './async-status.js'

const tag = (name, value) => ({ name, value })
const EVAL = [tag('Action', 'Eval')]

const EXAMPLES = [
  ['1 + 41', 'return 1 + 41'],
  [
    'Add a Ping handler',
    "Handlers.add('ping', 'Ping', function (msg)\n  msg.reply({ Data = 'Pong' })\nend)\nreturn 'ready'"
  ],
  ['Count', 'Counter = (Counter or 0) + 1\nreturn Counter'],
  ['An error', "error('this is thrown inside the process')"]
]

const PRESETS = [
  ['Ping', [tag('Action', 'Ping')], ''],
  ['Info', [tag('Action', 'Info')], ''],
  ['Balance', [tag('Action', 'Balance')], ''],
  ['Eval', EVAL, 'return 1 + 41']
]

const chip = (label, onclick) => h('button', { type: 'button', class: 'chip', onclick }, label)

/** Title of a history entry: its code, action or data. */
const titleOf = ({ data, tags }) => {
  const action = tags.find(({ name }) => name === 'Action')?.value
  return oneLine(action === 'Eval' && data ? data : (action ?? data ?? 'A message'))
}

/** The form's fields. Shows one of the two forms and builds the message. */
function startFields(code) {
  const editor = new TagsEditor($('message-tags'), { legend: 'Tags' })
  const tagsOf = { eval: EVAL, message: PRESETS[0][1] }
  let mode = 'eval'

  for (const radio of document.querySelectorAll('[name=compose]'))
    radio.addEventListener('change', () => {
      tagsOf[mode] = editor.tags
      mode = radio.value
      $('eval-fields').hidden = mode !== 'eval'
      $('message-fields').hidden = mode !== 'message'
      editor.set(tagsOf[mode])
    })

  const example = ([label, text]) =>
    chip(label, () => {
      code.value = text
      code.focus()
    })
  const preset = ([label, tags, data]) =>
    chip(label, () => {
      editor.set(tags)
      $('data').value = data
      $('send').focus()
    })
  $('code-examples').append(...EXAMPLES.map(example))
  $('presets').append(...PRESETS.map(preset))
  code.value = EXAMPLES[0][1]
  editor.set(tagsOf[mode])

  return {
    get mode() {
      return mode
    },
    message() {
      const data = mode === 'eval' ? code.value : $('data').value
      const anchor = $('anchor').value
      return { process: session.process, tags: editor.tags, ...(data && { data }), ...(anchor && { anchor }) }
    }
  }
}

/** The code, and what was sent before: Alt with the arrow keys restores it. */
function startCode() {
  const sent = []
  let at = 0
  const onKey = ({ key, altKey, ctrlKey, metaKey }) => {
    // The composer sends.
    if (key === 'Enter') return ctrlKey || metaKey
    const step = { ArrowUp: -1, ArrowDown: 1 }[key]
    if (!altKey || !step || sent.length === 0) return false
    at = Math.min(Math.max(at + step, 0), sent.length)
    code.value = sent[at] ?? ''
    return true
  }
  const code = new LuaField($('code'), { onKey })
  return {
    code,
    remember(text) {
      if (sent.at(-1) !== text) sent.push(text)
      at = sent.length
    }
  }
}

export function startComposer({ showCallDetail }) {
  const status = new AsyncStatus($('compose-status'), { controls: [$('send'), $('dryrun')] })
  const { code, remember } = startCode()
  const fields = startFields(code)

  const showAnswer = (entry) => {
    const failed = Boolean(entry.result?.Error)
    const mark = h('span', { class: `answer-mark ${failed ? 'bad' : ''}`, 'aria-hidden': 'true' }, failed ? '!' : '→')
    const text = h('output', { class: 'answer-text', 'data-testid': 'answer-text' }, entry.answer)
    const details = h('button', { type: 'button', class: 'quiet', onclick: () => showCallDetail(entry) }, 'Details')
    const parts = entry.result ? [mark, text] : [h('span', { class: 'hint' }, 'No answer.')]
    $('answer').replaceChildren(...parts, details)
    $('answer').hidden = false
  }

  const finish = (entry, { value: result }) => {
    if (result) session.change(entry, { result, answer: answerOf(result) })
    showAnswer(entry)
  }

  const refuse = (message) => status.fail(new AoError('BAD_ARGUMENT', message))
  let latest
  const begin = (kind, input) => {
    $('answer').hidden = true
    latest = session.begin({ kind, title: titleOf(input), input, process: input.process })
    return latest
  }
  // The user requested a missing result again.
  session.addEventListener('entry', ({ entry, fields }) => {
    if (entry !== latest || !fields.result || status.busy) return
    status.clear()
    showAnswer(entry)
  })

  const send = async () => {
    if (status.busy) return
    if (!session.key) return refuse('A message must be signed. Choose a key first (step 1).')
    if (!session.process) return refuse('A message needs a process. Spawn or choose one first (step 2).')
    const { signer } = session.key
    const input = { ...freshAnchor(), ...fields.message() }
    if (fields.mode === 'eval') remember(input.data)
    const entry = begin(fields.mode, input)
    const outcome = await runCall(status, 'Signing…', entry, async (ao, progress) => {
      const id = await ao.message({ ...input, signer })
      session.change(entry, { id })
      return awaitResult(ao, { process: input.process, message: id }, progress)
    })
    finish(entry, outcome)
  }

  const dryrun = async () => {
    if (status.busy) return
    if (!session.process) return refuse('A dryrun needs a process. Spawn or choose one first (step 2).')
    // A dryrun's sender is its `Owner`. Handlers such as Eval accept their owner only.
    const input = { ...fields.message(), ...(session.key && { Owner: session.key.address }) }
    const entry = begin('dryrun', input)
    finish(entry, await runCall(status, 'Waiting for the response…', entry, (ao) => ao.dryrun(input)))
  }

  $('compose-form').addEventListener('submit', (event) => {
    event.preventDefault()
    send()
  })
  $('dryrun').addEventListener('click', dryrun)
  $('composer').addEventListener('keydown', (event) => {
    if (event.key === 'Escape') status.stop()
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (event.shiftKey) dryrun()
    else send()
  })
}
