// A program that passes the web's own classes to the package. It is compiled where these have types.
import { connect } from 'aoxide'
import { loadModule } from 'aoxide/compute'
import { decodeReply } from 'aoxide/httpsig'
import { createLocalNetwork } from 'aoxide/local'

declare function same<A, B>(
  equal: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
): void

export async function web(process: string): Promise<void> {
  const { signal } = new AbortController()
  const counted: typeof fetch = (input, init) => fetch(input, init)
  const ao = connect({ MODE: 'legacy', fetch: counted })
  await ao.dryrun({ process, data: new Blob(['hello']), signal })
  const response = await connect({ MODE: 'mainnet', URL: 'https://node.example' }).request({ path: '/', signal })
  same<typeof response, Response>(true)
  const plain: Response = response
  await decodeReply(plain)
  await decodeReply(response.headers, new Blob())
  await loadModule(new Response(), { fetch, signal })
  await loadModule(new URL('https://example.com/aos.wasm'), { fetch: counted })
  const network = await createLocalNetwork()
  const answer: Response = await network.fetch(new Request('http://localhost/'), { signal })
  const own: typeof fetch = network.units.fetch
  await own(answer.url)
  await network.fetch(new URL('http://localhost/'))
  await loadModule(new Response(), {
    // @ts-expect-error: not a fetch
    fetch: (input: number) => input
  })
}
