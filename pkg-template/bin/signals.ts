// Signals that end a command.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Milliseconds within which a second signal counts as the same one. */
const SAME = 1000

/** Calls a function at each signal, until the returned function is called. Without one, a signal ends the process at once. */
export function catchSignals(receive: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, receive)
  return () => {
    for (const signal of SIGNALS) process.off(signal, receive)
  }
}

/**
 * Calls `close` at the first signal. A signal of the terminal may come twice, since `npx` and `bunx` pass it on. A user who
 * sends another one later ends the process at once.
 */
export function closeAtSignal(close: () => Promise<void>): void {
  let since: number | undefined
  const release = catchSignals(async () => {
    if (since !== undefined) {
      if (Date.now() - since > SAME) process.exit(1)
      return
    }
    since = Date.now()
    await close()
    release()
  })
}
