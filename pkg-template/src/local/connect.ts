// Where a local network runs: on the caller's thread, or in a worker, which may end at any time.

import { AoError } from '../errors.js'
import { type Connection, inPlace } from '../worker/client.js'
import type { Report } from '../worker/server.js'
import { Supervisor } from '../worker/supervisor.js'
import { engineFor } from './engines.js'
import { createService, type NetworkService, type ServiceOptions } from './service.js'

/**
 * Connects to a new service.
 *
 * @param worker Whether it runs in a worker, where one can be started.
 * @param wanted The option `worker`: see `Workers.find`.
 * @param report Receives the network's events.
 */
export async function connectService(
  options: ServiceOptions,
  engine: unknown,
  worker: boolean,
  wanted: boolean | undefined,
  report: Report
): Promise<Connection<NetworkService>> {
  const { inPlace: module, workers } = engineFor(engine)
  const open = worker ? await workers.find(wanted, report) : undefined
  if (!open) {
    const service = createService(module, report)
    service.configure(options)
    return inPlace(service, () => service.free())
  }
  /** Why there is no other worker after a crash. */
  let lost: string | undefined
  const openConfigured = async () => {
    if (lost) throw new AoError('STOPPED', lost)
    const connection = await open()
    try {
      await connection.call('configure', options)
    } catch (error) {
      await connection.end(error as Error)
      throw error
    }
    return connection
  }
  const crashed = (message: string) => {
    if (options.storage === 'memory') lost = 'The network is gone with its worker, which had its records in memory'
    return new AoError(
      'CRASH',
      `The worker of the network ended: ${message}. ${lost ?? 'The next call starts another one'}.`
    )
  }
  const supervisor = new Supervisor(openConfigured, crashed)
  return {
    worker: true,
    call: (method, ...args) => supervisor.call(method, ...args),
    end: (reason) => supervisor.close(reason)
  }
}
