// Shows the result of `count.js`. `installCounting` renames compute.js or local.js to that. With `?worker`, the page runs it in a
// worker.
import { count } from './count.js'

const show = (state, text) => {
  const answer = document.getElementById('answer')
  answer.textContent = text
  answer.dataset.state = state
}
const failed = ({ code, message }) => show('failed', `${code}: ${message}`)

if (new URLSearchParams(location.search).has('worker')) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }) => (data.error ? failed(data.error) : show('done', data.answer))
  worker.onerror = failed
} else {
  count().then((answer) => show('done', answer), failed)
}
