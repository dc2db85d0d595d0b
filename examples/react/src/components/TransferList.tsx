import { formatAmount, shorten } from '../amounts'
import type { TokenInfo } from '../api'
import { useTransfers } from '../use-transfers'
import { Notice } from './Notice'

export function TransferList({ info }: { info: TokenInfo }) {
  const { transfers, error, reconnect } = useTransfers()
  return (
    <section className="card" aria-labelledby="transfers-title">
      <h2 id="transfers-title">Latest transfers</h2>
      {error !== undefined && <Notice error={error} retry={reconnect} />}
      {transfers?.length === 0 && <p>None yet.</p>}
      <ul className="transfers" aria-live="polite">
        {transfers?.map(({ id, from, to, quantity }) => (
          <li key={id}>
            <span>
              <code title={from}>{shorten(from)}</code> → <code title={to}>{shorten(to)}</code>
            </span>
            <strong>
              {formatAmount(quantity, info.denomination)} {info.ticker}
            </strong>
          </li>
        ))}
      </ul>
    </section>
  )
}
