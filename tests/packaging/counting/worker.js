import { count } from './count.js'

count().then(
  (answer) => postMessage({ answer: `${self.constructor.name}: ${answer}` }),
  ({ code, message }) => postMessage({ error: { code, message } })
)
