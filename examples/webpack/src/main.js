import { connect, createSigner } from 'aoxide'
import { DataItem } from 'aoxide/ans104'

const $ = (id) => document.getElementById(id)
const parameters = new URLSearchParams(location.search)
const ao = connect({ MU_URL: parameters.get('mu') ?? undefined, CU_URL: parameters.get('cu') ?? undefined })

let signed

function show(state, value) {
  $('answer').dataset.state = state
  $('answer').textContent = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

const attempt = (task) => async (event) => {
  event.preventDefault()
  await task().catch((error) => show('failed', `${error.code}: ${error.message}`))
}

$('form').onsubmit = attempt(async () => {
  const signer = createSigner(JSON.parse(await $('key').files[0].text()))
  signed = await ao.signMessage({ process: $('process').value, signer, data: $('text').value })

  // The bytes can be stored, verified, and sent at any later time.
  const item = await DataItem.parse(signed.raw)
  const { valid } = await item.verify()
  show('signed', { id: item.id, from: item.address, to: item.target, bytes: item.raw.length, tags: item.tags, valid })
  $('send').disabled = false
})

$('send').onclick = attempt(async () => {
  const message = await ao.sendSignedMessage(signed)
  const { Output } = await ao.result({ process: $('process').value, message })
  show('done', Output)
})
