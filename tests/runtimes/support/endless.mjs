// Starts evaluations that never end, and stops them. Each runtime runs it, so it imports nothing.

const PROCESS = 'P'.repeat(43)
const OWNER = 'O'.repeat(43)
const MODULE = 'M'.repeat(43)

const message = (Id, Data, name, value) => ({
  Id,
  Target: PROCESS,
  Owner: OWNER,
  From: OWNER,
  Module: MODULE,
  Data,
  Tags: [{ name, value }],
  Timestamp: 1_700_000_000_000,
  'Block-Height': 1_300_000
})

const evaluate = (code) => message('I'.repeat(43), code, 'Action', 'Eval')

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The ways to stop an evaluation. */
export const WAYS = ['signal', 'close']

/** The engines on which an evaluation leaves its loop by itself. The native one does so where it counts gas. */
export const ENGINES = { wasmi: {}, native: { computeLimit: 1e15 } }

/**
 * Starts an endless loop in a worker, and stops it after half a second. Resolves when the evaluation has rejected: with the
 * signal's reason or with `STOPPED`.
 *
 * @param loadModule The package's.
 * @param aos The bytes of an aos module.
 * @param options Options for `loadModule`.
 * @param way `signal` or `close`.
 * @returns A function that evaluates another message, where the module is not closed, and closes it.
 */
export async function stopEndless(loadModule, aos, options, way) {
  const module = await loadModule(aos, { worker: true, ...options })
  if (!module.worker) throw new Error('it does not run in a worker')
  const process = await module.instantiate({
    Process: { Id: PROCESS, Owner: OWNER, Tags: [{ name: 'Name', value: 'Test' }] },
    Module: { Id: MODULE, Owner: OWNER, Tags: [] }
  })
  await process.handle(message(PROCESS, '', 'Type', 'Process'))
  const controller = new AbortController()
  const { signal } = controller
  const evaluation = process.handle(evaluate('while true do end'), { signal }).then(
    (evaluation) => JSON.stringify(evaluation),
    (error) => error
  )
  await pause(500)
  if (way === 'signal') controller.abort('enough')
  else await module.close()
  const error = await evaluation
  if (way === 'signal' ? error !== 'enough' : error.code !== 'STOPPED') {
    throw new Error(`the evaluation ended with ${error}`)
  }
  return async () => {
    if (way === 'close') return
    const { Output } = await process.handle(evaluate('return 1 + 1'))
    if (Output.data !== '2') throw new Error(`the next evaluation returns ${Output.data}`)
    await module.close()
  }
}
