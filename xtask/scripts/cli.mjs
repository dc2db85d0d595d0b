// What the scripts share that can also be started by hand.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** Whether the module at this URL is the one that Node was started with. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url)
}

/** Starts something that runs until Ctrl-C or kill. `start` gets the options, and gives back how to stop. */
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
    // Whoever said stop while we were starting means it.
    if (stopping) await running()
    stop = running
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}

function portNumber(text) {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${text} is no port`)
  return port
}
