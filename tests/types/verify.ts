// Verified answers: a proof is there when it was asked for, and only then.
import {
  connect,
  dryrun,
  result,
  results,
  type Evaluation,
  type MainnetResult,
  type Proof,
  type Proven,
  type ProvenPage,
  type ResultsPage,
  type StateValue,
  type View
} from 'aoxide'
import { follow, type FollowOptions, type SlotReport } from 'aoxide/verify'
import { a, holds, type Equal } from './check.js'

const process = a<string>()
const tags = [{ name: 'Action', value: 'Info' }]
const legacy = connect()
const mainnet = connect({ MODE: 'mainnet' })
const local = connect({ MODE: 'local' })

// `verify` adds the proof
const proven = await legacy.dryrun({ process, tags, verify: true })
holds<Equal<typeof proven, Proven<Evaluation>>>()
holds<Equal<typeof proven.proof, Proof>>()
holds<Equal<typeof proven.proof.unit, 'agrees' | 'other-order' | 'differs' | 'stale' | 'no-answer' | 'not-asked'>>()
const here = await legacy.dryrun({ process, verify: 'local' })
holds<Equal<typeof here, Proven<Evaluation>>>()
const page = await legacy.results({ process, limit: 5, verify: 'local' })
holds<Equal<typeof page, ProvenPage>>()
const ofMessage = await local.result({ process, message: 'id', verify: true })
holds<Equal<typeof ofMessage, Proven<Evaluation>>>()
const ofSlot = await mainnet.result({ process, slot: 4, verify: true })
holds<Equal<typeof ofSlot, Proven<Evaluation>>>()
const state = await mainnet.state(process, { path: 'cache/balances', verify: 'local' })
holds<Equal<typeof state.proof, Proof>>()
for await (const { node } of legacy.stream({ process, verify: 'local' }))
  holds<Equal<typeof node, Proven<Evaluation>>>()

// without it, everything is as before
const plain = await legacy.dryrun({ process, tags })
holds<Equal<typeof plain, Evaluation>>()
// @ts-expect-error there is no proof
plain.proof
const off = await mainnet.dryrun({ process, verify: false })
holds<Equal<typeof off, MainnetResult>>()
const units = await legacy.results({ process })
holds<Equal<typeof units, ResultsPage>>()
const value = await mainnet.state(process)
holds<Equal<typeof value, StateValue>>()
// @ts-expect-error neither true nor 'local'
legacy.dryrun({ process, verify: 'yes' })

// the verbs at top level
const top = [
  await dryrun({ process, verify: true }),
  await result({ process, message: 'id', verify: 'local' }),
  await results({ process, verify: true })
]
holds<Equal<(typeof top)[number]['proof'], Proof>>()

// follow
const view = await legacy.follow(process)
holds<Equal<typeof view, View>>()
await mainnet.follow(process, {
  trust: { scheduler: 'address', checkpoints: ['address'] },
  age: { refuse: 60_000 },
  onProgress: ({ slot, of, phase }) => void [slot / of, phase],
  timeout: 1000
})
await local.follow(process, { source: { node: 'https://node' } })
await follow(process, { source: { scheduler: 'https://su', gateway: 'https://gateway', unit: 'https://cu' } })
// @ts-expect-error without a client, the source must be named
await follow(process, {})
// @ts-expect-error a scheduler needs a gateway
await follow(process, { source: { scheduler: 'https://su' } })
const options: FollowOptions = { source: { node: 'https://node' }, storage: 'indexeddb' }
await follow(process, options)
await view.dryrun({ tags }, { advance: true, unit: false })
for await (const slot of view.slots({ signal: new AbortController().signal })) holds<Equal<typeof slot, SlotReport>>()
