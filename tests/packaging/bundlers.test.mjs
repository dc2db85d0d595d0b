// The package through bundlers that were told nothing about it, opened in Chromium.
import { after, before, describe, test } from 'node:test'
import { createServer } from 'vite'
import { launch } from '../page/driver.mjs'
import { install } from './support/app.mjs'
import { assertWithoutRsa, checkPage, checkSite } from './support/check.mjs'
import { HOST, startEchoUnits } from './support/units.mjs'

describe('bundlers', () => {
  let units
  let browser
  before(async () => {
    units = await startEchoUnits()
    browser = await launch('chromium')
  })
  after(async () => {
    await browser?.close()
    await units?.stop()
  })

  test('Vite, built, with TypeScript', async () => {
    const app = await install('examples/vite')
    await app.script('build')
    const { files } = await checkSite(app, '/dist', { browser, units })
    assertWithoutRsa(app, 'dist', files)
  })

  test('Vite, its server for development', async () => {
    const app = await install('examples/vite', 'vite-dev')
    const server = await createServer({ root: app.home, logLevel: 'silent', server: { host: HOST, port: 0 } })
    try {
      await server.listen()
      await checkPage(`http://${HOST}:${server.httpServer.address().port}/`, { browser, units })
    } finally {
      await server.close()
    }
  })

  test('webpack', async () => {
    const app = await install('examples/webpack')
    await app.script('build')
    const buttons = ['#sign', '#send']
    const { files } = await checkSite(app, '', { browser, units, buttons })
    assertWithoutRsa(app, '', files)
  })

  test('esbuild with splitting', async () => {
    const app = await install('examples/esbuild')
    await app.script('build:split')
    const { files } = await checkSite(app, '', { browser, units })
    assertWithoutRsa(app, '', files)
  })

  test('esbuild, all in one file', async () => {
    const app = await install('examples/esbuild', 'esbuild-one')
    await app.script('build')
    await checkSite(app, '', { browser, units })
  })
})
