// One call of the SDK as a line of the history: its requests are recorded, its time taken, its failure kept.
import { connect } from 'aoxide'
import { session } from './session.js'
import { addresses } from './units.js'
import { recordingFetch } from './wire.js'

/** A client whose requests are taken down under `entry`. */
function clientOf(entry, progress) {
  const { local } = session
  if (!local) return connect({ MODE: 'legacy', ...addresses(), fetch: recordingFetch(entry, progress) })
  const network = {
    address: local.address,
    addModule: (...module) => local.addModule(...module),
    fetch: recordingFetch(entry, progress, (request) => local.fetch(request))
  }
  // Modules may come from Arweave; nothing else leaves the page.
  return connect({ MODE: 'local', network, fetch: recordingFetch(entry, progress) })
}

/** Answers that mean "not yet" from a compute unit that has not caught up with the scheduler. */
const NOT_YET = new Set([404, 408, 425, 429, 500, 502, 503, 504])
const PATIENCE = 60_000

/** `work(ao, progress)` gets a client whose requests are recorded under `entry`. Gives `{ value }` or `{ error }`. */
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

/** Asks the compute unit until it has the result, its answer is final, or a minute is over. */
export async function awaitResult(ao, input, { stage, signal }) {
  const until = performance.now() + PATIENCE
  stage('Waiting for the result…')
  for (let pause = 500; ; pause = Math.min(pause * 1.6, 5000)) {
    try {
      return await ao.result(input)
    } catch (error) {
      const status = error.details?.status
      if (!NOT_YET.has(status) || performance.now() + pause > until) throw error
      stage(`Waiting for the result… the compute unit answered ${status}, asking again`)
    }
    await sleep(pause, signal)
  }
}
