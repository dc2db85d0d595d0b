import { connect, createSigner } from 'aoxide'
import { DataItem } from 'aoxide/ans104'

const $ = (id) => document.getElementById(id)
const tags = (all) => Object.entries(all).map(([name, value]) => ({ name, value }))

await navigator.serviceWorker.register('network.js')
if (!navigator.serviceWorker.controller)
  await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }))

// The service worker answers requests to these addresses.
const url = `${location.origin}/ao`
const ao = connect({ MU_URL: `${url}/mu`, CU_URL: `${url}/cu`, SU_URL: `${url}/su`, GATEWAY_URL: url })

/** Uploads a module, and spawns a process of it. */
async function spawn(file, signer) {
  const data = new Uint8Array(await file.arrayBuffer())
  const encodings = { 'Input-Encoding': 'JSON-V1', 'Output-Encoding': 'JSON-V1' }
  const format = 'wasm64-unknown-emscripten-draft_2024_02_15'
  const module = { 'Data-Protocol': 'ao', Type: 'Module', 'Module-Format': format, ...encodings }
  const { id, raw } = await DataItem.create({ data, tags: tags(module) }).sign(signer)
  const headers = { 'Content-Type': 'application/octet-stream' }
  await fetch(`${url}/tx`, { method: 'POST', headers, body: raw })
  const scheduler = await (await fetch(`${url}/~meta@1.0/info/address`)).text()
  return ao.spawn({ module: id, scheduler, signer, tags: tags({ Authority: scheduler }) })
}

$('form').onsubmit = async (event) => {
  event.preventDefault()
  const answer = $('answer')
  delete answer.dataset.state
  try {
    const signer = createSigner(JSON.parse(await $('key').files[0].text()))
    const [file] = $('module').files
    if (file) localStorage.process = await spawn(file, signer)
    const { process } = localStorage
    const message = await ao.message({ process, signer, tags: tags({ Action: 'Eval' }), data: $('text').value })
    const { Output, Error: error } = await ao.result({ process, message })
    answer.textContent = error ? JSON.stringify(error) : Output.data
    answer.dataset.state = 'done'
  } catch (error) {
    answer.textContent = `${error.code}: ${error.message}`
    answer.dataset.state = 'failed'
  }
}
$('answer').textContent = localStorage.process ? `The process is ${localStorage.process}.` : 'Choose a module.'
