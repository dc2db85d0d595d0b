// The transfers of the token as they happen.

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { followTransfers, type Transfer } from './api'
import { keys } from './queries'
import { openToken } from './token'

/** How many are shown. */
const LENGTH = 10

export function useTransfers() {
  const client = useQueryClient()
  const [transfers, setTransfers] = useState<Transfer[]>()
  const [error, setError] = useState<unknown>()
  const [connection, setConnection] = useState(0)

  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller

    async function follow() {
      setError(undefined)
      setTransfers(undefined)
      for await (const fresh of followTransfers(await openToken(), signal)) {
        // StrictMode runs effects twice: the first stream must not write into the state of the second.
        if (signal.aborted) return
        setTransfers((earlier = []) => [...fresh, ...earlier].slice(0, LENGTH))
        for (const address of fresh.flatMap(({ from, to }) => [from, to]))
          void client.invalidateQueries({ queryKey: keys.balance(address) })
      }
    }

    follow().catch((thrown: unknown) => {
      if (!signal.aborted) setError(thrown)
    })
    return () => controller.abort()
  }, [client, connection])

  return { transfers, error, reconnect: () => setConnection((count) => count + 1) }
}
