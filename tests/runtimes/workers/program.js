// The program of all runtimes, as a Cloudflare Worker.
import * as client from 'aoxide'
import * as ans104 from 'aoxide/ans104'
import * as compute from 'aoxide/compute'
import * as httpsig from 'aoxide/httpsig'
import * as local from 'aoxide/local'
import * as lua from 'aoxide/lua'
import { fixtures } from './fixtures.mjs'
import { CAPABILITIES, run } from './program.mjs'

// A worker may load the module when it is deployed, outside of any request.
await client.load()

export default {
  async fetch(request, { UNIT }) {
    const except = new URL(request.url).searchParams.getAll('except')
    const only = CAPABILITIES.filter((name) => !except.includes(name))
    const made = {}
    const modules = { client, ans104, httpsig, compute, local, lua }
    return Response.json({ report: await run(modules, { ...fixtures, unit: UNIT }, { made, only }), made })
  }
}
