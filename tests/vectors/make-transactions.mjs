// Makes transactions.json: transactions of the base layer, signed by arweave with key.json. node tests/vectors/make-transactions.mjs
import { readFile, writeFile } from 'node:fs/promises'
import Arweave from 'arweave'
import Transaction from 'arweave/node/lib/transaction.js'

const arweave = Arweave.init({ host: '127.0.0.1', port: 1, protocol: 'http' })
const jwk = JSON.parse(await readFile(new URL('key.json', import.meta.url)))
const lastTx = { 1: 'A'.repeat(43), 2: 'A'.repeat(64) }
const target = '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'

async function signed(format, data, more = {}) {
  const attributes = { format, last_tx: lastTx[format], reward: '12345', owner: jwk.n, data, ...more }
  if (format === 2) attributes.data_size = String(data.length)
  const transaction = new Transaction.default(attributes)
  transaction.addTag('Action', 'Note')
  transaction.addTag('App', 'layer é')
  await arweave.transactions.sign(transaction, jwk)
  if (!(await arweave.transactions.verify(transaction))) throw new Error('the signature is wrong')
  const { chunks, data: bytes, ...shown } = transaction.toJSON()
  return { ...shown, content: Buffer.from(data).toString('base64url') }
}

const text = new TextEncoder()
const transactions = [
  await signed(2, text.encode('a transaction that is no message')),
  await signed(2, new Uint8Array(0), { target, quantity: '1' }),
  // More than one chunk.
  await signed(2, new Uint8Array(300_000).fill(7), { target }),
  await signed(1, text.encode('of the first format'), { target, quantity: '5' })
]
// The large one is described, and not written out.
transactions[2].content = { byte: 7, length: 300_000 }
await writeFile(new URL('transactions.json', import.meta.url), JSON.stringify(transactions, null, 1) + '\n')
