import { QueryClient } from '@tanstack/react-query'
import { isLocal } from './token'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // aoxide retries, because it knows what may be sent twice. Two retries would multiply.
      retry: false,
      staleTime: 5_000,
      // The local network also works offline.
      networkMode: isLocal ? 'always' : 'online'
    },
    mutations: {
      retry: false,
      // Otherwise a transfer that starts offline waits, and the wallet asks its user minutes later.
      networkMode: 'always'
    }
  }
})
