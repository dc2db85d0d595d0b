// Responses of units and nodes, and scripted networks that return them.

export const json = (body, status = 200) => Response.json(body, { status })
export const text = (body, status = 200) => new Response(body, { status })

const pairs = (tags) =>
  Object.entries(tags).flatMap(([name, values]) => [values].flat().map((value) => ({ name, value })))

export const moduleTags = {
  'Data-Protocol': 'ao',
  Type: 'Module',
  'Module-Format': 'wasm64-unknown-emscripten-draft_2024_02_15',
  'Input-Encoding': 'JSON-1',
  'Output-Encoding': 'JSON-1'
}

/** A gateway's response for transactions with these tags. */
export const transactions = (...all) => ({
  data: {
    transactions: {
      edges: all.map((tags) => ({ node: { owner: { address: 'owner' }, tags: pairs(tags), block: null } }))
    }
  }
})

export const scheduled = (nonce) => ({
  message: { id: 'message', tags: [] },
  assignment: {
    id: 'assignment',
    tags: [
      { name: 'Epoch', value: '0' },
      { name: 'Nonce', value: nonce }
    ]
  }
})

export const evaluation = {
  Messages: [{ Target: 'another-process', Anchor: '1', Data: 'pong', Tags: [{ name: 'Action', value: 'Pong' }] }],
  Assignments: [],
  Spawns: [],
  Output: { data: 'é€😀', print: true },
  GasUsed: 585
}

export const su = 'https://su-router.ao-testnet.xyz'

/**
 * A network whose units work. `overrides` replaces the response of a unit (`mu`, `cu`, `gateway`, `router`, `su`) with a
 * function of the request.
 */
export function network(overrides = {}) {
  const units = {
    mu: () => json({ id: 'an-id', message: 'Processing DataItem' }),
    cu: () => json(evaluation),
    gateway: () => json(transactions(moduleTags)),
    router: () => json({ address: 'scheduler', url: 'https://elsewhere.test' }),
    su: () => json(scheduled('7')),
    ...overrides
  }
  return (request) => units[unitOf(request.url)](request)
}

function unitOf(url) {
  if (url.startsWith('https://mu.test')) return 'mu'
  if (url.startsWith('https://cu.test')) return 'cu'
  if (url.startsWith('https://gateway.test') || url.startsWith('https://arweave.net')) return 'gateway'
  if (new URL(url).origin === su) return new URL(url).pathname === '/' ? 'router' : 'su'
  return 'su'
}

export const address = 'Aj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'
export const spawned = 'Nj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'

/**
 * A HyperBEAM node that works, and the units of `network`. `overrides` replaces the responses of `address`, `spawn`, `push`,
 * `schedule`, `slot`, `result`, `dryrun`, `state` and `other`.
 */
export function node(overrides = {}) {
  const parts = {
    address: () => text(address),
    spawn: () => new Response('anything', { headers: { process: spawned } }),
    push: () => json({ slot: 7, id: 'an-id', raw: evaluation }),
    schedule: () => json({ slot: 7 }),
    slot: () => text('12'),
    result: () => json({ raw: evaluation }),
    dryrun: () => json({ raw: evaluation }),
    state: () => json({ body: '1' }),
    other: () => text('other'),
    ...overrides
  }
  const legacy = network(overrides)
  return (request, count) => {
    const { host, pathname } = new URL(request.url)
    return host.endsWith('node.test') ? parts[partOf(pathname)](request, count) : legacy(request)
  }
}

function partOf(path) {
  if (path.endsWith('~meta@1.0/info/address')) return 'address'
  if (path.endsWith('~process@1.0/push')) return 'push'
  if (path.endsWith('/push')) return 'spawn'
  if (path.endsWith('/schedule')) return 'schedule'
  if (path.endsWith('/slot/current')) return 'slot'
  if (/\/compute(&slot=\d+\/results$|\/results=)/.test(path)) return 'result'
  if (path.includes('/as=execution/compute')) return 'dryrun'
  return /\/(now|compute)/.test(path) ? 'state' : 'other'
}

/** Throws the error of Node.js for a refused connection. */
export function unreachable() {
  const cause = new Error('connect ECONNREFUSED')
  // Not enumerable, so that aoconnect does not write it into its message.
  Object.defineProperty(cause, 'code', { value: 'ECONNREFUSED' })
  throw Object.assign(new TypeError('fetch failed'), { cause })
}
