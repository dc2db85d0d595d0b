import { report } from '../../report.js'

export const load = async () => ({ answer: await report() })
