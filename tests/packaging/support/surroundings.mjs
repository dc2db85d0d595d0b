// The browser, the units and the site that most tests of this folder use.
import { after, before } from 'node:test'
import { launch } from '../../page/driver.mjs'
import { startSite } from './site.mjs'
import { startEchoUnits } from './units.mjs'

/** `{ browser, units }` for the tests of the `describe` that calls this: started before the first, stopped after the last. */
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

/** `{ browser, site }` in the same way. The site serves the folder of `app()`, an application from install(). */
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
