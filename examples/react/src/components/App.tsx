import { useAccount } from '../accounts'
import { useTokenInfo } from '../queries'
import { isLocal } from '../token'
import { AccountCard } from './AccountCard'
import { BalanceCard } from './BalanceCard'
import { Notice } from './Notice'
import { TransferForm } from './TransferForm'
import { TransferList } from './TransferList'

export function App() {
  const { account } = useAccount()
  const { data: info, error, refetch } = useTokenInfo()
  return (
    <main>
      <header>
        <h1>{info?.name ?? 'Token'}</h1>
        <p className="badge">{isLocal ? 'Local network' : 'AO network'}</p>
      </header>
      {error && <Notice error={error} retry={refetch} />}
      <AccountCard />
      {account && info && (
        // Another account gets forms and messages of its own.
        <div className="contents" key={account.address}>
          <BalanceCard address={account.address} info={info} />
          <TransferForm account={account} info={info} />
        </div>
      )}
      {info && <TransferList info={info} />}
      {!info && !error && <p role="status">{isLocal ? 'Starting the local network…' : 'Reading the token…'}</p>}
    </main>
  )
}
