import { fileURLToPath } from 'node:url'

// The frameworks are installed two folders above.
const root = fileURLToPath(new URL('../..', import.meta.url))

export default { turbopack: { root }, outputFileTracingRoot: root }
