import { connect, createSigner } from 'aoxide'

onmessage = async ({ data: { jwk, process, data, units } }) => {
  try {
    const ao = connect(units)
    const message = await ao.message({ process, data, signer: createSigner(jwk) })
    const { Output } = await ao.result({ process, message })
    postMessage({ answer: `${self.constructor.name} ${Output.data}` })
  } catch (error) {
    postMessage({ error: `${error.code}: ${error.message}` })
  }
}
