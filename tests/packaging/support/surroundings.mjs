// What most tests of this folder need around them.
import { after, before } from 'node:test'
import { launch } from '../../page/driver.mjs'
import { startEchoUnits } from './units.mjs'

/** `{ browser, units }` for the tests of the `describe` that calls this: filled before the first, and put away at the end. */
export function surround(name = 'chromium') {
  const surroundings = {}
  before(async () => {
    surroundings.units = await startEchoUnits()
    surroundings.browser = await launch(name)
  })
  after(async () => {
    await surroundings.browser?.close()
    await surroundings.units?.stop()
  })
  return surroundings
}
