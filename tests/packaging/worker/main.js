const $ = (id) => document.getElementById(id)
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })

const show = (state, text) => {
  $('answer').textContent = text
  $('answer').dataset.state = state
}
worker.onmessage = ({ data }) => show(data.error ? 'failed' : 'done', data.error ?? data.answer)
worker.onerror = ({ message }) => show('failed', `the worker failed: ${message}`)

$('send').onclick = async () => {
  const jwk = JSON.parse(await $('key').files[0].text())
  const { mu, cu } = Object.fromEntries(new URLSearchParams(location.search))
  worker.postMessage({ jwk, process: $('process').value, data: $('text').value, units: { MU_URL: mu, CU_URL: cu } })
}
