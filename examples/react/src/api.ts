// What the app does with a token. No React here.

import type { Evaluation, OutboxMessage, Signer, Tag } from 'aoxide'
import type { Token } from './token'

export interface TokenInfo {
  name: string
  ticker: string
  /** The number of decimals. */
  denomination: number
}

export interface Transfer {
  /** Unique and stable, so that it can be a React key. */
  id: string
  from: string
  to: string
  quantity: bigint
}

/** The process evaluated the message and rejected it. */
export class RejectedByProcess extends Error {}

export async function readInfo({ ao, process }: Token, signal: AbortSignal): Promise<TokenInfo> {
  const { tags } = answerOf(await ao.dryrun({ process, signal, tags: [{ name: 'Action', value: 'Info' }] }))
  return {
    name: valueOf(tags, 'Name') ?? 'Token',
    ticker: valueOf(tags, 'Ticker') ?? '',
    denomination: Number(valueOf(tags, 'Denomination') ?? 0)
  }
}

export async function readBalance({ ao, process }: Token, address: string, signal: AbortSignal): Promise<bigint> {
  const tags = [
    { name: 'Action', value: 'Balance' },
    { name: 'Recipient', value: address }
  ]
  const answer = answerOf(await ao.dryrun({ process, tags, signal }))
  return BigInt(valueOf(answer.tags, 'Balance') ?? answer.data)
}

/** What a transfer waits for: the wallet, the network, the process. */
export type Stage = 'signing' | 'sending' | 'evaluating'

export interface Order {
  recipient: string
  quantity: bigint
}

export interface TransferOptions {
  signer: Signer
  signal: AbortSignal
  onStage: (stage: Stage) => void
}

/** Signs a transfer, sends it and waits for its result. Rejects if the process does not move the tokens. */
export async function transfer({ ao, process }: Token, order: Order, options: TransferOptions): Promise<void> {
  const { signer, signal, onStage } = options
  const tags = [
    { name: 'Action', value: 'Transfer' },
    { name: 'Recipient', value: order.recipient },
    { name: 'Quantity', value: String(order.quantity) }
  ]
  onStage('signing')
  const result = await ao.send({
    process,
    signer,
    tags,
    signal,
    onProgress({ stage }) {
      if (stage === 'signed') onStage('sending')
      if (stage === 'sent') onStage('evaluating')
    }
  })
  assertTransferred(result)
}

/** Waits for the result of a transfer that may have arrived. Rejects as `transfer` does. */
export async function checkTransfer({ ao, process }: Token, message: string): Promise<void> {
  assertTransferred(await ao.result({ process, message, wait: true, timeout: 20_000 }))
}

/**
 * Yields lists of transfers: first the last ten, the newest first, then those of each new result. Never ends by itself.
 */
export async function* followTransfers({ ao, process }: Token, signal: AbortSignal): AsyncGenerator<Transfer[]> {
  const { edges } = await ao.results({ process, sort: 'DESC', limit: 10, signal })
  yield edges.flatMap(transfersIn)
  // An empty cursor stands for the beginning.
  const from = edges[0]?.cursor ?? ''
  for await (const edge of ao.stream({ process, from, signal })) {
    const transfers = transfersIn(edge)
    if (transfers.length > 0) yield transfers
  }
}

/** Each transfer has one `Credit-Notice`, which the process sends to the recipient. */
function transfersIn({ cursor, node }: { cursor: string; node: Evaluation }): Transfer[] {
  return (node.Messages ?? []).flatMap(({ Target, Tags }, index) => {
    if (valueOf(Tags, 'Action') !== 'Credit-Notice') return []
    const [from, quantity] = [valueOf(Tags, 'Sender'), valueOf(Tags, 'Quantity')]
    return from && quantity ? [{ id: `${cursor} ${index}`, from, to: Target, quantity: BigInt(quantity) }] : []
  })
}

function assertTransferred(result: Evaluation): void {
  const isRefusal = ({ Tags }: OutboxMessage) => valueOf(Tags, 'Action') === 'Transfer-Error'
  // Tokens say with a message that a balance is too small. Wrong tags are an error of the evaluation.
  if (result.Error) throw new RejectedByProcess(String(result.Error))
  const refusal = result.Messages.find(isRefusal)
  if (refusal) throw new RejectedByProcess(valueOf(refusal.Tags, 'Error') ?? refusal.Data)
}

function answerOf({ Error: problem, Messages }: Evaluation): { tags: Tag[]; data: string } {
  if (problem) throw new RejectedByProcess(String(problem))
  const [message] = Messages
  if (!message) throw new RejectedByProcess('The process did not answer. Is it a token?')
  return { tags: message.Tags, data: message.Data ?? '' }
}

const valueOf = (tags: readonly Tag[], name: string) => tags.find((tag) => tag.name === name)?.value
