// Run by itself with an environment: prints which addresses a library asks, at top level and connected.
//   node environment.mjs aoconnect|aoxide
import { jwk } from './key.mjs'
import { aoxide } from './package.mjs'
import { aoconnect } from './peers.mjs'
import { recorder, withGlobalFetch } from './record.mjs'
import { json, moduleTags, transactions } from './replies.mjs'

const library = { aoconnect, aoxide }[process.argv[2]]
const signer = library.createSigner(jwk)
const id = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'

async function ask(ao) {
  const { fetch, requests } = recorder(({ body }) =>
    typeof body === 'string' && body.includes('transactionIds') ? json(transactions(moduleTags)) : json({ id: 'x' })
  )
  await withGlobalFetch(fetch, async () => {
    await ao.spawn({ module: id, scheduler: id, signer })
    await ao.message({ process: id, signer })
    await ao.result({ process: id, message: id })
  })
  return requests.map(({ method, url }) => `${method} ${url}`)
}

console.log(JSON.stringify({ topLevel: await ask(library), connected: await ask(library.connect({})) }))
