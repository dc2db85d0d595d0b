// Runs one call of the SDK and stores its requests, duration and failure in the history.
import { connect } from 'aoxide'
import { session } from './session.js'
import { addresses } from './units.js'
import { recordingFetch } from './wire.js'

/** Client that records its requests in `entry`. */
function clientOf(entry, progress) {
  const { local } = session
  if (!local) return connect({ MODE: 'legacy', ...addresses(), fetch: recordingFetch(entry, progress) })
  const network = {
    address: local.address,
    addModule: (...module) => local.addModule(...module),
    fetch: recordingFetch(entry, progress, (request) => local.fetch(request))
  }
  // Modules may be downloaded from Arweave. The page sends no other request to the outside.
  return connect({ MODE: 'local', network, fetch: recordingFetch(entry, progress) })
}

/** Status codes with which a compute unit says that it has not evaluated the message yet. */
const NOT_YET = new Set([404, 408, 425, 429, 500, 502, 503, 504])
const PATIENCE = 60_000

/** Calls `work(ao, progress)` with a client that records its requests in `entry`. Returns `{ value }` or `{ error }`. */
export async function runCall(status, stage, entry, work) {
  const began = performance.now()
  session.change(entry, { state: 'busy', error: undefined })
  const outcome = await status.run(stage, (progress) => work(clientOf(entry, progress), progress))
  const state = outcome.error ? 'failed' : 'done'
  session.change(entry, { state, error: outcome.error, ms: performance.now() - began })
  return outcome
}

const sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })

/** Polls the compute unit until it returns the result or a final error, for at most one minute. */
export async function awaitResult(ao, input, { stage, signal }) {
  const until = performance.now() + PATIENCE
  stage('Waiting for the result…')
  for (let pause = 500; ; pause = Math.min(pause * 1.6, 5000)) {
    try {
      return await ao.result(input)
    } catch (error) {
      const status = error.details?.status
      if (!NOT_YET.has(status) || performance.now() + pause > until) throw error
      stage(`Waiting for the result… the compute unit responded ${status}, retrying`)
    }
    await sleep(pause, signal)
  }
}
