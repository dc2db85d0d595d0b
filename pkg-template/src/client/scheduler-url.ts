// Where the schedule of a process is read when the client has no address of a scheduler unit. Fetched on first use.

import { AoError } from '../errors.js'

const PROCESS = 'query ($ids: [ID!]!) { transactions(ids: $ids) { edges { node { tags { name value } } } } }'
const LOCATION = `query ($owners: [String!]!) { transactions(owners: $owners, first: 1, sort: HEIGHT_DESC, tags: [
  { name: "Data-Protocol", values: ["ao"] }, { name: "Type", values: ["Scheduler-Location"] }]) { edges { node { tags { name value } } } } }`

interface Page {
  data?: { transactions?: { edges?: { node: { tags: { name: string; value: string }[] } }[] } }
}

/**
 * Returns the address of a process's scheduler unit, as the client's writes and reads find it: the public router if it knows the
 * process, otherwise the address that the process's scheduler has published. Its
 * schedule is verified, so neither the router nor the gateway is trusted.
 */
export async function schedulerUrl(
  process: string,
  { router, graphql, fetch }: { router: string; graphql: string; fetch: typeof globalThis.fetch }
): Promise<string> {
  const known = await fetch(`${router}?process-id=${process}`).catch(() => undefined)
  await known?.body?.cancel()
  if (known?.ok) return router
  const scheduler = await tagOf('Scheduler', PROCESS, { ids: [process] })
  const url = scheduler === undefined ? undefined : await tagOf('Url', LOCATION, { owners: [scheduler] })
  if (url === undefined || !/^https?:\/\//.test(url)) {
    const missing = scheduler === undefined ? `the process ${process}` : `where its scheduler ${scheduler} is`
    throw new AoError(
      'NOT_FOUND',
      `${graphql} does not know ${missing}. Give the scheduler unit's address as \`SU_URL\`.`
    )
  }
  return url.replace(/\/+$/, '')

  async function tagOf(name: string, query: string, variables: object): Promise<string | undefined> {
    const response = await fetch(graphql, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables })
    }).catch((cause: unknown) => {
      throw new AoError('HTTP_NETWORK', `${graphql} could not be reached. Check the address and the connection.`, {
        cause
      })
    })
    if (!response.ok) {
      const { status } = response
      throw new AoError('HTTP_STATUS', `${graphql} answered ${status} when asked for the scheduler of ${process}.`, {
        details: { status }
      })
    }
    const page = (await response.json().catch(() => ({}))) as Page
    return page.data?.transactions?.edges?.[0]?.node.tags.find((tag) => tag.name === name)?.value
  }
}
