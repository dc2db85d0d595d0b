// Keeps a service available: opens its connection on the first call, and another one after a crash.

import type { AoError } from '../errors.js'
import type { Connection, Open } from './client.js'
import { type Args, Crash, type Result } from './protocol.js'

export class Supervisor<S> {
  #open
  #crashed
  #connection: Connection<S> | undefined
  /** Why there will be no further connection. */
  #closed: Error | undefined

  /** @param crashed The error for the caller whose call crashed the service. */
  constructor(open: Open<S>, crashed: (message: string) => AoError) {
    this.#open = open
    this.#crashed = crashed
  }

  /** The current connection. After a crash it is another one, whose service has no state. */
  async connect(): Promise<Connection<S>> {
    this.#check()
    const connection = (this.#connection ??= await this.#guard(this.#open()))
    // It may have been closed while the connection opened.
    if (this.#closed) await this.stop(this.#closed)
    this.#check()
    return connection
  }

  /**
   * Calls a method of the service on the current connection.
   *
   * @throws What the service throws; the error of `crashed`; the reason of `stop` or `close`.
   */
  async call<M extends keyof S & string>(method: M, ...args: Args<S, M>): Promise<Result<S, M>> {
    const connection = await this.connect()
    return this.#guard(connection.call(method, ...args))
  }

  isCurrent(connection: Connection<S> | undefined): boolean {
    return connection !== undefined && connection === this.#connection
  }

  /** Ends the current connection. Pending calls reject with `reason`; the next call opens another connection. */
  async stop(reason: Error): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    await connection?.end(reason)
  }

  /** Ends the current connection for good. Pending and later calls reject with `reason`. */
  close(reason: Error): Promise<void> {
    this.#closed = reason
    return this.stop(reason)
  }

  #check() {
    if (this.#closed) throw this.#closed
  }

  async #guard<T>(pending: Promise<T>): Promise<T> {
    try {
      return await pending
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      await this.stop(error)
      throw this.#crashed(error.message)
    }
  }
}
