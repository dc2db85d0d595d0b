// Cloudflare Workers start no workers of their own. With `nodejs_compat` there is a `node:worker_threads` that only throws.

import type * as Start from '../../worker/start.js'

export * from '../../worker/start.js'

export const waysToStart: typeof Start.waysToStart = () => []
