// What takes more than one call: sending and waiting, and following a process. Fetched by those who use it.

import { AoError } from '../errors.js'

/** A message, and then its result. */
export async function send(ao, given) {
  const { onProgress, onSigned, ...input } = Object(given)
  const { process, signal } = input
  const tell = (event) => {
    try {
      onProgress?.(event)
    } catch {
      // Whoever listens must not break what he listens to.
    }
  }
  const signed = (id, how) => {
    onSigned?.(id, how)
    tell({ stage: 'signed', id })
  }
  const mainnet = ao.MODE === 'mainnet'
  const sent = await ao.message({
    ...input,
    onSigned: signed,
    returnMessageId: true,
    returnAssignmentSlot: mainnet,
    opts: undefined
  })
  const place = mainnet ? sent : { id: sent }
  tell({ stage: 'sent', ...place })
  try {
    const asked = mainnet ? { slot: place.slot } : { message: place.id }
    // How often a request is tried is not how long a result is waited for.
    const { attempts, ...retry } = Object(input.retry)
    const result = await ao.result({ process, ...asked, wait: true, signal, retry, timeout: input.timeout })
    tell({ stage: 'done', ...place })
    return { ...result, ...place }
  } catch (error) {
    if (!(error instanceof AoError)) throw error
    const { code, message, details, cause } = error
    if (code === 'CRASH') place.sent = true
    const advice = 'The message was sent: ask for its result before you send another.'
    throw new AoError(code, `${message.replace(/\.$/, '')}. ${advice}`, { details: { ...details, ...place }, cause })
  }
}

/** The results that come after a cursor, or from now on, for as long as somebody wants them. */
export async function* stream(ao, given) {
  const { from, interval = 1000, signal, ...input } = Object(given)
  const ask = { retry: { attempts: 6 }, ...input, signal }
  let cursor = from
  if (cursor === undefined) cursor = (await ao.results({ ...ask, sort: 'DESC', limit: 1 })).edges[0]?.cursor
  for (;;) {
    signal?.throwIfAborted()
    const { edges } = await ao.results({ ...ask, sort: 'ASC', limit: 25, from: cursor })
    // Some units begin with the cursor, others after it.
    const fresh = edges.filter((edge) => edge.cursor !== cursor)
    for (const edge of fresh) {
      cursor = edge.cursor
      yield edge
    }
    if (fresh.length === 0) await sleep(interval, signal)
  }
}

function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const timer = setTimeout(done, milliseconds)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      if (signal?.aborted) reject(signal.reason)
      else resolve()
    }
    signal?.addEventListener('abort', done)
  })
}
