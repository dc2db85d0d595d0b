// Reads: what is cached, under which key, and for how long.

import { useQuery } from '@tanstack/react-query'
import { readBalance, readInfo } from './api'
import { openToken } from './token'

/** All keys of the app, from the general to the particular. A prefix invalidates everything under it. */
export const keys = {
  info: ['token', 'info'] as const,
  balances: ['token', 'balance'] as const,
  balance: (address: string) => ['token', 'balance', address] as const,
  transfer: ['token', 'transfer'] as const
}

/** A token's name never changes, so it is read once. */
export function useTokenInfo() {
  return useQuery({
    queryKey: keys.info,
    queryFn: async ({ signal }) => readInfo(await openToken(), signal),
    staleTime: Infinity
  })
}

/** The stream of transfers refreshes it at once; the interval is for what the stream missed. */
export function useBalance(address: string) {
  return useQuery({
    queryKey: keys.balance(address),
    queryFn: async ({ signal }) => readBalance(await openToken(), address, signal),
    refetchInterval: 15_000
  })
}
