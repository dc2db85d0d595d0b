// Builds the package with unconfigured bundlers and opens the result in Chromium.
import { describe, test } from 'node:test'
import { install } from './support/app.mjs'
import { serveWithVite } from './support/bundle.mjs'
import { assertWithoutRsa, checkPage, checkSite } from './support/check.mjs'
import { surround } from './support/surroundings.mjs'

describe('bundlers', () => {
  const surroundings = surround()

  test('a Vite build with TypeScript works in the browser', async () => {
    const app = await install('examples/vite')
    await app.script('build')
    const { files } = await checkSite(app, '/dist', surroundings)
    assertWithoutRsa(app, 'dist', files)
  })

  test("Vite's development server serves a working page", async () => {
    const app = await install('examples/vite', 'vite-dev')
    const server = await serveWithVite(app)
    try {
      await checkPage(server.url, surroundings)
    } finally {
      await server.stop()
    }
  })

  test('a webpack build works in the browser', async () => {
    const app = await install('examples/webpack')
    await app.script('build')
    const buttons = ['#sign', '#send']
    const { files } = await checkSite(app, '', { ...surroundings, buttons })
    assertWithoutRsa(app, '', files)
  })

  test('an esbuild build with splitting works in the browser', async () => {
    const app = await install('examples/esbuild')
    await app.script('build:split')
    const { files } = await checkSite(app, '', surroundings)
    assertWithoutRsa(app, '', files)
  })

  test('an esbuild build in one file works in the browser', async () => {
    const app = await install('examples/esbuild', 'esbuild-one')
    await app.script('build')
    await checkSite(app, '', surroundings)
  })
})
