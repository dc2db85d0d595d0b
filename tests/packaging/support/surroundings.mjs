// What most tests of this folder need around them.
import { after, before } from 'node:test'
import { launch } from '../../page/driver.mjs'
import { startSite } from './site.mjs'
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

/** `{ browser, site }` in the same way; the site is what `app()`, which install() gave, is at home in. */
export function surroundWithSite(name, app) {
  const surroundings = {}
  before(async () => {
    surroundings.browser = await launch(name)
    surroundings.site = await startSite(app().home)
  })
  after(async () => {
    await surroundings.browser?.close()
    await surroundings.site?.stop()
  })
  return surroundings
}
