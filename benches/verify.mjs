// Compares the light client with evaluation that checks nothing: by aoxide/compute, and by ao-loader. Schedules come from local
// networks behind ports, in processes of their own. Their messages are signed beforehand.
import { address as owner } from '../tests/js/support/key.mjs'
import { startChild } from './child.mjs'
import { race } from './measure.mjs'
import { download } from './sizes.mjs'
import { MB, ms, row } from './table.mjs'

const REPLAYED = 1000
const LONG = 10_000

const program = (name) => new URL(`verify/${name}.mjs`, import.meta.url)

/** Starts a network with an aos process that has this many entries in its schedule: itself, and messages. */
async function networkOf(entries, keyType, use) {
  const { ask, end } = await startChild(program('network'), { messages: entries - 1, keyType })
  try {
    return await use(await ask('start'))
  } finally {
    await end()
  }
}

async function inChild(name, argument, use) {
  const { ask, end } = await startChild(program(name), argument)
  try {
    return await use(ask)
  } finally {
    await end()
  }
}

const replayed = (network, count) =>
  inChild('replay', network, (ask) =>
    race({ ours: () => ask('replay', count), peer: () => ask('evaluate', count) }, { rounds: 9, warmUp: 2 })
  )

const warm = (network) =>
  inChild('replay', network, async (ask) => {
    await ask('prepare', REPLAYED)
    return race({ ours: () => ask('dryrun'), peer: () => ask('preview') }, { rounds: 201, warmUp: 50 })
  })

/** Each time in a new Node.js process, which has imported the library. */
function cold(network) {
  const once = (library) => () => inChild('cold', library, (ask) => ask('start', network, owner, REPLAYED - 1))
  return race({ ours: once('aoxide'), peer: once('ao-loader') }, { rounds: 11, warmUp: 1 })
}

const beside = (what, { ours, peer }, peerName, most) => row({ what, aoxide: ours, peer, peerName, unit: ms, most })

export async function verify() {
  const rows = await networkOf(REPLAYED, 'rsa', async (network) => [
    beside('replay and verify 1,000 messages, RSA', await replayed(network, REPLAYED), 'compute, no check', 1.5),
    beside('warm dryrun, verified', await warm(network), 'compute, and one request', 1.2),
    beside('first answer from a checkpoint, verified', await cold(network), 'ao-loader, no check', 0.5)
  ])
  const [before, after] = await networkOf(LONG, 'ed25519', (network) =>
    inChild('replay', network, (ask) => ask('memory', [REPLAYED, LONG]))
  )
  const memory = { aoxide: after, peer: before, peerName: 'after 1,000', unit: MB, most: 1.1 }
  rows.push(
    row({ what: 'memory of a program after a replay of 10,000 messages', ...memory }),
    download('download for verifying, native, gzip -9', 'verify'),
    download('download for verifying, wasmi, gzip -9', 'verify-wasmi')
  )
  return { rows, notes: ['A view runs in place; its schedule comes through a port.'] }
}
