// Who signs: shared by all components.

import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import type { Account } from './account'
import { onWalletSwitch } from './wallet'

interface Accounts {
  account: Account | undefined
  setAccount: (account: Account | undefined) => void
}

const AccountContext = createContext<Accounts | undefined>(undefined)

export function AccountProvider({ children }: { children: ReactNode }) {
  const [account, setAccount] = useState<Account>()

  // The signer stays: a wallet signs with the account that is active. The address is part of the query keys.
  useEffect(
    () => onWalletSwitch((address) => setAccount((now) => (now?.kind === 'wallet' ? { ...now, address } : now))),
    []
  )

  return <AccountContext value={{ account, setAccount }}>{children}</AccountContext>
}

export function useAccount(): Accounts {
  const accounts = use(AccountContext)
  if (!accounts) throw new Error('useAccount must be used inside of AccountProvider')
  return accounts
}
