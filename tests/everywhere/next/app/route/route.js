import { report } from '../../report.js'

export const dynamic = 'force-dynamic'

export async function GET() {
  return new Response(await report())
}
