import { explain, startConversation, type Ask } from './conversation.js'

const find = <T extends HTMLElement>(selector: string) => document.querySelector<T>(selector)!
const form = find<HTMLFormElement>('#form')
const process = find<HTMLInputElement>('#process')
const text = find<HTMLInputElement>('#text')
const key = find<HTMLInputElement>('#key')

const parameters = new URLSearchParams(location.search)
const units = { MU_URL: parameters.get('mu') ?? undefined, CU_URL: parameters.get('cu') ?? undefined }

let ask: Ask | undefined
const startAgain = () => (ask = undefined)
key.onchange = startAgain
process.onchange = startAgain

async function chosenKey() {
  const file = key.files?.[0]
  return file && JSON.parse(await file.text())
}

function add(line: string, state: 'done' | 'failed') {
  const item = document.createElement('li')
  item.textContent = line
  find('#answer').append(item)
  find('#answer').dataset.state = state
}

form.onsubmit = async (event) => {
  event.preventDefault()
  try {
    ask ??= await startConversation(process.value, units, await chosenKey())
    const answer = await ask(text.value)
    add(`${text.value} → ${answer.text}`, 'done')
  } catch (error) {
    add(explain(error), 'failed')
  }
}
