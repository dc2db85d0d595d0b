// Spawns a process and talks to it: spawn, message, result, dryrun.
import { readFile } from 'node:fs/promises'
import { AoError, connect, createSigner, generateJwk, jwkToAddress } from 'aoxide'

const { WALLET, MU_URL, CU_URL, GATEWAY_URL } = process.env
const module = process.env.MODULE ?? 'JArYBF-D8q2OmZ4Mok00sD2Y_6SYEQ7Hjx-6VZ_jl3g'
const scheduler = process.env.SCHEDULER ?? '_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA'
const authority = process.env.AUTHORITY ?? 'fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY'

async function main() {
  const jwk = WALLET ? JSON.parse(await readFile(WALLET, 'utf8')) : await generateJwk()
  const owner = await jwkToAddress(jwk)
  console.log(`owner    ${owner}`)

  const signer = createSigner(jwk)
  const ao = connect({ MODE: 'legacy', MU_URL, CU_URL, GATEWAY_URL })

  const id = await ao.spawn({
    module,
    scheduler,
    signer,
    tags: [
      { name: 'Name', value: 'Counter' },
      { name: 'Authority', value: authority }
    ]
  })
  console.log(`process  ${id}`)

  const evaluate = [{ name: 'Action', value: 'Eval' }]
  const message = await ao.message({
    process: id,
    signer,
    tags: evaluate,
    data: 'Count = (Count or 40) + 1; return Count'
  })
  console.log(`message  ${message}`)

  const { Output, Error } = await ao.result({ process: id, message })
  console.log(`result   ${Error ?? shown(Output)}`)

  // A dryrun is not signed and changes nothing: the next one returns the same count.
  const preview = await ao.dryrun({
    process: id,
    Owner: owner,
    tags: evaluate,
    data: 'Count = Count + 1; return Count'
  })
  console.log(`dryrun   ${preview.Error ?? shown(preview.Output)}`)
}

/** Output of aos: text for a terminal, in some versions within an object. */
const shown = ({ data }) => data?.output ?? data

main().catch((error) => {
  if (!(error instanceof AoError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
})
