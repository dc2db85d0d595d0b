import { report } from '../../report.js'

export const GET = async () => new Response(await report())
