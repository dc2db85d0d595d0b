import { connect } from 'aoxide'

export const runtime = 'edge'

/** The error of a verb: this runtime can neither compile bytes nor decompress them. */
export async function GET() {
  const ao = connect({ fetch: async () => Response.json({}) })
  const { code } = await ao
    .result({ process: 'P'.repeat(42) + 'A', message: 'M'.repeat(42) + 'A' })
    .catch((error) => error)
  return Response.json({ verb: code })
}
