import { formatAmount } from '../amounts'
import type { TokenInfo } from '../api'
import { useBalance } from '../queries'
import { usePending } from '../use-transfer'
import { Notice } from './Notice'

export function BalanceCard({ address, info }: { address: string; info: TokenInfo }) {
  const { data: balance, error, isFetching, refetch } = useBalance(address)
  const pending = usePending(address)
  const amount = (quantity: bigint) => `${formatAmount(quantity, info.denomination)} ${info.ticker}`
  return (
    <section className="card" aria-labelledby="balance-title" aria-busy={isFetching}>
      <h2 id="balance-title">Balance</h2>
      <p className="balance" data-testid="balance">
        {balance === undefined ? '…' : amount(balance)}
      </p>
      {pending > 0n && <p role="status">{amount(pending)} on the way</p>}
      {error && <Notice error={error} retry={refetch} />}
    </section>
  )
}
