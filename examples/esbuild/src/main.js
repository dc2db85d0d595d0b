import { connect, createSigner } from 'aoxide'

const $ = (id) => document.getElementById(id)
const parameters = new URLSearchParams(location.search)
const ao = connect({ MU_URL: parameters.get('mu') ?? undefined, CU_URL: parameters.get('cu') ?? undefined })

$('form').onsubmit = async (event) => {
  event.preventDefault()
  const answer = $('answer')
  try {
    const process = $('process').value
    const signer = createSigner(JSON.parse(await $('key').files[0].text()))
    const message = await ao.message({ process, signer, data: $('text').value })
    const { Output } = await ao.result({ process, message })
    answer.textContent = JSON.stringify(Output)
    answer.dataset.state = 'done'
  } catch (error) {
    answer.textContent = `${error.code}: ${error.message}`
    answer.dataset.state = 'failed'
  }
}
