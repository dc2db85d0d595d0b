import type { FormEvent } from 'react'
import type { Account } from '../account'
import { formatAmount, parseAmount, shorten } from '../amounts'
import type { Order, TokenInfo } from '../api'
import { explain } from '../errors'
import { useTransfer } from '../use-transfer'
import { Notice } from './Notice'
import { Progress } from './Progress'

export function TransferForm({ account, info }: { account: Account; info: TokenInfo }) {
  const { send, check, stage, cancel } = useTransfer(account)
  const isBusy = send.isPending || check.isPending
  // The outcome of the check replaces that of the transfer.
  const isChecked = !check.isIdle
  const isUnknown = send.isError && !isChecked && explain(send.error).mayHaveArrived !== undefined

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    const quantity = parseAmount(String(fields.get('amount')), info.denomination)
    // The browser has checked the fields: only a zero comes here.
    if (quantity === undefined) return
    check.reset()
    send.mutate({ recipient: String(fields.get('recipient')).trim(), quantity }, { onSuccess: () => form.reset() })
  }

  return (
    <section className="card" aria-labelledby="transfer-title">
      <h2 id="transfer-title">Transfer</h2>
      <form onSubmit={submit}>
        <label htmlFor="recipient">Recipient</label>
        <input
          id="recipient"
          name="recipient"
          required
          pattern="\s*[A-Za-z0-9_\-]{43}\s*"
          title="An address: 43 letters, digits, - and _"
          autoComplete="off"
          spellCheck={false}
        />
        <label htmlFor="amount">Amount in {info.ticker}</label>
        <input
          id="amount"
          name="amount"
          required
          inputMode="decimal"
          pattern={amountPattern(info.denomination)}
          title={`A number above zero, with at most ${info.denomination} decimals`}
          autoComplete="off"
        />
        <button className="primary" disabled={isBusy || isUnknown}>
          Send
        </button>
      </form>
      {send.isPending && <Progress stage={stage} cancel={cancel} />}
      {check.isPending && <p role="status">Looking for the result…</p>}
      {(isChecked ? check : send).isSuccess && send.variables && <p role="status">{sentence(send.variables, info)}</p>}
      {send.isError && !isChecked && <Notice error={send.error} check={check.mutate} />}
      {check.isError && <Notice error={check.error} retry={() => check.mutate(check.variables)} />}
    </section>
  )
}

const sentence = ({ recipient, quantity }: Order, { denomination, ticker }: TokenInfo) =>
  `Sent ${formatAmount(quantity, denomination)} ${ticker} to ${shorten(recipient)}.`

const amountPattern = (denomination: number) =>
  `(?=.*[1-9])\\d+${denomination > 0 ? `(\\.\\d{1,${denomination}})?` : ''}`
