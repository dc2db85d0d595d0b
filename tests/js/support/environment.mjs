// Runs in a process with its own environment. Prints the requests of the top-level verbs and of a client of `connect`, for each
// of the two libraries.
//   node environment.mjs
//   node environment.mjs '{"MU_URL":"https://mu.page"}'   (as on a page with these globals)
import { jwk } from './key.mjs'
import { aoxide } from './package.mjs'
import { arbundles } from './peers.mjs'
import { recorder, withGlobalFetch } from './record.mjs'
import { json, moduleTags, transactions } from './replies.mjs'

const [page] = process.argv.slice(2)
// Set before the import: aoconnect reads these globals, and the language of the page, when it is imported.
if (page) Object.assign(globalThis, { navigator: { language: 'en' } }, JSON.parse(page))
const aoconnect = await import(page ? '@permaweb/aoconnect/browser' : '@permaweb/aoconnect')
/** A signer like a browser wallet, the only kind that the browser build of aoconnect accepts. */
const signer = async (create) => {
  const { data, ...options } = await create({ passthrough: true })
  const key = new arbundles.ArweaveSigner(jwk)
  const item = arbundles.createData(data, key, options)
  await item.sign(key)
  return { id: item.id, raw: item.getRaw() }
}
const id = 'Pj7nXOVq5y5gAYxqQFqGq3F1wZc5rZ8m0n4r8tB1aaA'

async function requestsOf(ao) {
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

const asked = async (library) => ({
  topLevel: await requestsOf(library),
  connected: await requestsOf(library.connect({}))
})
console.log(JSON.stringify({ aoconnect: await asked(aoconnect), aoxide: await asked(aoxide) }))
