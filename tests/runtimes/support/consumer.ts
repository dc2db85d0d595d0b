// A program that uses every entry of the package, and no class of the web. tests/runtimes/typescript.test.mjs compiles it.
import { AoError, connect, createSigner, generateJwk, load, message, type Evaluation, type Signer } from 'aoxide'
import { DataItem, deepHash } from 'aoxide/ans104'
import { loadModule, type ProcessEvaluation } from 'aoxide/compute'
import { decodeReply, encodeRequest, type Reply } from 'aoxide/httpsig'
import { createLocalNetwork, type LocalNetwork } from 'aoxide/local'

/** Compiles only if `T` is not `any`. */
declare function typed<T>(value: 0 extends 1 & T ? never : T): void

export async function verbs(process: string): Promise<string> {
  const signer: Signer = createSigner(await generateJwk())
  const ao = connect({ MODE: 'legacy', MU_URL: ['https://mu.example', 'https://mu2.example'], retry: 3 })
  const id: string = await ao.message({ process, signer, data: new Uint8Array(1), timeout: 1000 })
  const evaluation: Evaluation = await ao.result({ process, message: id, wait: true })
  typed(evaluation.Output)
  for await (const { node } of ao.stream({ process })) typed(node)
  const node = connect({ MODE: 'mainnet', URL: 'https://node.example', signer })
  const response = await node.request({ path: '/~meta@1.0/info' })
  typed(response)
  const status: number = response.status
  typed(await response.text())
  await load({ module: new Uint8Array(8) })
  await load({ module: '/aoxide.wasm' })
  // @ts-expect-error: not a module
  await load({ module: null })
  // @ts-expect-error: a process is text
  await message({ process: 1, signer })
  // @ts-expect-error: data is text, bytes or a Blob
  await message({ process, signer, data: 7 })
  // @ts-expect-error: not a signal
  await message({ process, signer, signal: true })
  return `${id} ${status}`
}

export async function items(signer: Signer): Promise<Uint8Array> {
  const item = await DataItem.create({ data: 'hello', tags: [{ name: 'Type', value: 'Note' }] }).sign(signer)
  const { valid } = await item.verify()
  const hash: Uint8Array = await deepHash(['dataitem', item.raw])
  return valid ? item.data : hash
}

export async function messages(signer: Signer): Promise<Reply> {
  const request = await encodeRequest({ url: 'https://node.example', fields: { list: [1, 'two'] }, signer })
  return decodeReply(request.headers, request.body)
}

export async function computing(): Promise<ProcessEvaluation> {
  const module = await loadModule('/aos.wasm', { engine: 'auto', onProgress: ({ phase }) => typed(phase) })
  const process = await module.instantiate({ Process: { Id: 'P', Tags: [] }, Module: { Id: 'M' } })
  try {
    return await process.handle({ Tags: [{ name: 'Action', value: 'Eval' }], Data: 'return 1' })
  } catch (error) {
    throw error instanceof AoError && error.code === 'ENGINE_TRAP' ? new Error(error.message) : error
  } finally {
    await module.close()
  }
}

export async function network(): Promise<LocalNetwork> {
  const network = await createLocalNetwork({ modules: { id: new Uint8Array(8) }, onEvent: ({ what }) => typed(what) })
  const ao = connect({ MODE: 'local', network })
  typed(await ao.spawn({ module: 'id', signer: createSigner(await generateJwk()) }))
  const response = await network.fetch('/~meta@1.0/info', { method: 'GET' })
  typed(response)
  typed(await network.answer({ method: 'GET', path: '/' }))
  connect(network.units)
  return network
}
