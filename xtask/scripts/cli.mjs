// Helpers for scripts that are both modules and commands.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** Whether the module at this URL is the one that Node was started with. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url)
}

/**
 * Runs a server until Ctrl-C or kill. `start` takes the options of the command line, and returns the function that stops
 * it.
 */
export async function untilStopped(start) {
  let stop = () => {}
  let stopping = false
  const end = async () => {
    if (stopping) return
    stopping = true
    await stop()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
  try {
    const flag = { type: 'boolean', default: false }
    const { values } = parseArgs({ options: { port: { type: 'string' }, public: flag, units: flag } })
    const running = await start({ ...values, port: values.port === undefined ? undefined : portNumber(values.port) })
    // The signal arrived during the start.
    if (stopping) await running()
    stop = running
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}

function portNumber(text) {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port must be a number from 0 to 65535, not "${text}"`)
  return port
}
