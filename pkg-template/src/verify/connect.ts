// Where a view is computed: on the caller's thread, or in a worker, which may end at any time.

import { AoError } from '../errors.js'
import { type Connection, inPlace } from '../worker/client.js'
import type { Report } from '../worker/server.js'
import { Supervisor } from '../worker/supervisor.js'
import { answering } from './asked-fetch.js'
import { engineFor } from './engines.js'
import { createService, type ServiceOptions, type ViewService } from './service.js'

/** Milliseconds of work on the caller's thread after which other work gets its turn. */
const SLICE = 12

/**
 * Connects to a new service.
 *
 * @param worker Whether it runs in a worker, where one can be started.
 * @param wanted The option `worker`: see `Workers.find`.
 * @param fetch The caller's own `fetch`.
 * @param report Receives the events of runs.
 */
export async function connectService(
  options: ServiceOptions,
  engine: unknown,
  worker: boolean,
  wanted: boolean | undefined,
  fetch: typeof globalThis.fetch | undefined,
  report: Report
): Promise<Connection<ViewService>> {
  const { inPlace: module, workers } = engineFor(engine)
  const open = worker ? await workers.find(wanted, report, fetch && answering(fetch)) : undefined
  if (!open) {
    const service = createService(module, report, SLICE, fetch)
    service.configure(options)
    return inPlace(service, () => service.free())
  }
  const openConfigured = async () => {
    const connection = await open()
    try {
      await connection.call('configure', options)
    } catch (error) {
      await connection.end(error as Error)
      throw error
    }
    return connection
  }
  const crashed = (message: string) =>
    new AoError('CRASH', `The worker of the view ended: ${message}. The next call starts another one.`)
  const supervisor = new Supervisor(openConfigured, crashed)
  return {
    worker: true,
    call: (method, ...args) => supervisor.call(method, ...args),
    end: (reason) => supervisor.close(reason)
  }
}
