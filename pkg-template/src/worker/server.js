// The end of a line that is in a worker: see line.js. In the package each worker is one script that imports nothing: see
// pack.mjs.

/**
 * The first message becomes what answers all others, by way of `begin`; it is answered with `{ ready: true }`, or
 * `{ failed }`.
 */
export function serve(begin) {
  let answer
  self.onmessage = async ({ data }) => {
    if (answer) return post(await answer(data))
    try {
      answer = await begin(data)
      self.postMessage({ ready: true })
    } catch (error) {
      self.postMessage({ failed: error.message })
    }
  }
}

function post(answered) {
  const { value, error } = answered
  // What is handed over need not be copied.
  const bytes = value instanceof Uint8Array ? value : value?.body
  try {
    self.postMessage(answered, bytes instanceof Uint8Array ? [bytes.buffer] : [])
  } catch {
    // Some causes of errors stay where they are.
    self.postMessage({ ...answered, error: error && { code: error.code, message: error.message } })
  }
}
