import { report } from '../report.js'

export const dynamic = 'force-dynamic'

export default async function Page() {
  return <output id="answer">{await report()}</output>
}
