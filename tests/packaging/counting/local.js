import { connect, createSigner, generateJwk } from 'aoxide'
import { createLocalNetwork } from 'aoxide/local'

const module = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'

export async function count() {
  const network = await createLocalNetwork({ modules: { [module]: await fetch('/aos.wasm') } })
  const ao = connect(network.units)
  const signer = createSigner(await generateJwk())
  const process = await ao.spawn({ module, scheduler: network.address, signer })
  const tags = [{ name: 'Action', value: 'Eval' }]
  const message = await ao.message({ process, signer, tags, data: 'return 6 * 7' })
  const { Output } = await ao.result({ process, message })
  await network.close()
  return `${network.worker ? 'in a worker' : 'in place'}, ${Output.data}`
}
