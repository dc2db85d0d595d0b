import * as client from 'aoxide'
import * as ans104 from 'aoxide/ans104'
import * as compute from 'aoxide/compute'
import * as httpsig from 'aoxide/httpsig'
import * as local from 'aoxide/local'
import * as lua from 'aoxide/lua'
import { fixtures } from './fixtures.mjs'
import { run } from './program.mjs'

/** `'ok'` or the error for each capability of the package, as JSON. */
export const report = async () => JSON.stringify(await run({ client, ans104, httpsig, compute, local, lua }, fixtures))

/** Shows the report on a page. */
export async function show() {
  const answer = document.getElementById('answer')
  answer.textContent = await report()
  answer.dataset.state = 'done'
}
