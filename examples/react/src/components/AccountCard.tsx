import { useMutation } from '@tanstack/react-query'
import type { Account } from '../account'
import { useAccount } from '../accounts'
import { openDevelopmentKey } from '../token'
import { connectWallet, disconnectWallet } from '../wallet'
import { Notice } from './Notice'

const ways = [
  { text: 'Connect wallet', open: connectWallet },
  ...(openDevelopmentKey ? [{ text: 'Use the development key', open: openDevelopmentKey }] : [])
]

export function AccountCard() {
  const { account, setAccount } = useAccount()
  const connect = useMutation({ mutationFn: (open: () => Promise<Account>) => open(), onSuccess: setAccount })

  if (account)
    return (
      <section className="card" aria-labelledby="account-title">
        <h2 id="account-title">Your account</h2>
        <p>
          <code data-testid="address">{account.address}</code>
        </p>
        <button
          type="button"
          onClick={() => {
            if (account.kind === 'wallet') void disconnectWallet()
            setAccount(undefined)
          }}
        >
          Disconnect
        </button>
      </section>
    )

  return (
    <section className="card" aria-labelledby="account-title">
      <h2 id="account-title">Your account</h2>
      <p className="actions">
        {ways.map(({ text, open }) => (
          <button key={text} type="button" disabled={connect.isPending} onClick={() => connect.mutate(open)}>
            {text}
          </button>
        ))}
      </p>
      {connect.isPending && <p role="status">Connecting…</p>}
      {connect.error && <Notice error={connect.error} />}
    </section>
  )
}
